"""Remote pictures: what the reading pane needs from the program to show them, once the user allowed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class RemoteFetcher(Protocol):
    """Fetches remote pictures for the reading pane, without cookies, referrer or anything else that tells
    who reads.
    """

    def fetch(self, url: str, done: Callable[[bytes | None, str], None]) -> None:
        """Fetch the picture at `url` in the background; on the GUI thread call `done` with its bytes and
        MIME type.

        Where it could not be had, `done` is called with None and "".
        """
        ...


class TrustedSenders(Protocol):
    """Remembers whose messages may always show remote pictures; addresses are compared in lower case."""

    def allowed(self, address: str) -> bool: ...

    def allow(self, address: str) -> None: ...


class NobodyTrusted:
    """No sender is trusted and nothing is remembered: for windows that show a message of no account."""

    def allowed(self, address: str) -> bool:
        return False

    def allow(self, address: str) -> None:
        return None
