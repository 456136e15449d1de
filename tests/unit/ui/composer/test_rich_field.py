from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit

from qtmail.ui.composer.link_dialog import LinkDialog
from qtmail.ui.composer.rich_field import RichField
from tests.fakes.window import light_theme


@pytest.fixture
def field(qapp, qtbot):
    field = RichField("Signature", light_theme(qapp))
    qtbot.addWidget(field)
    field.show()
    return field


def test_the_text_comes_back_as_it_was_given(field):
    field.set_html("<p>Ann <i>Lee</i></p>")
    assert field.html() == "<p>Ann <i>Lee</i></p>"


def test_spaces_alone_are_nothing(field):
    field.set_html("<p> </p><p></p>")
    assert field.html() == ""


def test_the_buttons_show_the_looks_at_the_cursor(field):
    field.set_html("<p><b>Ann</b></p>")
    field.editor.selectAll()
    assert field.bold.isChecked()
    assert not field.italic.isChecked()


def test_a_link_is_put_in_place_of_the_selection(field, qtbot):
    field.set_html("<p>Ann</p>")
    field.editor.selectAll()
    with qtbot.waitSignal(field.changed):
        qtbot.mouseClick(field.link, Qt.MouseButton.LeftButton)
        (dialog,) = field.findChildren(LinkDialog)
        qtbot.keyClicks(dialog.findChildren(QLineEdit)[0], "ann.example")
        buttons = dialog.findChild(QDialogButtonBox)
        buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert field.html() == '<p><a href="https://ann.example">Ann</a></p>'


def test_tab_leaves_the_field(field):
    assert field.editor.tabChangesFocus()
