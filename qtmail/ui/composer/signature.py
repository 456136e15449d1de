"""The signature under what is written: put in, and exchanged with the identity while nobody has edited it."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QTextCursor

from qtmail.domain.identity import Identity
from qtmail.mime.html import html_to_text, sanitise
from qtmail.ui.composer.document_html import blocks
from qtmail.ui.composer.editor import SIGNATURE_MARK, Editor
from qtmail.ui.composer.html_reader import read_html
from qtmail.ui.composer.rich_text import Line, text_lines


def signature_lines(identity: Identity, *, rich: bool) -> list[Line]:
    """The signature of `identity` with the mark above it; [] where it has none."""
    if not (identity.signature_html.strip() or identity.signature_text.strip()):
        return []
    if rich:
        lines = read_html(sanitise(identity.signature_html or _as_html(identity.signature_text)))
    else:
        text = identity.signature_text or html_to_text(identity.signature_html)
        lines = text_lines(text.strip("\n"))
    marked = lines[0].text.rstrip() == SIGNATURE_MARK.rstrip()
    return lines if marked else [*text_lines(SIGNATURE_MARK), *lines]


def add_signature(editor: Editor, identity: Identity) -> None:
    """Put the signature at the end, an empty line above it; the cursor stays where it is."""
    lines = signature_lines(identity, rich=editor.rich)
    if not lines:
        return
    end = QTextCursor(editor.document())
    end.movePosition(QTextCursor.MoveOperation.End)
    gap = [Line()] if end.block().previous().isValid() and not end.block().text() else [Line(), Line()]
    here = editor.textCursor()
    position = here.position()
    editor.insert_lines(end, [*gap, *lines])
    here.setPosition(position)
    editor.setTextCursor(here)


def exchange_signature(editor: Editor, old: Identity | None, new: Identity) -> None:
    """Put the signature of `new` in place of that of `old`, unless that was edited or taken out."""
    before = signature_lines(old, rich=editor.rich) if old else []
    if not before:
        add_signature(editor, new)
        return
    place = _find(editor, before)
    if place is None:
        return
    lines = signature_lines(new, rich=editor.rich)
    place.beginEditBlock()
    place.removeSelectedText()
    editor.insert_lines(place, lines or [Line()])
    place.endEditBlock()


def _find(editor: Editor, lines: list[Line]) -> QTextCursor | None:
    """The last place where just these lines stand, selected."""
    wanted = [_bare(line.text) for line in lines]
    found = list(blocks(editor.document()))
    texts = [_bare(block.text()) for block in found]
    for start in range(len(texts) - len(wanted), -1, -1):
        if texts[start : start + len(wanted)] == wanted:
            cursor = QTextCursor(found[start])
            last = found[start + len(wanted) - 1]
            cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
            return cursor
    return None


def _bare(text: str) -> str:
    """Text without pictures, and with all its spaces alike."""
    return text.replace("\ufffc", "").replace("\xa0", " ").rstrip()


def _as_html(text: str) -> str:
    return "<br>".join(escape(line) for line in text.strip("\n").split("\n"))
