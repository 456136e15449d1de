"""A message that exists already (a file, the output of a program) made fit for being handed in (RFC 6409).

What it says stays as it is. What a message must have and this one lacks is added, what may not be sent (Bcc)
is taken out, and line ends become what the protocol wants. The envelope is read from the header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.header_writer import date_field, message_id_field
from qtmail.mime.headers import decode_header
from qtmail.mime.sendable import needs_smtputf8, new_message_id, wire_address

MAX_LINE = 998
"""Bytes, without the line end (RFC 5322 section 2.1.1)."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_TOO_LONG = re.compile(rb"[^\n]{%d,}" % (MAX_LINE + 1))


@dataclass(frozen=True, slots=True)
class Submission:
    """A message and its envelope.

    Attributes:
        content: the whole message with CRLF line ends.
        sender: the envelope sender; recipients: each once.
        message_id: without angle brackets.
        from_address: who wrote it, as From says.
    """

    content: bytes
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str
    from_address: str
    needs_smtputf8: bool


def read_submission(raw: bytes, *, date: datetime, recipients: tuple[str, ...] = ()) -> Submission:
    """Read the envelope of a message and complete its header.

    Args:
        date: for the Date field if there is none.
        recipients: the envelope recipients where the header does not decide.

    Raises:
        MessageUnsendable: no sender, no recipient, or something no server takes.
    """
    fields, body = _split(raw)
    author = _author(fields)
    names = _addresses(fields, b"resent-to", b"resent-cc", b"resent-bcc") or _addresses(
        fields, b"to", b"cc", b"bcc"
    )
    wanted = recipients or tuple(one.address for one in names if one.address)
    if not wanted:
        raise MessageUnsendable("The message names nobody to send it to.", advice="Add a To field.")
    message_id = _first(fields, b"message-id").strip().strip(b"<>").decode("ascii", "replace")
    kept = [(name, text) for name, text in fields if name not in (b"bcc", b"resent-bcc")]
    lines = [text for _, text in kept]
    if not message_id:
        message_id = new_message_id(author)
        lines.append(message_id_field(message_id).rstrip(b"\r\n"))
    if not _first(fields, b"date"):
        lines.append(date_field(date).rstrip(b"\r\n"))
    header = b"".join(line + b"\n" for line in lines)
    _check_header(header)
    content = (header + b"\n" + body).replace(b"\n", b"\r\n")
    envelope = tuple(dict.fromkeys(wire_address(one) for one in wanted))
    sender = wire_address(author)
    return Submission(
        content,
        sender,
        envelope,
        message_id,
        decode_header(_first(fields, b"subject")),
        author,
        not header.isascii() or needs_smtputf8((sender, *envelope)),
    )


def _split(raw: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The fields as (name in lower case, whole text with its folds) and the body, lines ending in LF."""
    text = _LINE_END.sub(b"\n", raw)
    if text.startswith(b"From "):  # the separator of an mbox is no field
        text = text.partition(b"\n")[2]
    header, _, body = text.partition(b"\n\n")
    if b"\0" in text:
        raise MessageUnsendable("The message has a NUL byte in it, which no mail server takes.")
    if _TOO_LONG.search(text):
        raise MessageUnsendable(
            f"The message has a line longer than {MAX_LINE} bytes, which mail servers do not take.",
            advice="Have the program that made it use quoted-printable or base64.",
        )
    fields: list[tuple[bytes, bytes]] = []
    for line in header.split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            name, before = fields[-1]
            fields[-1] = (name, before + b"\n" + line)
        elif found := _FIELD.fullmatch(line):
            fields.append((found[1].lower(), line))
        elif line:
            raise MessageUnsendable(
                "This is not a mail message: its header has a line that is no field.",
                detail=line[:80].decode("ascii", "replace"),
            )
    if not fields:
        raise MessageUnsendable("This is not a mail message: it has no header.")
    return fields, body if not body or body.endswith(b"\n") else body + b"\n"


def _author(fields: list[tuple[bytes, bytes]]) -> str:
    for name in (b"resent-sender", b"resent-from", b"sender", b"from"):
        for one in _addresses(fields, name):
            if one.address:
                return one.address
    raise MessageUnsendable("The message does not say who it is from.", advice="Add a From field.")


def _addresses(fields: list[tuple[bytes, bytes]], *names: bytes) -> list[Address]:
    return [
        one
        for name, text in fields
        if name in names
        for one in parse_addresses(text.partition(b":")[2].replace(b"\n", b""))
    ]


def _first(fields: list[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    found = next((text for name, text in fields if name == wanted), b"")
    return found.partition(b":")[2].replace(b"\n", b"").strip()


def _check_header(header: bytes) -> None:
    """Raw 8-bit text in a header is UTF-8 (RFC 6532) or nothing that may be sent."""
    try:
        header.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MessageUnsendable(
            "The header of the message has bytes that are neither ASCII nor UTF-8.",
            detail=str(error),
        ) from error
