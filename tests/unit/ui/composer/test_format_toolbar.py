"""The buttons above the text."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QTextCursor
from PySide6.QtWidgets import QDialog, QMenu
from pytestqt.qtbot import QtBot

from qtmail.domain.composition import Composition
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.format_toolbar import TEXT_COLORS, FormatToolbar
from qtmail.ui.composer.link_dialog import LinkDialog
from qtmail.ui.shared.theme import contrast
from tests.unit.ui.composer.conftest import MakeWindow


@pytest.fixture
def toolbar(editor: Editor, qtbot: QtBot) -> FormatToolbar:
    toolbar = FormatToolbar(editor)
    qtbot.addWidget(toolbar)
    return toolbar


def test_buttons_show_the_looks_at_the_cursor(editor: Editor, toolbar: FormatToolbar):
    editor.set_content(
        "<p>a</p><p><b>b</b></p><ul><li>c</li></ul><blockquote><p>d</p></blockquote><pre>e</pre>", rich=True
    )
    on = {}
    for block in range(editor.document().blockCount()):
        cursor = QTextCursor(editor.document().findBlockByNumber(block))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        editor.setTextCursor(cursor)
        names = ("bold", "bullets", "quote", "code")
        on[cursor.block().text()] = [name for name in names if toolbar.action(name).isChecked()]
    assert on == {"a": [], "": [], "b": ["bold"], "c": ["bullets"], "d": ["quote"], "e": ["code"]}


def test_what_is_typed_next_has_the_chosen_looks(editor: Editor, toolbar: FormatToolbar, qtbot: QtBot):
    toolbar.action("bold").trigger()
    qtbot.keyClicks(editor, "loud")
    toolbar.action("bold").trigger()
    qtbot.keyClicks(editor, " calm")
    assert editor.body() == "<p><b>loud</b> calm</p>"


def test_text_is_coloured_and_uncoloured(editor: Editor, toolbar: FormatToolbar):
    editor.set_content("<p>text</p>", rich=True)
    editor.selectAll()
    menu = toolbar.action("color").menu()
    assert isinstance(menu, QMenu)
    choices = {action.text(): action for action in menu.actions()}
    choices["Red"].trigger()
    assert editor.body() == f'<p><span style="color:{dict(TEXT_COLORS)["Red"]}">text</span></p>'
    choices["Automatic"].trigger()
    assert editor.body() == "<p>text</p>"


def test_colours_can_be_read_on_white():
    assert all(contrast(QColor(value), QColor("white")) >= 4.5 for _, value in TEXT_COLORS)


def test_a_link_is_put_in(write: MakeWindow):
    window = write(Composition(body="<p>see here</p>", identity_id=2))
    editor = window.form.editor
    cursor = editor.textCursor()
    cursor.setPosition(4)
    cursor.setPosition(8, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    window.form.toolbar.action("link").trigger()
    (dialog,) = window.findChildren(QDialog)
    assert isinstance(dialog, LinkDialog)
    dialog._address.setText("a.example")
    dialog.accept()
    assert editor.body().startswith('<p>see <a href="https://a.example">here</a>')
