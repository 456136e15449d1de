"""Reads messages: whole ones from their bytes, large ones from the parts that were fetched.

Nothing here raises, whatever the bytes: what cannot be understood is shown as it is, and said in `problems`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from qtmail.domain.message import PartStructure
from qtmail.mime.body import ALTERNATIVES_NOT_SHOWN, READ_TYPES, Body, read_body
from qtmail.mime.fields import Header, normalise_line_ends, read_header
from qtmail.mime.headers import decode_header, envelope_from_fields, header_charset
from qtmail.mime.message import ParsedMessage, Part
from qtmail.mime.parameters import described_file, file_name, text_parameter
from qtmail.mime.tnef import might_be_tnef
from qtmail.mime.transfer import decode_transfer, encoding_name
from qtmail.mime.tree import read_tree

INLINE_IMAGE_BYTES = 1024 * 1024
"""Inline images up to this size are read together with the text."""
PREVIEW_CHARACTERS = 200

_MAX_TEXT_FOR_PREVIEW = 5000
_QUOTE_OR_RULE = re.compile(r"^(?:>.*|[-_=*~\s]{3,})$", re.MULTILINE)
_ESSENTIAL = frozenset(
    {"from", "to", "subject", "date", "message-id", "received", "content-type", "return-path"}
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)


def parse(raw: bytes) -> ParsedMessage:
    """Read a whole message. Never raises."""
    problems: list[str] = []
    data = normalise_line_ends(raw)
    header = read_header(data, 0, len(data))
    fallback = _charset_of(header.fields)
    root = read_tree(data, header, problems, fallback)
    body = read_body(root, problems, fallback)
    return _assemble(header, root, body, problems, fallback, raw)


def parse_partial(header: bytes, structure: PartStructure, parts: Mapping[str, bytes]) -> ParsedMessage:
    """Read a message of which only some parts are here.

    Args:
        header: the raw header of the message.
        structure: its BODYSTRUCTURE.
        parts: content by section, still in transfer encoding. Parts that are not in it have content None.
    """
    problems: list[str] = []
    data = normalise_line_ends(header)
    fields = read_header(data, 0, len(data))
    fallback = _charset_of(fields.fields)
    root = _part_from_structure(structure, parts, problems, fallback)
    body = read_body(root, problems, fallback)
    return _assemble(fields, root, body, problems, fallback, None)


def sections_to_read(structure: PartStructure) -> tuple[str, ...]:
    """The sections that must be fetched to show the text, and the inline images that are not too large."""
    wanted: list[str] = []
    for part in _outside_messages(structure):
        if part.children or not part.section:
            continue
        kind, is_attachment = part.content_type, part.disposition == "attachment"
        name = file_name(dict(part.disposition_parameters), dict(part.parameters))
        is_text = (kind in READ_TYPES and not is_attachment) or (
            part is structure and kind.startswith("text/")
        )
        is_image = kind.startswith("image/") and bool(part.content_id or part.disposition == "inline")
        if (
            is_text
            or (is_image and part.size <= INLINE_IMAGE_BYTES * 4 // 3)
            or (might_be_tnef(kind, name) and part.size <= INLINE_IMAGE_BYTES)
        ) and kind not in ALTERNATIVES_NOT_SHOWN:
            wanted.append(part.section)
    return tuple(wanted)


def _outside_messages(structure: PartStructure) -> Iterable[PartStructure]:
    """All parts but those inside attached messages."""
    waiting = [structure]
    while waiting:
        part = waiting.pop()
        yield part
        if part.content_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))


def _part_from_structure(
    structure: PartStructure, parts: Mapping[str, bytes], problems: list[str], fallback: str | None
) -> Part:
    """The tree BODYSTRUCTURE describes, built from the leaves up."""
    order = list(structure.walk())
    built: dict[int, Part] = {}
    for node in reversed(order):
        raw = parts.get(node.section) if not node.content_type.startswith("multipart/") else None
        is_text = node.content_type.startswith(("text/", "message/"))
        content = None if raw is None else decode_transfer(raw, node.encoding, problems, text=is_text)
        parameters = dict(node.parameters)
        built[id(node)] = Part(
            section=node.section,
            content_type=node.content_type,
            parameters=parameters,
            charset=text_parameter(parameters, "charset").strip("\"'; "),
            filename=file_name(dict(node.disposition_parameters), parameters)
            or described_file(node.description),
            disposition=node.disposition if node.disposition in ("", "inline") else "attachment",
            content_id=node.content_id,
            size=_estimated_size(node) if content is None else len(content),
            content=content,
            children=tuple(built[id(child)] for child in node.children),
        )
    return built[id(structure)]


def _estimated_size(node: PartStructure) -> int:
    """Bytes after decoding, from the size in transfer encoding: base64 carries 57 bytes in a line of 78."""
    return node.size * 57 // 78 if encoding_name(node.encoding) == "base64" else node.size


def _charset_of(fields: Sequence[tuple[str, bytes]]) -> str | None:
    """The charset to expect in raw 8-bit text: the one the header names, else the one it is written in."""
    for name, value in fields:
        if name.lower() == "content-type" and (match := _CHARSET.search(value.decode("latin-1"))):
            return match[1]
    return header_charset(value for _, value in fields)


def _assemble(
    header: Header, root: Part, body: Body, problems: list[str], fallback: str | None, raw: bytes | None
) -> ParsedMessage:
    envelope = envelope_from_fields(header.fields, problems=problems, fallback=fallback)
    high = header_charset(value for _, value in header.fields) or fallback
    names = {name.lower() for name, _ in header.fields}
    if not names:
        problems.append("The message has no header.")
    elif "from" not in names:
        problems.append("The message does not say who sent it.")
    if names and "date" not in names:
        problems.append("The message has no date.")
    return ParsedMessage(
        envelope=envelope,
        headers=tuple((name, decode_header(value, fallback=high)) for name, value in header.fields),
        root=root,
        text=body.text,
        html=body.html,
        attachments=body.attachments,
        problems=tuple(dict.fromkeys(problems)),
        remote_urls=body.remote_urls,
        preview=preview_of(body.text),
        readable=_is_readable(names, body),
        raw=raw,
    )


def preview_of(text: str) -> str:
    """The first words of the sender's own: quotes and rules are passed over, if anything else is there."""
    beginning = text[:_MAX_TEXT_FOR_PREVIEW]
    own = " ".join(_QUOTE_OR_RULE.sub("", beginning).split())
    return (own or " ".join(beginning.split()))[:PREVIEW_CHARACTERS]


def _is_readable(names: set[str], body: Body) -> bool:
    """Whether it looks like a message at all: a header that says something, or text that is text."""
    if names & _ESSENTIAL:
        return True
    sample = body.text[:2000]
    strange = sum(1 for char in sample if char == "\ufffd" or (char < " " and char not in "\n\t"))
    return bool(sample.strip()) and strange * 10 < len(sample)
