"""The text of a message as RETR and TOP carry it (RFC 1939 section 3), made what it was before."""

from __future__ import annotations

_END = b"\r\n.\r\n"
_BEGUN = tuple(_END[:length] for length in range(len(_END) - 1, 0, -1))


class Unstuffing:
    """Takes the dots away that were put before dots, and finds the end, whatever pieces the text comes in.

    Only CRLF is a line end. A server that sends a message with bare line feeds as it is stuffs no dots after
    these, so taking them for line ends would let a message end early, and let what follows pass for the
    server's next answers.

    Attributes:
        ended: the line with a single dot has come.
    """

    def __init__(self) -> None:
        # The line end before the text: so a dot at its beginning, or its end there, needs no rule of its own.
        self._held = b"\r\n"
        self._unsaid = len(self._held)
        self.ended = False

    def feed(self, piece: bytes) -> tuple[bytes, int]:
        """The text that is certain now, and how many bytes of `piece` were used: fewer than all of them only
        once the text has ended."""
        data = self._held + piece
        end = data.find(_END)
        if end >= 0:
            self.ended = True
            used = end + len(_END) - len(self._held)
            return self._certain(data[: end + 2]), used
        self._held = next((begun for begun in _BEGUN if data.endswith(begun)), b"")
        return self._certain(data[: len(data) - len(self._held)]), len(piece)

    def _certain(self, data: bytes) -> bytes:
        unsaid = min(self._unsaid, len(data))
        self._unsaid -= unsaid
        return data.replace(b"\r\n.", b"\r\n")[unsaid:]
