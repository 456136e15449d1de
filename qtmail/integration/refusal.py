"""What the system refuses, told in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qtmail.errors import Retry, SystemRefused


@contextmanager
def refusing(sentence: str, *, advice: str) -> Iterator[None]:
    """Within it an OSError becomes a SystemRefused with this sentence and advice."""
    try:
        yield
    except OSError as error:
        raise SystemRefused(sentence, advice=advice, detail=str(error), retry=Retry.ASK_USER) from error
