"""What can be done to the looks of the text: each command changes the selection in one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QColor, QFont, QTextBlock, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QTextEdit

from qtmail.ui.composer.document_html import (
    block_format,
    char_format,
    is_code,
    list_format,
    list_of,
    quote_level,
    set_code,
)
from qtmail.ui.composer.html_reader import MAX_DEPTH
from qtmail.ui.composer.ink import Inks, clear_ink, set_ink
from qtmail.ui.composer.rich_text import LineKind, Style

_BULLETS = {list_format(LineKind.BULLET, depth).style() for depth in range(1, 4)}


# -- letters


def set_bold(edit: QTextEdit, on: bool) -> None:
    looks = QTextCharFormat()
    looks.setFontWeight(QFont.Weight.Bold if on else QFont.Weight.Normal)
    edit.mergeCurrentCharFormat(looks)


def set_italic(edit: QTextEdit, on: bool) -> None:
    looks = QTextCharFormat()
    looks.setFontItalic(on)
    edit.mergeCurrentCharFormat(looks)


def set_underline(edit: QTextEdit, on: bool) -> None:
    looks = QTextCharFormat()
    looks.setFontUnderline(on)
    edit.mergeCurrentCharFormat(looks)


def set_strike(edit: QTextEdit, on: bool) -> None:
    looks = QTextCharFormat()
    looks.setFontStrikeOut(on)
    edit.mergeCurrentCharFormat(looks)


def set_color(edit: QTextEdit, color: QColor | None, inks: Inks) -> None:
    """Colour the selection, or what is typed next; None: the reader's own ink."""
    if color is not None:
        looks = QTextCharFormat()
        set_ink(looks, color, inks)
        edit.mergeCurrentCharFormat(looks)
    else:
        _change_pieces(edit, clear_ink)


def set_link(edit: QTextEdit, href: str, text: str, inks: Inks) -> None:
    """Put a link in place of the selection."""
    cursor = edit.textCursor()
    after = cursor.charFormat()
    if after.isAnchor():
        after = QTextCharFormat()
    cursor.insertText(text, char_format(Style(href=href), inks=inks))
    edit.setTextCursor(cursor)
    edit.setCurrentCharFormat(after)


def remove_link(edit: QTextEdit) -> None:
    """Leave the text of the link and take its target away."""
    edit.setTextCursor(link_at(edit.textCursor()))
    _change_pieces(edit, unlink)


def unlink(looks: QTextCharFormat) -> None:
    """Take out of `looks` what makes a link of it."""
    clear_ink(looks)
    for property_ in (
        QTextFormat.Property.IsAnchor,
        QTextFormat.Property.AnchorHref,
        QTextFormat.Property.TextUnderlineStyle,
    ):
        looks.clearProperty(property_)


def link_at(cursor: QTextCursor) -> QTextCursor:
    """The whole link the cursor is in, selected; where there is none, the cursor as it is."""
    href = cursor.charFormat().anchorHref()
    iterator = cursor.block().begin()
    start = end = -1
    while href and not iterator.atEnd():
        piece = iterator.fragment()
        if piece.charFormat().anchorHref() == href:
            start = piece.position() if start < 0 else start
            end = piece.position() + piece.length()
        elif start >= 0 and cursor.position() <= end:
            break
        else:
            start = -1
        iterator += 1
    whole = QTextCursor(cursor)
    if start >= 0:
        whole.setPosition(start)
        whole.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return whole


def clear_formatting(edit: QTextEdit) -> None:
    """Leave the text and take all looks away; pictures stay."""
    with _step(edit) as cursor:
        for block in selected_blocks(cursor):
            _set_block(block, quote=0, code=False)
        _change_pieces(edit, _strip)


# -- lines


def toggle_list(edit: QTextEdit, kind: LineKind) -> None:
    """Make the lines items of a list of this kind, or lines again if all of them are."""
    with _step(edit) as cursor:
        blocks = list(selected_blocks(cursor))
        if all(list_kind(block) is kind for block in blocks):
            for block in blocks:
                _set_block(block, quote=quote_level(block), code=False)
            return
        for block in blocks:
            if is_code(block):
                _set_block(block, quote=quote_level(block), code=False)
        cursor.createList(list_format(kind, max(1, list_depth(blocks[0]))))


def shift_item(edit: QTextEdit, steps: int) -> bool:
    """Move list items one level in or out, out of the list in the end; False where there is no list."""
    blocks = [block for block in selected_blocks(edit.textCursor()) if list_of(block) is not None]
    if not blocks:
        return False
    with _step(edit):
        for block in blocks:
            kind = list_kind(block) or LineKind.BULLET
            depth = list_depth(block) + steps
            if depth < 1:
                _set_block(block, quote=quote_level(block), code=False)
            elif depth <= MAX_DEPTH:
                _put_in_list(block, kind, depth)
    return True


def shift_quote(edit: QTextEdit, steps: int) -> None:
    """Quote the lines one level deeper or less deeply."""
    with _step(edit) as cursor:
        for block in selected_blocks(cursor):
            level = min(max(quote_level(block) + steps, 0), MAX_DEPTH)
            looks = block_format(level)
            changed = block.blockFormat()
            changed.setLeftMargin(looks.leftMargin())
            changed.setProperty(QTextFormat.Property.BlockQuoteLevel, level)
            QTextCursor(block).setBlockFormat(changed)


def toggle_quote(edit: QTextEdit) -> None:
    """Quote the lines, or no longer if all of them are."""
    quoted = all(quote_level(block) for block in selected_blocks(edit.textCursor()))
    shift_quote(edit, -1 if quoted else 1)


def toggle_code(edit: QTextEdit) -> None:
    """Part of a line in letters of one width; whole lines as a preformatted block."""
    cursor = edit.textCursor()
    blocks = list(selected_blocks(cursor))
    if cursor.hasSelection() and len(blocks) == 1 and not is_code(blocks[0]):
        on = not cursor.charFormat().fontFixedPitch()
        _change_pieces(edit, set_code if on else _unset_code)
        return
    on = not all(is_code(block) for block in blocks)
    with _step(edit):
        for block in blocks:
            _set_block(block, quote=quote_level(block), code=on)
            whole = QTextCursor(block)
            whole.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            _change_pieces_of(whole, set_code if on else _unset_code)
    if not cursor.hasSelection():
        edit.setCurrentCharFormat(char_format(Style(), code=on))


def selected_blocks(cursor: QTextCursor) -> Iterator[QTextBlock]:
    """The blocks the selection touches, or that of the cursor."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    end = cursor.selectionEnd()
    while block.isValid() and block.position() <= end:
        yield block
        block = block.next()


def list_kind(block: QTextBlock) -> LineKind | None:
    """Which kind of list the block is an item of; None for a line."""
    text_list = list_of(block)
    if text_list is None:
        return None
    return LineKind.BULLET if text_list.format().style() in _BULLETS else LineKind.NUMBER


def list_depth(block: QTextBlock) -> int:
    """How deep in lists the block is, 1 and up; 0 for a line."""
    text_list = list_of(block)
    return 0 if text_list is None else max(1, text_list.format().indent())


def _put_in_list(block: QTextBlock, kind: LineKind, depth: int) -> None:
    """Make `block` an item `depth` deep: of the list it continues, or of a new one."""
    before = block.previous()
    while before.isValid() and list_depth(before) > depth:
        before = before.previous()
    neighbour = list_of(before) if before.isValid() else None
    if neighbour is not None and list_depth(before) == depth and list_kind(before) is kind:
        neighbour.add(block)
    else:
        QTextCursor(block).createList(list_format(kind, depth))


def _set_block(block: QTextBlock, *, quote: int, code: bool) -> None:
    """Make `block` a plain line of its quote, out of any list."""
    text_list = list_of(block)
    if text_list is not None:
        text_list.remove(block)
    QTextCursor(block).setBlockFormat(block_format(quote, code=code))


# -- pieces of text


@contextmanager
def _step(edit: QTextEdit) -> Iterator[QTextCursor]:
    cursor = edit.textCursor()
    cursor.beginEditBlock()
    try:
        yield cursor
    finally:
        cursor.endEditBlock()


def _change_pieces(edit: QTextEdit, change: Callable[[QTextCharFormat], None]) -> None:
    """Change the looks of the selection piece by piece, or without one of what is typed next."""
    if edit.textCursor().hasSelection():
        _change_pieces_of(edit.textCursor(), change)
        return
    looks = edit.currentCharFormat()
    change(looks)
    edit.setCurrentCharFormat(looks)


def _change_pieces_of(cursor: QTextCursor, change: Callable[[QTextCharFormat], None]) -> None:
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    pieces = []
    for block in selected_blocks(cursor):
        iterator = block.begin()
        while not iterator.atEnd():
            piece = iterator.fragment()
            first, last = max(start, piece.position()), min(end, piece.position() + piece.length())
            if first < last:
                pieces.append((first, last, piece.charFormat()))
            iterator += 1
    cursor.beginEditBlock()
    for first, last, looks in pieces:
        part = QTextCursor(cursor.document())
        part.setPosition(first)
        part.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        change(looks)
        part.setCharFormat(looks)
    cursor.endEditBlock()


def _unset_code(looks: QTextCharFormat) -> None:
    looks.clearProperty(QTextFormat.Property.FontFixedPitch)
    looks.clearProperty(QTextFormat.Property.FontFamilies)


def _strip(looks: QTextCharFormat) -> None:
    if looks.isImageFormat():
        return
    unlink(looks)
    _unset_code(looks)
    for property_ in (
        QTextFormat.Property.FontWeight,
        QTextFormat.Property.FontItalic,
        QTextFormat.Property.FontStrikeOut,
    ):
        looks.clearProperty(property_)
