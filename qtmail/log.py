"""Logging for developers and the protocol log for users.

Named loggers under "qtmail"; nothing here ever receives a secret: whoever writes to a log leaves passwords,
tokens and message text out at the source, because a filter that removes them later is a filter that will miss
one.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

PROTOCOL_LOG_LINES = 2000
PROTOCOL_LOG_WIDTH = 400
HIDDEN = "***"
_LEAST_HIDDEN = 4
"""Characters; what is shorter stands in every second line by chance."""
_LONGEST_LOOK = 16 * 1024
"""Bytes of a line that are looked at."""
_HIDDEN_TEXTS = 20
"""How many secrets a log keeps out: those of the last sign-ins."""


def logger(name: str) -> logging.Logger:
    """The logger of one module, named in the field's words ("imap", "store")."""
    return logging.getLogger(f"qtmail.{name}")


def configure(*, debug: bool) -> None:
    """Send warnings, or with `debug` everything, to standard error."""
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # imapclient logs every command it sends, the LOGIN line included.
    logging.getLogger("imapclient").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a protocol conversation: `direction` is "C" (sent), "S" (received) or "*" (a remark)."""

    when: float
    direction: str
    text: str


class ProtocolLog:
    """The last lines of the conversation with one account's servers; safe to use from several threads."""

    def __init__(self, lines: int = PROTOCOL_LOG_LINES) -> None:
        self._lines: deque[LogLine] = deque(maxlen=lines)
        self._hidden: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def sent(self, text: bytes, *, shown: bytes | None = None) -> None:
        """`shown`: what to log in place of a text that ends in a secret, with *** for that; servers that
        repeat what they were told are not quoted with it either.
        """
        if shown is not None:
            start = shown.partition(HIDDEN.encode())[0]
            self.hide(text.removeprefix(start))
        self._add("C", text if shown is None else shown)

    def received(self, text: str | bytes) -> None:
        self._add("S", text)

    def note(self, text: str) -> None:
        self._add("*", text)

    def extend(self, lines: Iterable[LogLine]) -> None:
        """Take over what was said in another conversation."""
        with self._lock:
            self._lines.extend(lines)

    def hide(self, secret: str | bytes) -> None:
        """Keep this out of the log from now on."""
        text = secret.decode("utf-8", "replace") if isinstance(secret, bytes) else secret
        if len(text) >= _LEAST_HIDDEN:
            with self._lock:
                others = [hidden for hidden in self._hidden if hidden != text]
                self._hidden = (*others[1 - _HIDDEN_TEXTS :], text)

    def discreet(self, text: str) -> str:
        """The text without what is to be hidden."""
        # The longest first: a password may be part of what was made of it.
        for secret in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def lines(self) -> list[LogLine]:
        with self._lock:
            return list(self._lines)

    def _add(self, direction: str, text: str | bytes) -> None:
        if isinstance(text, bytes):
            text = text[:_LONGEST_LOOK].decode("utf-8", "replace")
        text = self.discreet(text.rstrip("\r\n"))  # before it is cut, for half a secret is one too
        if len(text) > PROTOCOL_LOG_WIDTH:
            text = text[:PROTOCOL_LOG_WIDTH] + "…"
        with self._lock:
            self._lines.append(LogLine(time.time(), direction, text))
