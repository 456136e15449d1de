"""Addresses that become links as they are typed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtmail.ui.composer.editor import Editor


@pytest.mark.parametrize(
    ("typed", "body"),
    [
        ("https://a.example/x ", '<p><a href="https://a.example/x">https://a.example/x</a> </p>'),
        ("see www.a.example, ", '<p>see <a href="https://www.a.example">www.a.example</a>, </p>'),
        ("(ann@a.example) ", '<p>(<a href="mailto:ann@a.example">ann@a.example</a>) </p>'),
        ("a.example ", "<p>a.example </p>"),
        ("a word ", "<p>a word </p>"),
        ("https://a.example", "<p>https://a.example</p>"),
    ],
)
def test_an_address_is_linked_once_a_space_follows(editor: Editor, qtbot: QtBot, typed: str, body: str):
    qtbot.keyClicks(editor, typed)
    assert editor.body() == body


def test_an_address_is_linked_at_the_end_of_a_line(editor: Editor, qtbot: QtBot):
    qtbot.keyClicks(editor, "www.a.example")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "on")
    assert editor.body() == '<p><a href="https://www.a.example">www.a.example</a><br>on</p>'


def test_what_stands_before_an_address_does_not_shift_the_link(editor: Editor, qtbot: QtBot):
    editor.insertPlainText("😀😀 网址：www.a.example")
    qtbot.keyClicks(editor, " ")
    assert '：<a href="https://www.a.example">www.a.example</a> ' in editor.body()


def test_undo_takes_the_link_away_and_leaves_the_text(editor: Editor, qtbot: QtBot):
    qtbot.keyClicks(editor, "www.a.example ")
    editor.undo()
    assert editor.body() == "<p>www.a.example </p>"
    qtbot.keyClicks(editor, "x ")
    assert editor.body() == "<p>www.a.example x </p>"


def test_bold_text_stays_bold_in_a_link(editor: Editor, qtbot: QtBot):
    editor.set_content("<p><b>www.a.example</b></p>", rich=True)
    qtbot.keyClick(editor, Qt.Key.Key_End)
    qtbot.keyClicks(editor, " ")
    assert "<b>www.a.example</b></a>" in editor.body()


def test_a_link_with_another_target_keeps_it(editor: Editor, qtbot: QtBot):
    body = '<p><a href="https://b.example/">www.a.example</a></p>'
    editor.set_content(body, rich=True)
    qtbot.keyClick(editor, Qt.Key.Key_End)
    qtbot.keyClicks(editor, " ")
    assert 'href="https://b.example/">www.a.example</a>' in editor.body()


def test_preformatted_and_plain_text_have_no_links(editor: Editor, qtbot: QtBot):
    editor.set_content("<pre>www.a.example</pre>", rich=True)
    qtbot.keyClick(editor, Qt.Key.Key_End)
    qtbot.keyClicks(editor, " ")
    assert "<a " not in editor.body()
    editor.set_content("", rich=False)
    qtbot.keyClicks(editor, "www.a.example ")
    assert editor.body() == "www.a.example "


def test_a_text_that_is_only_shown_is_left_alone(editor: Editor, qtbot: QtBot):
    editor.set_content("<p>www.a.example</p>", rich=True)
    editor.setReadOnly(True)
    qtbot.keyClick(editor, Qt.Key.Key_End)
    qtbot.keyClicks(editor, " ")
    assert editor.body() == "<p>www.a.example</p>"
