"""BODYSTRUCTURE (RFC 9051 section 7.5.2): a message's tree of parts, told by the server without sending the
parts.

Servers get this wrong in many ways: fields missing at the end, NIL for strings, numbers for strings, a
multipart without parts. What can be made out is kept; a part that makes no sense becomes an attachment of
unknown type, so that the numbers of its neighbours stay right.
"""

from __future__ import annotations

from qtmail.domain.message import PartStructure
from qtmail.protocols.imap_syntax import Value

_UNKNOWN = "application/octet-stream"


def parse_structure(value: Value) -> PartStructure:
    """The tree of a whole message. Depth is bounded by the reader of the response (imap_syntax.MAX_DEPTH)."""
    if _is_multipart(value):
        return _multipart(value, section="", prefix="")
    return _part(value, "1")


def _part(value: Value, section: str) -> PartStructure:
    """One numbered part: a multipart's children are numbered below it."""
    if _is_multipart(value):
        return _multipart(value, section=section, prefix=f"{section}.")
    if not isinstance(value, list) or len(value) < 2:
        return PartStructure(section, _UNKNOWN)
    return _single(value, section)


def _is_multipart(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _multipart(value: Value, *, section: str, prefix: str) -> PartStructure:
    assert isinstance(value, list)
    parts = value[: _count_lists(value)]
    subtype, parameters, disposition = _padded(value[len(parts) :], 3)
    kind, disposition_parameters = _disposition(disposition)
    return PartStructure(
        section=section,
        content_type=f"multipart/{_text(subtype).lower() or 'mixed'}",
        parameters=_parameters(parameters),
        disposition=kind,
        disposition_parameters=disposition_parameters,
        children=tuple(_part(part, f"{prefix}{number}") for number, part in enumerate(parts, 1)),
    )


def _count_lists(value: list[Value]) -> int:
    """How many parts stand before the multipart's subtype."""
    return next((index for index, item in enumerate(value) if not isinstance(item, list)), len(value))


def _single(value: list[Value], section: str) -> PartStructure:
    maintype, subtype, parameters, content_id, description, encoding, size = _padded(value, 7)
    content_type = f"{_text(maintype)}/{_text(subtype)}".lower()
    children, rest = _below(content_type, value[7:], section)
    _, disposition = _padded(rest, 2)  # Content-MD5 stands before it
    kind, disposition_parameters = _disposition(disposition)
    return PartStructure(
        section=section,
        content_type=content_type if "/" not in (content_type[:1], content_type[-1:]) else _UNKNOWN,
        parameters=_parameters(parameters),
        encoding=_text(encoding).lower() or "7bit",
        size=_size(size),
        disposition=kind,
        disposition_parameters=disposition_parameters,
        content_id=_text(content_id).strip().removeprefix("<").removesuffix(">"),
        description=_text(description),
        children=children,
    )


def _below(
    content_type: str, rest: list[Value], section: str
) -> tuple[tuple[PartStructure, ...], list[Value]]:
    """The body of a message/rfc822, and the fields after those that only some types have."""
    if content_type in ("message/rfc822", "message/global"):
        if rest and isinstance(rest[0], list):  # envelope, structure, lines
            body = rest[1] if len(rest) > 1 else None
            return ((_embedded(body, section),) if isinstance(body, list) else ()), rest[3:]
        return (), rest
    if content_type.startswith("text/"):
        return (), rest[1:]  # lines
    return (), rest


def _embedded(body: Value, section: str) -> PartStructure:
    """The body of an embedded message.

    Its parts are numbered below the message itself: a multipart has no number of its own, its parts are
    `section.1`, `section.2`; any other body is `section.1` (RFC 9051 section 6.4.5.1).
    """
    if _is_multipart(body):
        return _multipart(body, section=f"{section}.TEXT", prefix=f"{section}.")
    return _part(body, f"{section}.1")


def _padded(values: list[Value], count: int) -> list[Value]:
    return [*values[:count], *[None] * (count - len(values))]


def _text(value: Value) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else ""


def _size(value: Value) -> int:
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 16 else 0


def _parameters(value: Value) -> tuple[tuple[str, str], ...]:
    """Pairs of name and value; a name without a value is left out."""
    if not isinstance(value, list):
        return ()
    pairs = zip(value[::2], value[1::2], strict=False)
    return tuple((_text(name).lower(), _text(text)) for name, text in pairs if isinstance(name, bytes))


def _disposition(value: Value) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`("attachment" ("filename" "x"))`; some servers send the bare word."""
    match value:
        case bytes():
            return _text(value).lower(), ()
        case [bytes() as kind, *rest]:
            return _text(kind).lower(), _parameters(rest[0] if rest else None)
    return "", ()
