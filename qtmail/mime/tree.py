"""Raw bytes to a tree of parts. Iterative, so that no nesting can exhaust the stack."""

from __future__ import annotations

from dataclasses import dataclass, field

from qtmail.mime.fields import Header, read_header
from qtmail.mime.headers import decode_header
from qtmail.mime.media_types import name_for
from qtmail.mime.message import Part
from qtmail.mime.multipart import Split, find_boundary, find_unlabelled_boundary, split_parts
from qtmail.mime.parameters import (
    clean_file_name,
    described_file,
    file_name,
    parse_structured,
    text_parameter,
)
from qtmail.mime.rawtext import raw_text
from qtmail.mime.transfer import decode_transfer, encoding_name

MAX_DEPTH = 100
"""Multiparts nested deeper than this are not opened: no real message has them."""
MAX_MESSAGE_DEPTH = 3
"""Messages within messages within messages: the innermost stay closed attachments, to be parsed when opened.
"""
MAX_PARTS = 5000

_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_SLOPPY_TYPES = {
    "": "text/plain", "text": "text/plain", "plain": "text/plain", "html": "text/html", "multipart":
    "multipart/mixed", "plain/text": "text/plain", "text/text": "text/plain", "txt/plain": "text/plain",
    "text/": "text/plain", "html/text": "text/html", "text/htm": "text/html", "application/xhtml+xml":
    "text/html", "mixed": "multipart/mixed", "application/xhtml": "text/html", "text/x-html": "text/html",
    "text/xhtml": "text/html",
}  # fmt: skip


@dataclass(slots=True)
class _Node:
    """A part while it is being read: `buffer[start:end]` holds it, header and all."""

    buffer: bytes
    start: int
    end: int
    section: str
    prefix: str
    depth: int
    message_depth: int
    is_message: bool
    default_type: str = "text/plain"
    fields: dict[str, bytes] = field(default_factory=dict)
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    children: list[_Node] = field(default_factory=list)
    part: Part | None = None


def read_tree(raw: bytes, header: Header, problems: list[str], fallback: str | None = None) -> Part:
    """The MIME tree of a whole message. Never raises; sentences on faults go to `problems`.

    `header` is what `fields.read_header` made of it; `fallback` the charset to try for raw 8-bit file names.
    """
    return _TreeReader(problems, fallback).read(raw, header)


class _TreeReader:
    """Reads nodes from a list that grows while it works: children always stand behind their parents."""

    def __init__(self, problems: list[str], fallback: str | None) -> None:
        self.problems = problems
        self.fallback = fallback
        self.nodes: list[_Node] = []

    def read(self, raw: bytes, header: Header) -> Part:
        root = _Node(raw, 0, len(raw), "1", "", 0, 0, is_message=True)
        self.nodes.append(root)
        self._open(root, header)
        index = 1
        while index < len(self.nodes):
            node = self.nodes[index]
            self._open(node, read_header(node.buffer, node.start, node.end, part=not node.is_message))
            index += 1
        for node in reversed(self.nodes):
            node.part = self._finished(node)
        assert root.part is not None
        return root.part

    def _open(self, node: _Node, header: Header) -> None:
        """Take in the header of a part, and find its children or its content."""
        if node.is_message:
            self._note(*header.problems)
        for name, value in header.fields:
            key = name.lower()
            if not node.fields.get(key):
                node.fields[key] = value
        node.start = header.body
        self._set_type(node)
        if node.content_type.startswith("multipart/"):
            self._open_multipart(node)
        elif node.content_type in _MESSAGES and node.message_depth < MAX_MESSAGE_DEPTH:
            self._open_message(node)
        else:
            self._read_content(node)

    def _set_type(self, node: _Node) -> None:
        value = node.fields.get("content-type")
        if value is None:
            node.content_type = node.default_type
        else:
            node.content_type, node.parameters = parse_structured(value, self.fallback)
            node.content_type = _SLOPPY_TYPES.get(node.content_type, node.content_type)
            if "/" not in node.content_type:
                self._note(f"The content type “{node.content_type[:60]}” is not valid.")
                node.content_type = "application/octet-stream" if node.depth else "text/plain"
        if (value is None and node.is_message) or node.content_type == "multipart/":
            self._look_for_unlabelled_parts(node)

    def _look_for_unlabelled_parts(self, node: _Node) -> None:
        boundary = find_unlabelled_boundary(node.buffer, node.start, node.end)
        if boundary is not None:
            self._note("The message does not say that it has several parts.")
            node.content_type = "multipart/mixed"
            node.parameters["boundary"] = boundary.decode("latin-1")

    # Multiparts

    def _open_multipart(self, node: _Node) -> None:
        if node.depth >= MAX_DEPTH:
            self._note(f"Parts are nested more than {MAX_DEPTH} deep; the rest is an attachment.")
            node.content_type = "application/octet-stream"
            self._read_content(node)
            return
        split = self._split(node)
        if not split.spans:
            node.end = split.preamble_end
            self._show_as_text(node)
            return
        if not split.closed:
            self._note("The message ends before its last part is closed; it may be cut off.")
        if split.resumed:
            self._note("More parts follow behind the end of the message.")
        if node.section == "1" and not node.prefix:
            node.section = ""
        elif node.is_message:
            node.section = f"{node.prefix}.TEXT"
        default = "message/rfc822" if node.content_type == "multipart/digest" else "text/plain"
        for number, (start, end) in enumerate(split.spans, 1):
            section = f"{node.prefix}.{number}" if node.prefix else str(number)
            child = _Node(
                node.buffer, start, end, section, section, node.depth + 1, node.message_depth,
                is_message=False, default_type=default,
            )  # fmt: skip
            node.children.append(child)
            self.nodes.append(child)

    def _split(self, node: _Node) -> Split:
        """The parts by the declared boundary; by one found in the body where the declared one is missing or
        wrong."""
        limit = MAX_PARTS - len(self.nodes)
        if limit < 1:
            self._note(f"The message has more than {MAX_PARTS} parts; the rest is not shown.")
            return Split(node.end)
        declared = text_parameter(node.parameters, "boundary").strip()
        if declared:
            boundary = declared.encode("latin-1", "replace") if declared.isascii() else declared.encode()
            split = split_parts(node.buffer, node.start, node.end, boundary, limit)
            if split.spans or split.closed:
                return split
        if encoding_name(self._encoding(node)) in ("base64", "quoted-printable"):
            node.buffer = decode_transfer(
                node.buffer[node.start : node.end], self._encoding(node), self.problems
            )
            node.start, node.end = 0, len(node.buffer)
            node.fields.pop("content-transfer-encoding")
            return self._split(node)
        found = find_boundary(node.buffer, node.start, node.end)
        if found is None:
            return Split(node.end)
        self._note(
            "The boundary between the parts does not match the header."
            if declared
            else "The header does not name the boundary between the parts."
        )
        return split_parts(node.buffer, node.start, node.end, found, limit)

    def _show_as_text(self, node: _Node) -> None:
        if node.buffer[node.start : node.end].strip():
            self._note("The message should have several parts but has none; it is shown as plain text.")
        node.content_type = "text/plain"
        self._read_content(node)

    # Messages and leaves

    def _open_message(self, node: _Node) -> None:
        """message/rfc822 (RFC 2046 section 5.2.1); RFC 6532 allows, and some programs do without, an
        encoding."""
        self._read_content(node)
        if not node.content:
            return
        child = _Node(
            node.content, 0, len(node.content), f"{node.section}.1", node.section, node.depth + 1,
            node.message_depth + 1, is_message=True,
        )  # fmt: skip
        if len(self.nodes) < MAX_PARTS and node.depth < MAX_DEPTH:
            node.children.append(child)
            self.nodes.append(child)

    def _read_content(self, node: _Node) -> None:
        data = node.buffer[node.start : node.end]
        is_text = node.content_type.startswith(("text/", "message/"))
        node.content = decode_transfer(data, self._encoding(node), self.problems, text=is_text)

    def _encoding(self, node: _Node) -> str:
        return node.fields.get("content-transfer-encoding", b"").decode("latin-1")

    def _finished(self, node: _Node) -> Part:
        """The frozen part; its children are finished already."""
        disposition, disposition_parameters = self._disposition(node)
        filename = file_name(disposition_parameters, node.parameters) or described_file(
            decode_header(node.fields.get("content-description", b""), fallback=self.fallback)
        )
        if not filename and node.content_type in _MESSAGES:
            filename = self._message_name(node)
        return Part(
            section=node.section,
            content_type=node.content_type,
            parameters=node.parameters,
            charset=text_parameter(node.parameters, "charset").strip("\"'; "),
            filename=filename,
            disposition=disposition,
            content_id=_bare_id(node.fields.get("content-id", b"")),
            location=_location(node.fields.get("content-location", b"")),
            size=len(node.content or b""),
            content=node.content,
            children=tuple(child.part for child in node.children if child.part is not None),
        )

    def _disposition(self, node: _Node) -> tuple[str, dict[str, str]]:
        value = node.fields.get("content-disposition")
        if not value:
            return "", {}
        disposition, parameters = parse_structured(value, self.fallback)
        if disposition in ("inline", ""):
            return disposition, parameters
        return "attachment", parameters  # RFC 2183 section 2.8: unknown dispositions are attachments

    def _message_name(self, node: _Node) -> str:
        subject = node.children[0].fields.get("subject", b"") if node.children else b""
        return message_file_name(decode_header(subject, fallback=self.fallback))

    def _note(self, *sentences: str) -> None:
        self.problems.extend(sentence for sentence in sentences if sentence not in self.problems)


def message_file_name(subject: str) -> str:
    """What to call an attached message: its subject, as far as it fits a file name."""
    name = clean_file_name("".join(" " if char in '/\\:*?"<>|' else char for char in subject)[:120])
    return f"{name}.eml" if name else "message.eml"


def attachment_name(part: Part) -> str:
    """The name of an attachment, made up where the part has none."""
    return part.filename or name_for(part.content_type, part.section)


def _bare_id(value: bytes) -> str:
    return raw_text(value).strip().strip("<>").strip()


def _location(value: bytes) -> str:
    return "".join(decode_header(value).split()).strip('"<>') if value else ""
