"""Header fields as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qtmail.domain.address import Address
from qtmail.domain.message import Envelope
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.charset_guess import guess, is_utf8
from qtmail.mime.dates import parse_date
from qtmail.mime.encoded_words import decode_words
from qtmail.mime.fields import normalise_line_ends, split_header
from qtmail.mime.rawtext import clean_line, raw_text

__all__ = [
    "decode_header",
    "envelope_from_fields",
    "envelope_from_header",
    "header_charset",
    "header_values",
    "message_id",
    "parse_addresses",
    "parse_date",
    "split_header",
]

_WANTED = {
    name: name.lower()
    for canonical in (
        *(b"From", b"To", b"Cc", b"Bcc", b"Subject", b"Date", b"Reply-To", b"Message-ID", b"In-Reply-To"),
        *(b"References", b"Content-Type"),
    )
    for name in (canonical, canonical.lower(), canonical.upper(), canonical.title())
}
"""The fields of an envelope in lower case, by the spellings that are met."""
_RECIPIENTS = frozenset({b"to", b"cc", b"bcc"})
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_PLAIN_MESSAGE_ID = re.compile(rb"<([!-;=?-~]+)>")
_CHARSET = re.compile(rb"charset[ \t]*=[ \t\r\n]*[\"']?([^\s\"';]+)", re.IGNORECASE)
_FOLD = re.compile(rb"\n[ \t]")
_MAX_REFERENCES = 1000


def decode_header(value: bytes, *, problems: list[str] | None = None, fallback: str | None = None) -> str:
    """A field value as one line of text: RFC 2047 words decoded in all their wrong mixes, raw 8-bit text
    guessed."""
    return clean_line(decode_words(raw_text(value, fallback), problems))


def envelope_from_header(raw: bytes) -> Envelope:
    """The envelope of a message from its raw header, or a few fields of it. Never raises."""
    return _envelope(*header_values(raw))


def header_values(raw: bytes) -> tuple[dict[bytes, bytes], str | None]:
    """The values of a raw header by field name in lower case, and the charset of their raw 8-bit text.

    A header sync calls this for each message: well-formed headers take a way of a few `bytes` methods,
    anything odd goes through the tolerant reader. Never raises.
    """
    text = raw.replace(b"\r\n", b"\n").rstrip(b"\n")
    if b"\r" in text or b"\0" in text or text[:1] in b" \t\xef\n":
        return _choose(split_header(normalise_line_ends(raw)))
    if _FOLD.search(text) is not None:
        text = text.replace(b"\n ", b" ").replace(b"\n\t", b"\t")
    values: dict[bytes, bytes] = {}
    for line in text.split(b"\n"):
        name, colon, value = line.partition(b":")
        key = _WANTED.get(name)
        if not colon or (key is None and b" " in name):
            return _choose(split_header(normalise_line_ends(raw)))
        if key in values:
            _add_value(values, key, value.strip())
        elif key is not None:
            values[key] = value.strip()
    if text.isascii():
        return values, None
    return values, header_charset(text.split(b"\n"), _CHARSET.search(values.get(b"content-type", b"")))


def _add_value(values: dict[bytes, bytes], key: bytes, value: bytes) -> None:
    """Of a repeated field the first that says anything counts, as most servers and clients have it; repeated
    recipients add up (they were legal in RFC 822)."""
    if not values.get(key):
        values[key] = value
    elif key in _RECIPIENTS and value:
        values[key] += b", " + value


def envelope_from_fields(
    fields: Iterable[tuple[str, bytes]], *, problems: list[str] | None = None, fallback: str | None = None
) -> Envelope:
    """The envelope of a header that is already split into fields.

    Of a repeated field the first that says anything counts, as most servers and clients have it; repeated
    recipients add up (they were legal in RFC 822).
    """
    values, charset = _choose(fields, problems)
    return _envelope(values, charset or fallback, problems)


def _choose(
    fields: Iterable[tuple[str, bytes]], problems: list[str] | None = None
) -> tuple[dict[bytes, bytes], str | None]:
    """As `header_values`, from fields that are already split."""
    chosen: dict[bytes, bytes] = {}
    repeated: set[str] = set()
    for name, value in fields:
        key = name.lower().encode("latin-1", "replace")
        if chosen.get(key) and key in (b"subject", b"from", b"date", b"message-id"):
            repeated.add(name.capitalize())
        _add_value(chosen, key, value.strip())
    if problems is not None:
        problems.extend(
            f"The header has more than one {name} field; the first was used." for name in sorted(repeated)
        )
    if all(value.isascii() for value in chosen.values()):
        return chosen, None
    declared = _CHARSET.search(chosen.get(b"content-type", b""))
    return chosen, header_charset(chosen.values(), declared)


def header_charset(values: Iterable[bytes], declared: re.Match[bytes] | None = None) -> str | None:
    """The charset of a header's raw 8-bit text, or None where it is UTF-8 or there is none.

    One guess over all of it is surer than one for each field. `declared`: the charset the body is said to
    have.
    """
    high = b"\n".join(value for value in values if not value.isascii())
    if not high or is_utf8(high):
        return None
    return guess(high, declared[1].decode("latin-1") if declared else None)


def _envelope(
    fields: dict[bytes, bytes], fallback: str | None, problems: list[str] | None = None
) -> Envelope:
    get = fields.get
    date = parse_date(raw_date) if (raw_date := get(b"date")) else None
    if problems is not None and raw_date and date is None:
        problems.append("The date of the message cannot be read.")

    def people(name: bytes) -> tuple[Address, ...]:
        value = get(name)
        return parse_addresses(value, problems=problems, fallback=fallback) if value else ()

    subject = get(b"subject")
    references = get(b"references")
    return Envelope(
        decode_header(subject, problems=problems, fallback=fallback) if subject else "",
        people(b"from"),
        people(b"to"),
        people(b"cc"),
        people(b"bcc"),
        people(b"reply-to"),
        date,
        message_id(get(b"message-id")),
        message_id(get(b"in-reply-to")),
        tuple(_MESSAGE_ID.findall(references.decode("latin-1"))[-_MAX_REFERENCES:]) if references else (),
    )


def message_id(value: bytes | None) -> str:
    """The first Message-ID in a field, without brackets; without any brackets, the first word."""
    if not value:
        return ""
    plain = _PLAIN_MESSAGE_ID.fullmatch(value)
    if plain is not None:
        return plain[1].decode("ascii")
    text = raw_text(value)
    match = _MESSAGE_ID.search(text)
    if match is not None:
        return match[1].strip()
    words = text.strip().strip("<>").split()
    return words[0] if words else ""
