"""The first step to a server on its own, for naming the layer that fails."""

from __future__ import annotations

import time

from qtmail.protocols.connection import look_up_addresses


def look_up(host: str, port: int, timeout: float) -> list[str]:
    """The addresses a host name stands for. Raises ConnectionFailed (layer NAME_LOOKUP)."""
    return [str(address[0]) for _, address in look_up_addresses(host, port, time.monotonic() + timeout)]
