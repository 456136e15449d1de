"""From the tree of parts to what a reader shows: text, HTML and attachments.

The tree is walked once. Parts that are read yield *pieces*, in the order of the message; everything else
becomes an attachment. Only multipart/alternative chooses; everything else adds up, so that nothing of a
message is hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from qtmail.mime import charset
from qtmail.mime.charset_guess import fits, guess, is_utf8
from qtmail.mime.charset_labels import codec_for
from qtmail.mime.enriched import enriched_to_text, richtext_to_text
from qtmail.mime.html import Sanitised, html_to_text, sanitise_message
from qtmail.mime.media_types import type_for
from qtmail.mime.message import Attachment, Part
from qtmail.mime.parameters import clean_file_name
from qtmail.mime.rawtext import raw_text
from qtmail.mime.text import text_to_html, unflow
from qtmail.mime.tnef import TnefContent, is_tnef, read_tnef
from qtmail.mime.tree import attachment_name
from qtmail.mime.uuencode import UuBlock, split_blocks

READ_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
"""What is shown as text of the message; all other types are attachments."""
SMIME_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
ALTERNATIVES_NOT_SHOWN = frozenset({"text/x-amp-html", "text/watch-html"})
"""Renderings for other programs, which come beside the same content in HTML."""

_META_CHARSET = re.compile(rb"<meta\b[^<>]*?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_CARRIAGE_RETURNS = re.compile(r"(\r+)(\n?)")


@dataclass(slots=True)
class _Piece:
    """A stretch of the message's text, in one form or in both."""

    plain: str | None = None
    html: str | None = None

    @property
    def blank(self) -> bool:
        return not (self.plain or "").strip() and not (self.html or "").strip()


@dataclass(slots=True)
class Body:
    """What a reader shows of a message."""

    text: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    remote_urls: tuple[str, ...] = ()


def read_body(root: Part, problems: list[str], fallback: str | None = None) -> Body:
    """Text, HTML and attachments of the message with this tree. `fallback`: a charset to try for unlabelled
    text."""
    return _BodyReader(problems, fallback).read(root)


class _BodyReader:
    def __init__(self, problems: list[str], fallback: str | None) -> None:
        self.problems = problems
        self.fallback = fallback
        self.attachments: list[Attachment] = []
        self.tnef: list[TnefContent] = []
        self.has_text = False

    def read(self, root: Part) -> Body:
        pieces = [piece for piece in self._visit(root, None) if not piece.blank]
        if not pieces:
            pieces = [_Piece(content.text or None, content.html or None) for content in self.tnef[:1]]
        sanitised = self._sanitise(pieces)
        return Body(
            text=_joined_text(pieces),
            html=sanitised.html if sanitised else None,
            attachments=self._with_inline(sanitised),
            remote_urls=tuple(sanitised.remote) if sanitised else (),
        )

    # The walk

    def _visit(self, part: Part, parent: Part | None) -> list[_Piece]:
        """The pieces below `part`; attachments are noted on the way."""
        if part.is_multipart:
            match part.content_type:
                case "multipart/alternative":
                    return self._alternative(part)
                case "multipart/related":
                    return self._related(part)
                case "multipart/encrypted":
                    self.problems.append("The message is encrypted with OpenPGP and cannot be shown.")
            pieces: list[_Piece] = []
            for child in part.children:
                pieces += self._visit(child, part)
            return pieces
        if self._is_read(part, parent):
            return self._read(part)
        self._attach(part, parent)
        return []

    def _is_read(self, part: Part, parent: Part | None) -> bool:
        """Whether a leaf is text of the message, not a file that happens to be text."""
        if part.disposition == "attachment":
            return False
        if part.content_type not in READ_TYPES:
            return parent is None and part.content_type.startswith("text/") and not part.filename
        if parent is not None and parent.content_type == "multipart/related" and self.has_text:
            return not (part.filename or part.content_id or part.location)
        return not (part.filename and self.has_text)

    def _alternative(self, part: Part) -> list[_Piece]:
        """RFC 2046 section 5.1.4: the same content in several forms, the last the richest."""
        plain: list[_Piece] | None = None
        rich: list[_Piece] | None = None
        before = self.has_text
        after = before
        for child in part.children:
            self.has_text = before
            if child.content_type in ALTERNATIVES_NOT_SHOWN and child.disposition != "attachment":
                continue
            pieces = [piece for piece in self._visit(child, part) if not piece.blank]
            after = after or self.has_text
            if any(piece.html for piece in pieces):
                rich = pieces
            if pieces and plain is None and all(piece.plain for piece in pieces):
                plain = pieces
        self.has_text = after
        if rich is None:
            return plain or []
        return [
            _Piece(
                "\n".join(piece.plain or "" for piece in plain) if plain else None,
                "\n".join(piece.html or text_to_html(piece.plain or "") for piece in rich),
            )
        ]

    def _related(self, part: Part) -> list[_Piece]:
        """RFC 2387: a root and what it shows. The root is named by `start`, else the first readable."""
        root = self._related_root(part)
        pieces = self._visit(root, part)
        for child in part.children:
            if child is not root:
                pieces += self._visit(child, part)
        return pieces

    def _related_root(self, part: Part) -> Part:
        start = part.parameters.get("start", "").strip("<> \"'")
        if start:
            for child in part.children:
                if child.content_id == start:
                    return child
        for child in part.children:
            if child.is_multipart or child.content_type in READ_TYPES:
                return child
        return part.children[0]

    # Leaves

    def _read(self, part: Part) -> list[_Piece]:
        if part.content is None:
            return []
        if part.content_type == "text/html":
            piece = _Piece(html=self._html(part, part.content))
        else:
            piece = _Piece(plain=self._plain(part, part.content))
        self.has_text = self.has_text or not piece.blank
        return [piece]

    def _plain(self, part: Part, content: bytes) -> str:
        content, blocks = split_blocks(content) if part.content_type == "text/plain" else (content, [])
        for number, block in enumerate(blocks, 1):
            self._attach_uuencoded(part, number, block)
        text = _clean_text(self._decode(content, part.charset))
        match part.content_type:
            case "text/enriched":
                return enriched_to_text(text)
            case "text/richtext":
                return richtext_to_text(text)
        if part.parameters.get("format", "").strip().lower() == "flowed":
            return unflow(text, part.parameters.get("delsp", "").strip().lower() == "yes")
        return text

    def _html(self, part: Part, content: bytes) -> str:
        """HTML says its charset in the header or in itself; where they differ, the bytes decide."""
        label = part.charset
        meta = _META_CHARSET.search(content[:4096])
        named = meta[1].decode("ascii") if meta is not None else ""
        known, codec = codec_for(label or "ascii"), codec_for(named)
        wrong = known in (None, "ascii") or not fits(content, known or "ascii")
        # A page that was read far enough to find <meta> is not in UTF-16, whatever it says.
        if wrong and codec and not codec.startswith("utf-16") and fits(content, codec):
            label = named
        return _clean_text(self._decode(content, label))

    def _decode(self, content: bytes, label: str) -> str:
        if not label and self.fallback and not content.isascii() and not is_utf8(content):
            return charset.decode_lenient(content, guess(content, self.fallback))
        return charset.decode(content, label or None, self.problems)

    # Attachments

    def _attach(self, part: Part, parent: Part | None) -> None:
        content = part.content or b""
        if is_tnef(part.content_type, part.filename, content):
            inside = read_tnef(content)
            if inside is not None and (inside.files or inside.text or inside.html):
                self._attach_tnef(part, inside)
                if inside.complete:
                    return
            self.problems.append("The Outlook attachment winmail.dat is damaged and could not be opened.")
        self._explain(part)
        related = parent is not None and parent.content_type == "multipart/related"
        inline = part.disposition == "inline" or (
            related and part.disposition != "attachment" and bool(part.content_id or part.location)
        )
        self.attachments.append(
            Attachment(
                part.section, attachment_name(part), part.content_type, part.size, part.content_id, inline,
                part.content, part.location,
            )
        )  # fmt: skip

    def _explain(self, part: Part) -> None:
        parameters = part.parameters
        if part.content_type == "message/partial":
            number, total = parameters.get("number", "?"), parameters.get("total", "?")
            self.problems.append(f"This is piece {number} of {total} of a message that was sent in pieces.")
        elif part.content_type == "message/external-body":
            self.problems.append("A part of the message is kept elsewhere and was not sent with it.")
        elif part.content_type in SMIME_TYPES and parameters.get("smime-type", "").lower() != "signed-data":
            self.problems.append("The message is encrypted with S/MIME and cannot be shown.")

    def _attach_uuencoded(self, part: Part, number: int, block: UuBlock) -> None:
        name = clean_file_name(raw_text(block.name, part.charset or self.fallback)) or f"file-{number}"
        self._attach_file(part, number, name, type_for(name), "", block.content)

    def _attach_tnef(self, part: Part, inside: TnefContent) -> None:
        self.tnef.append(inside)
        for number, file in enumerate(inside.files, 1):
            name = file.name or f"file-{number}"
            content_type = (
                type_for(name) if file.content_type == "application/octet-stream" else file.content_type
            )
            self._attach_file(part, number, name, content_type, file.content_id, file.content)

    def _attach_file(
        self, part: Part, number: int, name: str, content_type: str, content_id: str, content: bytes
    ) -> None:
        """A file that was found inside a part."""
        section = f"{part.section}-{number}"
        self.attachments.append(
            Attachment(section, name, content_type, len(content), content_id, False, content)
        )

    # The result

    def _sanitise(self, pieces: list[_Piece]) -> Sanitised | None:
        """One HTML of all pieces, the plain ones converted; None when there is no HTML among them."""
        if not any(piece.html for piece in pieces):
            return None
        results = [sanitise_message(piece.html or text_to_html(piece.plain or "")) for piece in pieces]
        joined = Sanitised("\n".join(result.html for result in results))
        for result in results:
            joined.remote += [address for address in result.remote if address not in joined.remote]
            joined.local |= result.local
        return joined

    def _with_inline(self, sanitised: Sanitised | None) -> tuple[Attachment, ...]:
        """All attachments; those the HTML refers to are inline whatever their disposition says."""
        if sanitised is None:
            return tuple(self.attachments)
        shown = sanitised.local.union(sanitised.remote)
        return tuple(
            replace(item, inline=True) if {item.content_id, item.location} - {""} & shown else item
            for item in self.attachments
        )


def _joined_text(pieces: list[_Piece]) -> str:
    texts = (
        piece.plain if piece.plain and piece.plain.strip() else html_to_text(piece.html or "")
        for piece in pieces
    )
    return "\n\n".join(text.strip("\n").rstrip() for text in texts if text.strip())


def _clean_text(text: str) -> str:
    """Line ends as LF, without NUL characters and byte order marks."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            text = _CARRIAGE_RETURNS.sub(lambda match: match[2] or "\n" * len(match[1]), text)
    if "\0" in text:
        text = text.replace("\0", "")
    return text.removeprefix("\ufeff")
