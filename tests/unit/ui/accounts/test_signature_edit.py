from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.ui.accounts.signature_edit import SignatureEdit
from tests.fakes.window import light_theme


@pytest.fixture
def edit(qapp, qtbot):
    edit = SignatureEdit(light_theme(qapp))
    qtbot.addWidget(edit)
    edit.show()
    return edit


def test_both_forms_come_back_as_they_were_given(edit):
    edit.set_signature("<p><b>Ann</b></p>", "Ann\nLee")
    assert edit.html() == "<p><b>Ann</b></p>"
    assert edit.text() == "Ann\nLee"


def test_an_empty_form_is_no_signature(edit):
    edit.set_signature("", "")
    assert (edit.html(), edit.text()) == ("", "")


def test_bold_is_a_button(edit, qtbot):
    edit.set_signature("", "")
    qtbot.mouseClick(edit.rich.bold, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(edit.rich.editor, "Ann")
    assert edit.html() == "<p><b>Ann</b></p>"


def test_a_plain_signature_alone_is_shown_first(edit):
    edit.set_signature("", "Ann")
    assert edit.currentWidget() is edit.plain
