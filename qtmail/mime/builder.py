"""Builds the bytes of a message (RFC 5322, RFC 2045 to 2049), piece by piece.

    mixed                       where files are attached
    ├─ alternative              where there is HTML beside text
    │  ├─ text/plain
    │  └─ related               where the HTML shows pictures (RFC 2387)
    │     ├─ text/html
    │     └─ picture …
    └─ file …

Every part is a generator of its header fields, an empty line and its body, and runs when its turn comes:
texts are held in memory, files are read while the message is written.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from itertools import chain

from qtmail.domain.address import Address
from qtmail.errors import FileFailed, MessageUnsendable
from qtmail.mime.flow import flow
from qtmail.mime.header_writer import (
    address_field,
    date_field,
    extra_field,
    id_field,
    message_id_field,
    text_field,
)
from qtmail.mime.outgoing import OutgoingMessage, OutgoingPart
from qtmail.mime.parameter_writer import disposition_field, sendable_name, sendable_type, type_field
from qtmail.mime.recode import attached_to_seven_bit
from qtmail.mime.sendable import address_fault, shown
from qtmail.mime.transfer_writer import base64_lines, encode_text, encoding_field, fits_lines, with_crlf

PIECE = 256 * 1024
"""Bytes that are gathered before they are handed on: each piece costs a write somewhere."""
LARGEST = 512 * 1024
"""Bytes from which on a text or an attached message is handed on in several pieces."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNFIT_FOR_ID = re.compile(r"[^!-;=?-~]")
_OCTETS = "application/octet-stream"


def build(message: OutgoingMessage, *, include_bcc: bool = False, eight_bit: bool = False) -> Iterator[bytes]:
    """The message with CRLF line ends, in pieces of 256 to 768 kB.

    What is wrong with the header is raised at once, what is wrong with a file when it is read.

    Args:
        include_bcc: for a draft, which only its writer sees: with Bcc, with people that have no address yet,
            with or without a sender.
        eight_bit: text may travel as it is (8BITMIME); else everything is ASCII, but for addresses that
            need SMTPUTF8.

    Raises:
        MessageUnsendable: an address or a header field cannot be written.
        FileFailed: an attachment is gone, cannot be read, or changed while it was read.
    """
    header = b"".join(_header(message, draft=include_bcc))
    return _gathered(chain((header,), _Parts(message, eight_bit).root()))


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a good size."""
    waiting: list[bytes] = []
    size = 0
    for piece in chain.from_iterable(map(_cut, pieces)):
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _cut(piece: bytes) -> Iterable[bytes]:
    if len(piece) <= LARGEST:
        return (piece,)
    return (piece[start : start + LARGEST] for start in range(0, len(piece), LARGEST))


def _header(message: OutgoingMessage, *, draft: bool) -> Iterator[bytes]:
    sender = _people("From", (message.from_,), draft)
    if not sender and not draft:
        raise MessageUnsendable("The message has no sender.", advice="Choose an identity with an address.")
    yield date_field(message.date)
    yield sender
    yield _people("Reply-To", message.reply_to, draft)
    yield from _recipients(message, draft)
    yield text_field("Subject", message.subject)
    yield message_id_field(message.message_id)
    yield id_field("In-Reply-To", [message.in_reply_to])
    yield id_field("References", message.references)
    for name, value in message.extra:
        yield extra_field(name, value)
    yield b"MIME-Version: 1.0\r\n"


def _recipients(message: OutgoingMessage, draft: bool) -> Iterator[bytes]:
    """To and Cc. Where all recipients are blind, To says so: servers and spam filters look askance at mail
    that names nobody."""
    to, cc = _people("To", message.to, draft), _people("Cc", message.cc, draft)
    if not draft and not to and not cc and message.bcc:
        to = b"To: undisclosed-recipients:;\r\n"
    yield to
    yield cc
    if draft:
        yield _people("Bcc", message.bcc, draft)


def _people(name: str, people: tuple[Address, ...], draft: bool) -> bytes:
    """An address field. What is no address yet is kept in a draft, as the name of an empty group."""
    if not draft:
        return address_field(name, people)
    kept = (Address(str(one), "") if address_fault(one.address) else one for one in people)
    return address_field(name, kept, groups=True)


class _Parts:
    """The parts of one message.

    Attributes:
        eight_bit: text may travel as it is.
    """

    def __init__(self, message: OutgoingMessage, eight_bit: bool) -> None:
        self.message = message
        self.eight_bit = eight_bit

    def root(self) -> Iterator[bytes]:
        files = self.message.attachments
        if self.message.html is None:
            files = self.message.inline + files
        if not files:
            return self._texts()
        return self._multipart("mixed", [self._texts(), *(self._attachment(part) for part in files)])

    def _texts(self) -> Iterator[bytes]:
        if self.message.html is None:
            return self._plain()
        if not self.message.text.strip():
            return self._rich(self.message.html)
        return self._multipart("alternative", [self._plain(), self._rich(self.message.html)])

    def _plain(self) -> Iterator[bytes]:
        text = _clean(self.message.text)
        if self.message.flowed:
            return self._text("plain", flow(text), format="flowed")
        return self._text("plain", text)

    def _rich(self, html: str) -> Iterator[bytes]:
        page = self._text("html", _clean(html))
        if not self.message.inline:
            return page
        pictures = [_file(part, "inline", _content(part)) for part in self.message.inline]
        return self._multipart("related", [page, *pictures], type="text/html")

    def _text(self, subtype: str, text: str, **parameters: str) -> Iterator[bytes]:
        if text and not text.endswith("\n"):
            text += "\n"
        encoding, body = encode_text(text.replace("\n", "\r\n").encode(), eight_bit=self.eight_bit)
        charset = "us-ascii" if text.isascii() else "utf-8"
        yield type_field(f"text/{subtype}", charset=charset, **parameters)
        yield encoding_field(encoding)
        yield b"\r\n"
        yield body

    def _multipart(self, subtype: str, parts: list[Iterator[bytes]], **parameters: str) -> Iterator[bytes]:
        # Lines of base64 and of our quoted-printable never begin with "--", and what travels as it is cannot
        # know 128 random bits.
        boundary = f"=_{secrets.token_hex(16)}"
        yield type_field(f"multipart/{subtype}", boundary=boundary, **parameters)
        if self.eight_bit:  # what is inside may be, and a multipart has to admit it (RFC 2045 section 6.4)
            yield encoding_field("8bit")
        for part in parts:
            yield f"\r\n--{boundary}\r\n".encode()
            yield from part
        yield f"\r\n--{boundary}--\r\n".encode()

    def _attachment(self, part: OutgoingPart) -> Iterator[bytes]:
        if sendable_type(part.content_type) == "message/rfc822":
            return self._attached_message(part)
        return _file(part, "attachment", _content(part))

    def _attached_message(self, part: OutgoingPart) -> Iterator[bytes]:
        """Never in base64, which readers would not undo (RFC 2046 section 5.2.1): recoded inside where it
        cannot travel as it is. Where that would break a signature, or it is no message, it is a mere file."""
        original = b"".join(_content(part))
        message = with_crlf(original)
        try:
            if not (self.eight_bit and fits_lines(message)):
                message = attached_to_seven_bit(message)
        except MessageUnsendable:
            yield from _file(part, "attachment", [original], _OCTETS)
            return
        yield from _file_header(part, "attachment", "message/rfc822", "7bit" if message.isascii() else "8bit")
        yield message


def _file(
    part: OutgoingPart, disposition: str, content: Iterable[bytes], content_type: str = ""
) -> Iterator[bytes]:
    """A part in base64."""
    content_type = content_type or sendable_type(part.content_type)
    if content_type.startswith("message/"):  # must not be in base64 (RFC 2046 section 5.2)
        content_type = _OCTETS
    yield from _file_header(part, disposition, content_type, "base64")
    yield from base64_lines(content)


def _file_header(part: OutgoingPart, disposition: str, content_type: str, encoding: str) -> Iterator[bytes]:
    name = sendable_name(part.filename)
    yield type_field(content_type, filename=name)
    yield encoding_field(encoding)
    yield disposition_field(disposition, name)
    if part.content_id:
        yield f"Content-ID: <{_UNFIT_FOR_ID.sub('_', part.content_id)}>\r\n".encode()
    yield b"\r\n"


def _content(part: OutgoingPart) -> Iterator[bytes]:
    """The content of a part, which must be as long as was said: half a file is worse than none."""
    size = 0
    for piece in part.open():
        size += len(piece)
        if size > part.size:
            break
        yield piece
    if size != part.size:
        raise FileFailed(
            f"“{shown(part.filename)}” changed while it was being read.",
            advice="Attach it again.",
            detail=f"It was said to have {part.size} bytes.",
        )


def _clean(text: str) -> str:
    """Text that UTF-8 can hold, with LF line ends, without the control characters that no reader shows."""
    text = _LINE_END.sub("\n", _LONE_SURROGATE.sub("\ufffd", text))
    return _CONTROLS.sub("", text).removeprefix("\ufeff")
