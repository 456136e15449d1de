"""A message that exists already (a file, the output of a program) made fit for being handed in (RFC 6409).

What it says stays as it is. What a message must have and this one lacks is added, what may not be sent (Bcc)
is taken out, and line ends become what the protocol wants. The envelope is read from the header; of a message
that was sent on (RFC 5322 section 3.6.6) from the latest Resent- fields, which stand on top.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.addresses import MAX_ADDRESSES, MAX_LENGTH, parse_addresses
from qtmail.mime.header_writer import date_field, message_id_field
from qtmail.mime.headers import decode_header
from qtmail.mime.sendable import needs_smtputf8, new_message_id, shown, wire_address

MAX_LINE = 998
"""Bytes, without the line end (RFC 5322 section 2.1.1)."""

_LINE_END = re.compile(rb"\r*\n|\r")
"""CR CR LF is one line end: files get it that were made fit for Windows twice."""
_NEXT_FIELD = re.compile(rb"\n(?![ \t])")
_BLANK_FOLD = re.compile(rb"\n[ \t]+(?=\n|\Z)")
"""A line of white space within a field: some servers take it for the end of the header."""
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_TOO_LONG = re.compile(rb"^[^\n]{%d}" % (MAX_LINE + 1), re.MULTILINE)
_MESSAGE_ID = re.compile(rb"<([!-;=?-~]+)>")
_BARE_MESSAGE_ID = re.compile(rb"[!-;=?-~]+")
_NEXT_IN_MBOX = re.compile(rb"\n\nFrom [^\n]* \d{4}\n[!-9;-~]+:")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HIDDEN = (b"bcc", b"resent-bcc")


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


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a header.

    Attributes:
        name: in lower case.
        text: all of it, folded as it was, lines ending in LF.
    """

    name: bytes
    text: bytes

    @property
    def value(self) -> bytes:
        return self.text.partition(b":")[2].replace(b"\n", b"").strip()


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
    wanted = recipients or _recipients(fields)
    if not wanted:
        raise MessageUnsendable("The message names nobody to send it to.", advice="Add a To field.")
    envelope = tuple(dict.fromkeys(wire_address(one) for one in wanted))
    sender = wire_address(author)
    message_id = next(filter(None, map(_message_id, fields)), "") or new_message_id(author)
    header = _completed(fields, message_id, date)
    subject = next((field.value for field in fields if field.name == b"subject"), b"")
    return Submission(
        (header + b"\n" + body).replace(b"\n", b"\r\n"),
        sender,
        envelope,
        message_id,
        decode_header(subject),
        author,
        not header.isascii() or needs_smtputf8((sender, *envelope)),
    )


def _split(raw: bytes) -> tuple[list[_Field], bytes]:
    """The fields of the header, and the body, lines ending in LF."""
    if raw.startswith(_UTF_16):
        raise MessageUnsendable("This is a text in UTF-16, and no mail message.", advice="Save it as UTF-8.")
    text = _LINE_END.sub(b"\n", raw.removeprefix(_BYTE_ORDER_MARK))
    if text.startswith(b"From "):  # the separator of an mbox is no field
        text = text.partition(b"\n")[2]
        if _NEXT_IN_MBOX.search(text):
            raise MessageUnsendable(
                "The file holds several messages.", advice="Send them one by one, each from its own file."
            )
    _check_lines(text)
    header, _, body = text.partition(b"\n\n")
    fields = list(map(_read_field, _NEXT_FIELD.split(_BLANK_FOLD.sub(b"", header).rstrip(b"\n"))))
    return fields, body if not body or body.endswith(b"\n") else body + b"\n"


def _check_lines(text: bytes) -> None:
    if not text.strip():
        raise MessageUnsendable("This is not a mail message: it has no header.")
    if b"\0" in text:
        raise MessageUnsendable("The message has a NUL byte in it, which no mail server takes.")
    if _TOO_LONG.search(text):
        raise MessageUnsendable(
            f"The message has a line longer than {MAX_LINE} bytes, which mail servers do not take.",
            advice="Have the program that made it use quoted-printable or base64.",
        )


def _read_field(text: bytes) -> _Field:
    found = _FIELD.fullmatch(text)
    if found is None:
        raise MessageUnsendable(
            "This is not a mail message: its header has a line that is no field.",
            detail=text[:80].decode("ascii", "replace"),
        )
    # Space before the colon was allowed once (RFC 5322 section 4.5); strict readers end the header there.
    return _Field(found[1].lower(), found[1] + b":" + found[2])


# The envelope


def _author(fields: list[_Field]) -> str:
    for name in (b"resent-sender", b"resent-from"):
        for address in _addresses(_latest_resent(fields), name):
            return address
    for name in (b"sender", b"from"):
        for address in _addresses(fields, name):
            return address
    raise MessageUnsendable("The message does not say who it is from.", advice="Add a From field.")


def _recipients(fields: list[_Field]) -> tuple[str, ...]:
    """Of a message that was sent on those it was sent on to, and nobody of those before."""
    resent = _latest_resent(fields)
    if resent:
        return _addresses(resent, b"resent-to", b"resent-cc", b"resent-bcc")
    return _addresses(fields, b"to", b"cc", b"bcc")


def _latest_resent(fields: list[_Field]) -> list[_Field]:
    """The first block of Resent- fields; a name that comes again begins the one before."""
    block: list[_Field] = []
    for field in fields:
        resent = field.name.startswith(b"resent-")
        if block and (not resent or any(field.name == one.name for one in block)):
            break
        if resent:
            block.append(field)
    return block


def _addresses(fields: list[_Field], *names: bytes) -> tuple[str, ...]:
    people = [one for field in fields if field.name in names for one in _people(field)]
    return tuple(one.address for one in people if one.address)


def _people(field: _Field) -> tuple[Address, ...]:
    """Everybody a field names. Raises MessageUnsendable rather than to leave somebody out."""
    people = parse_addresses(field.value)
    if len(field.value) > MAX_LENGTH or len(people) >= MAX_ADDRESSES:
        raise MessageUnsendable(
            "The message has more recipients than can be read.", advice="Send it to a mailing list instead."
        )
    grouped = b":" in field.value  # the name of a group has no address, and needs none
    for one in people:
        if not one.address and not grouped:
            raise MessageUnsendable(
                f"“{shown(one.name)}” is not an address that mail can be sent to.",
                advice="Write the whole address.",
            )
    return people


# The header


def _completed(fields: list[_Field], message_id: str, date: datetime) -> bytes:
    """The header as it is sent: without blind recipients, with one Date and one Message-ID.

    Raw text beyond ASCII in it is UTF-8 (RFC 6532) or nothing that may be sent.
    """
    missing = {
        b"date": date_field(date).rstrip(b"\r\n"),
        b"message-id": message_id_field(message_id).rstrip(b"\r\n"),
    }
    lines = []
    for field in fields:
        if field.name in (b"date", b"message-id"):
            usable = field.value if field.name == b"date" else _message_id(field)
            if not usable or missing.pop(field.name, None) is None:
                continue
        if field.name not in _HIDDEN:
            lines.append(field.text)
    header = b"".join(line + b"\n" for line in (*lines, *missing.values()))
    try:
        header.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MessageUnsendable(
            "The header of the message has bytes that are neither ASCII nor UTF-8.", detail=str(error)
        ) from error
    return header


def _message_id(field: _Field) -> str:
    """The Message-ID that a field tells; "" for one that tells none, or none that another program could
    name.
    """
    if field.name != b"message-id":
        return ""
    found = _MESSAGE_ID.search(field.value)
    bare = _BARE_MESSAGE_ID.fullmatch(field.value)
    return found[1].decode() if found else bare[0].decode() if bare else ""
