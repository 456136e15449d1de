"""The bytes of a message as DATA and BDAT carry them (RFC 5321 section 4.5.2, RFC 3030)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qtmail.errors import MessageUnsendable


def checked(message: Iterable[bytes]) -> Iterator[bytes]:
    """The message with a line end at its end, in pieces that never end between a CR and its LF.

    Raises MessageUnsendable if there is nothing, or a CR or LF on its own: some servers take that for a line
    end and others do not, so that a message could hide another one behind it (CVE-2023-51764).
    """
    held = tail = b""
    for piece in message:
        data = held + piece
        held = b"\r" if data.endswith(b"\r") else b""
        data = data.removesuffix(b"\r")
        if not data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n"):
            raise _bare_line_end()
        if data:
            tail = (tail + data[-2:])[-2:]
            yield data
    if held:
        raise _bare_line_end()
    if not tail:
        raise MessageUnsendable("The message is empty.")
    if tail != b"\r\n":
        yield b"\r\n"


def _bare_line_end() -> MessageUnsendable:
    return MessageUnsendable(
        "The message has line ends that mail servers understand differently, so it was not sent.",
        advice="Write it anew; a message from a file must have CRLF line ends.",
        detail="bare CR or LF",
    )


def dot_stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces from `checked` with a second dot before each dot that begins a line (RFC 5321 section
    4.5.2)."""
    at_line_start = True
    for data in pieces:
        stuffed = data.replace(b"\r\n.", b"\r\n..")
        yield b"." + stuffed if at_line_start and data.startswith(b".") else stuffed
        at_line_start = data.endswith(b"\r\n")


def chunks(pieces: Iterable[bytes], size: int, last_size: int) -> Iterator[tuple[bytes, bool]]:
    """Chunks of up to `size` bytes, and whether each is the last, which has `last_size` bytes at most."""
    buffer = bytearray()
    for data in pieces:
        buffer += data
        while len(buffer) > size + last_size:
            yield bytes(buffer[:size]), False
            del buffer[:size]
    if len(buffer) > last_size:
        yield bytes(buffer[:-last_size]), False
        del buffer[:-last_size]
    yield bytes(buffer), True
