"""Whole messages made fit for servers without 8BITMIME, and for message/rfc822 parts, which no transfer
encoding may wrap (RFC 2046 section 5.2.1): what is not ASCII in short lines is encoded where it stands.

Parts that are sound stay as they are, byte for byte. Raw text in a header becomes encoded words. Text before
the first and behind the last part of a multipart that has to change, which nobody shows, is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.header_writer import ADDRESS_FIELDS, address_field, id_field, refolded, text_field
from qtmail.mime.headers import decode_header, header_charset, parse_addresses
from qtmail.mime.multipart import split_parts
from qtmail.mime.parameter_writer import disposition_field, sendable_name, type_field
from qtmail.mime.parameters import file_name, parse_structured, text_parameter
from qtmail.mime.sendable import address_fault, needs_smtputf8
from qtmail.mime.transfer import decode_transfer
from qtmail.mime.transfer_writer import (
    Encoded,
    base64_lines,
    encode_text,
    encoding_field,
    fits_lines,
    with_crlf,
)

MAX_DEPTH = 50
"""Parts within parts; no real message has more."""
MAX_PARTS = 5000

_FIELD_START = re.compile(rb"(?<=\r\n)(?![ \t])")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)\r\n", re.DOTALL)
_ID = re.compile(r"<([^<>\s]+)>")
_TYPE = re.compile(r"[!-~]{1,100}")
_KEPT = re.compile(r"(?!name|filename)[a-z0-9*-]{1,60}=[ -~]{0,200}")
"""Parameters that outlive a rewriting of their field: names are written anew."""
_SEALED = frozenset({"multipart/signed", "multipart/encrypted"})
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_MAILBOX_FIELDS = ADDRESS_FIELDS | {"from", "to", "cc", "bcc", "reply-to"}
_ID_FIELDS = frozenset({"message-id", "in-reply-to", "references", "resent-message-id", "content-id"})


def to_seven_bit(message: Iterable[bytes]) -> bytes:
    """A message, given in pieces, as ASCII lines of at most 998 octets with CR LF ends.

    Raises:
        MessageUnsendable: a signature would break, an address needs SMTPUTF8, or it is no message at all.
    """
    return _Recoder(shown_only=False).recoded(with_crlf(b"".join(message)), 0, is_message=True)


def attached_to_seven_bit(message: bytes) -> bytes:
    """As `to_seven_bit`, for a message that is only shown: an address that needs SMTPUTF8 becomes the name of
    an empty group (RFC 6857 section 3.1.8), as it is when a server shows it to an old client."""
    return _Recoder(shown_only=True).recoded(with_crlf(message), 0, is_message=True)


@dataclass(frozen=True, slots=True)
class _Field:
    """A header field: its name, its unfolded value, and as it stands, with its line ends."""

    name: str
    value: bytes
    raw: bytes

    @property
    def key(self) -> str:
        return self.name.lower()


def _split(entity: bytes) -> tuple[list[_Field], bytes]:
    """The header fields and the body of a message or a part."""
    header, blank, body = entity.partition(b"\r\n\r\n")
    if entity.startswith(b"\r\n"):
        return [], entity[2:]
    fields = []
    for raw in _FIELD_START.split(header.removesuffix(b"\r\n") + b"\r\n")[:-1]:
        match = _FIELD.fullmatch(raw)
        if match is None:
            raise _unsendable("Its header has a line that is no field.")
        value = match[2].replace(b"\r\n", b"").replace(b"\0", b"").strip()
        fields.append(_Field(match[1].decode("ascii"), value, raw))
    return fields, body if blank else b""


def _unsendable(detail: str) -> MessageUnsendable:
    return MessageUnsendable(
        "The message has characters that this server cannot take, and it is too badly formed to encode them.",
        advice="Send it by another server, or attach it as a file.",
        detail=detail,
    )


class _Recoder:
    """Recodes one message.

    Attributes:
        shown_only: nobody sends or answers by its header, so every address in it may be rewritten.
    """

    def __init__(self, *, shown_only: bool) -> None:
        self.shown_only = shown_only

    def recoded(self, entity: bytes, depth: int, *, is_message: bool) -> bytes:
        """A message or a part of one, with CR LF line ends."""
        if entity.isascii() and fits_lines(entity):
            return entity
        if depth > MAX_DEPTH:
            raise _unsendable("Its parts are nested too deep.")
        fields, body = _split(entity)
        sound = body.isascii() and fits_lines(body)
        charset = header_charset(one.value for one in fields)
        header = [
            self._seven_bit(one, charset) for one in fields if sound or one.key != "content-transfer-encoding"
        ]
        if sound:
            return b"".join((*header, b"\r\n", body))
        encoded = self._body(fields, body, depth)
        if is_message and all(one.key != "mime-version" for one in fields):
            header.append(b"MIME-Version: 1.0\r\n")
        return b"".join((*header, encoding_field(encoded.encoding), b"\r\n", encoded.body))

    # Bodies

    def _body(self, fields: list[_Field], body: bytes, depth: int) -> Encoded:
        content_type, parameters = parse_structured(_value(fields, "content-type"))
        if content_type in _SEALED:
            raise MessageUnsendable(
                "A signed or encrypted part of the message has text that this server cannot take.",
                advice="Send it by another server: encoding that text would break the signature.",
            )
        if content_type.startswith("multipart/"):
            return Encoded("7bit", self._parts(body, text_parameter(parameters, "boundary"), depth))
        if content_type in _MESSAGES:
            attached = _Recoder(shown_only=True)
            return Encoded("7bit", attached.recoded(body, depth + 1, is_message=True))
        content = decode_transfer(body, _value(fields, "content-transfer-encoding").decode("latin-1"), [])
        if content_type.startswith(("text/", "message/")) or not content_type:
            return encode_text(with_crlf(content))
        return Encoded("base64", b"".join(base64_lines([content])))

    def _parts(self, body: bytes, boundary: str, depth: int) -> bytes:
        delimiter = boundary.encode("ascii", "replace")
        split = split_parts(body, 0, len(body), delimiter, MAX_PARTS)
        if not delimiter or not split.spans or not boundary.isascii():
            raise _unsendable("It says that it has several parts, but they cannot be told apart.")
        parts = [self.recoded(body[start:end], depth + 1, is_message=False) for start, end in split.spans]
        return b"".join(b"--%b\r\n%b\r\n" % (delimiter, part) for part in parts) + b"--%b--\r\n" % delimiter

    # Fields

    def _seven_bit(self, field: _Field, charset: str | None) -> bytes:
        """A field as it is, or written anew; `charset`: of raw text in this header, None for UTF-8."""
        if field.raw.isascii() and fits_lines(field.raw):
            return field.raw
        if field.key in _MAILBOX_FIELDS:
            return self._mailboxes(field, charset)
        if field.key in _ID_FIELDS:
            return id_field(field.name, _ID.findall(field.value.decode("latin-1")))
        if field.key in ("content-type", "content-disposition"):
            return _structured(field, charset)
        if field.value.isascii():
            return refolded(field.name, field.value.decode("ascii"))
        return text_field(field.name, decode_header(field.value, fallback=charset))

    def _mailboxes(self, field: _Field, charset: str | None) -> bytes:
        people = []
        for person in parse_addresses(field.value, fallback=charset):
            sendable = not address_fault(person.address) and not needs_smtputf8([person.address])
            if sendable or not person.address:
                people.append(person)
            elif self.shown_only:
                people.append(Address(str(person), ""))
            else:
                raise _unsendable(f"{field.name}: {person}")
        return address_field(field.name, people, groups=True)


def _value(fields: list[_Field], key: str) -> bytes:
    return next((one.value for one in fields if one.key == key), b"")


def _structured(field: _Field, charset: str | None) -> bytes:
    """Content-Type or Content-Disposition with a name in raw text, or in too long a line."""
    main, parameters = parse_structured(field.value, charset)
    name = sendable_name(file_name(parameters, parameters))
    if field.key == "content-disposition":
        return disposition_field("inline" if main == "inline" else "attachment", name)
    kept = {key: value for key, value in parameters.items() if _KEPT.fullmatch(f"{key}={value}")}
    return type_field(main if _TYPE.fullmatch(main) else "text/plain", filename=name, **kept)
