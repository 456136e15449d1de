"""The least IMAP client that can set a scene for a test: commands in, untagged lines out, mail in bulk.

It shares no code of ours with the program it helps to test.
"""

from __future__ import annotations

import contextlib
import imaplib
import itertools
import socket
from collections.abc import Iterable, Iterator
from types import TracebackType

from imapclient import imap_utf7

from tests.end2end.processes import LOOPBACK, ServerFailed
from tests.end2end.sample_mail import Mail

APPEND_BATCH = 500
TIME_LIMIT = 60.0
"""Seconds to wait for an answer."""


class CommandSession:
    """One signed-in session that sends commands and appends messages: what tests need to set a scene."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), timeout=TIME_LIMIT)
        self._reader = self._socket.makefile("rb")
        self._tags = itertools.count(1)
        self._reader.readline()
        self.command(f'LOGIN "{user}" "{password}"')

    def __enter__(self) -> CommandSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()
        self._socket.close()

    def command(self, line: str) -> list[str]:
        """Send one command and return the untagged lines before its OK.

        Raises:
            ServerFailed: the answer was NO or BAD.
        """
        return self._exchange([line.encode(), b"\r\n"])

    def append(self, folder: str, mails: Iterable[Mail]) -> None:
        """MULTIAPPEND (RFC 3502) with non-synchronising literals (RFC 7888)."""
        name = imap_utf7.encode(folder)
        with contextlib.suppress(ServerFailed):
            self._exchange([b'CREATE "', name, b'"\r\n'])
        for batch in _batches(mails, APPEND_BATCH):
            pieces = [b'APPEND "', name, b'"']
            for mail in batch:
                pieces += [_append_head(mail), mail.raw]
            self._exchange([*pieces, b"\r\n"])

    def _exchange(self, pieces: list[bytes]) -> list[str]:
        tag = f"T{next(self._tags)} ".encode()
        self._socket.sendall(b"".join([tag, *pieces]))
        untagged: list[str] = []
        for line in self._reader:
            if line.startswith(tag):
                if not line.startswith(tag + b"OK"):
                    raise ServerFailed(line.decode("utf-8", "replace").strip())
                return untagged
            untagged.append(line.decode("utf-8", "replace").rstrip("\r\n"))
        raise ServerFailed("the server closed the connection")


def _append_head(mail: Mail) -> bytes:
    date = f" {imaplib.Time2Internaldate(mail.date)}" if mail.date else ""
    return f" ({' '.join(mail.flags)}){date} {{{len(mail.raw)}+}}\r\n".encode()


def _batches(mails: Iterable[Mail], size: int) -> Iterator[list[Mail]]:
    remaining = iter(mails)
    while batch := list(itertools.islice(remaining, size)):
        yield batch
