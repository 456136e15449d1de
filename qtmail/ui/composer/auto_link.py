"""Makes links of web and mail addresses as they are typed."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextEdit

from qtmail.ui.composer.document_html import char_format, is_code
from qtmail.ui.composer.ink import Inks
from qtmail.ui.composer.link_dialog import complete_address
from qtmail.ui.composer.rich_text import Style, utf16_length
from qtmail.ui.message_view.links import find_links

_LONGEST = 2000
"""Characters of an address; what is longer is none that anybody typed."""


def link_word_before(edit: QTextEdit, position: int, inks: Inks) -> None:
    """Make a link of the address that ends at `position`, if one does; a step of its own to undo.

    To be called once the space or line end behind the address is there: undoing once then leaves the text as
    it was typed, without the link.
    """
    word = _word_before(edit, position)
    for link in find_links(word) if word else ():
        rest = word[link.end :]
        if any(character.isalnum() for character in rest):
            continue  # only punctuation may follow
        start = position - utf16_length(word[link.start :])
        address = QTextCursor(edit.document())
        address.setPosition(start)
        address.setPosition(position - utf16_length(rest), QTextCursor.MoveMode.KeepAnchor)
        if not _is_taken(address):
            style = Style(href=complete_address(word[link.start : link.end]))
            here = edit.textCursor()
            here.beginEditBlock()  # undoing leaves the cursor where it is now
            address.mergeCharFormat(char_format(style, inks=inks))
            here.endEditBlock()


def _word_before(edit: QTextEdit, position: int) -> str:
    """What stands between the last space of the line and `position`; "" in preformatted text."""
    cursor = QTextCursor(edit.document())
    cursor.setPosition(position)
    if is_code(cursor.block()):
        return ""
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
    text = cursor.selectedText()[-_LONGEST:]
    return "" if text[-1:].isspace() else text.split()[-1] if text else ""


def _is_taken(address: QTextCursor) -> bool:
    """Whether any of the text is a link already, or code."""
    cursor = QTextCursor(address.document())
    for at in range(address.selectionStart() + 1, address.selectionEnd() + 1):
        cursor.setPosition(at)
        if cursor.charFormat().isAnchor() or cursor.charFormat().fontFixedPitch():
            return True
    return False
