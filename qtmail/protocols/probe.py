"""The first two steps to a server on their own, for naming the layer that fails."""

from __future__ import annotations

import time

from qtmail.protocols.connection import look_up_addresses, open_socket


def look_up(host: str, port: int, timeout: float) -> list[str]:
    """The addresses a host name stands for. Raises ConnectionFailed (layer NAME_LOOKUP)."""
    return [str(address[0]) for _, address in look_up_addresses(host, port, time.monotonic() + timeout)]


def try_connection(host: str, port: int, timeout: float) -> None:
    """Connect and hang up. Raises ConnectionFailed (layer NAME_LOOKUP or CONNECTION)."""
    open_socket(host, port, timeout).close()
