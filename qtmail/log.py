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
from dataclasses import dataclass

PROTOCOL_LOG_LINES = 2000
PROTOCOL_LOG_WIDTH = 400


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
        self._lock = threading.Lock()

    def sent(self, text: str | bytes) -> None:
        self._add("C", text)

    def received(self, text: str | bytes) -> None:
        self._add("S", text)

    def note(self, text: str) -> None:
        self._add("*", text)

    def lines(self) -> list[LogLine]:
        with self._lock:
            return list(self._lines)

    def _add(self, direction: str, text: str | bytes) -> None:
        if isinstance(text, bytes):
            text = text[: PROTOCOL_LOG_WIDTH + 1].decode("utf-8", "replace")
        text = text.rstrip("\r\n")
        if len(text) > PROTOCOL_LOG_WIDTH:
            text = text[:PROTOCOL_LOG_WIDTH] + "…"
        with self._lock:
            self._lines.append(LogLine(time.time(), direction, text))
