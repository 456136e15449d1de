"""Keys that mean something else in lists, quotes and preformatted blocks, and behind a link."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextBlock
from PySide6.QtWidgets import QTextEdit, QWidget

from qtmail.ui.composer import text_commands
from qtmail.ui.composer.document_html import is_code, list_of, quote_level

_WITHOUT = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def take_key(edit: QTextEdit, event: QKeyEvent) -> bool:
    """Do what the key means where the cursor is; False where it means what it always does."""
    cursor = edit.textCursor()
    block = cursor.block()
    bare = event.modifiers() in _WITHOUT
    match event.key():
        case Qt.Key.Key_Tab if bare and list_of(block) is not None:
            return text_commands.shift_item(edit, 1)
        case Qt.Key.Key_Backtab:
            # Tab is for writing here; back to the field before must be possible without a mouse.
            return text_commands.shift_item(edit, -1) or QWidget.focusNextPrevChild(edit, False)
        case Qt.Key.Key_Return | Qt.Key.Key_Enter if bare and not block.text():
            return _step_out(edit, block)
        case Qt.Key.Key_Backspace if cursor.atBlockStart() and not cursor.hasSelection():
            return _step_out(edit, block)
    return False


def leave_link(edit: QTextEdit) -> None:
    """Have what is typed behind a link be no part of it."""
    cursor = edit.textCursor()
    if cursor.hasSelection() or not cursor.charFormat().isAnchor():
        return
    if cursor.position() == text_commands.link_at(cursor).selectionEnd():
        looks = cursor.charFormat()
        text_commands.unlink(looks)
        edit.setCurrentCharFormat(looks)


def _step_out(edit: QTextEdit, block: QTextBlock) -> bool:
    """One step out of a list, a preformatted block or a quote; False for an ordinary line."""
    if list_of(block) is not None:
        return text_commands.shift_item(edit, -1)
    if is_code(block):
        text_commands.toggle_code(edit)
        return True
    if quote_level(block):
        text_commands.shift_quote(edit, -1)
        return True
    return False
