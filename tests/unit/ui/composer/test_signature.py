"""The signature follows the identity as long as nobody edited it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QTextCursor

from qtmail.domain.identity import Identity
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.signature import add_signature, exchange_signature, signature_lines

HOME = Identity(1, 1, "Ann", "ann@a.example", signature_html="<p><b>Ann</b><br>at home</p>")
WORK = Identity(2, 2, "Ann Lee", "ann@b.example", signature_text="Ann Lee\nWork Ltd")
NONE = Identity(3, 2, "Ann", "a@b.example")


def test_an_empty_text_leaves_room_above(editor: Editor):
    add_signature(editor, HOME)
    assert editor.text() == "\n\n-- \nAnn\nat home"
    assert editor.textCursor().position() == 0


def test_it_stands_below_what_is_there(editor: Editor):
    editor.set_content("<p>Hello</p>", rich=True)
    add_signature(editor, HOME)
    assert editor.body() == "<p>Hello</p><p>-- <br><b>Ann</b><br>at home</p>"


@pytest.mark.parametrize("rich", [True, False])
def test_each_kind_is_made_from_the_other(rich: bool):
    for identity, words in ((HOME, ["-- ", "Ann", "at home"]), (WORK, ["-- ", "Ann Lee", "Work Ltd"])):
        assert [line.text for line in signature_lines(identity, rich=rich)] == words


def test_a_mark_of_the_users_own_is_not_doubled():
    marked = replace(WORK, signature_text="-- \nAnn")
    assert [line.text for line in signature_lines(marked, rich=False)] == ["-- ", "Ann"]


@pytest.mark.parametrize("rich", [True, False])
def test_another_identity_brings_its_own(editor: Editor, rich: bool):
    editor.set_content("<p>Hello</p>" if rich else "Hello", rich=rich)
    add_signature(editor, HOME)
    exchange_signature(editor, HOME, WORK)
    assert editor.text() == "Hello\n\n-- \nAnn Lee\nWork Ltd"
    exchange_signature(editor, WORK, NONE)
    assert "Ann" not in editor.text()
    exchange_signature(editor, NONE, HOME)
    assert editor.text().rstrip().endswith("-- \nAnn\nat home")


def test_an_edited_signature_stays(editor: Editor):
    add_signature(editor, HOME)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.textCursor().insertText(" again")
    exchange_signature(editor, HOME, WORK)
    assert editor.text().endswith("-- \nAnn\nat home again")


def test_a_signature_taken_out_stays_out(editor: Editor):
    editor.set_content("<p>Hello</p>", rich=True)
    exchange_signature(editor, HOME, WORK)
    assert editor.text() == "Hello"


def test_what_stands_below_a_signature_stays(editor: Editor):
    add_signature(editor, HOME)
    editor.append_body("<blockquote><p>theirs</p></blockquote>")
    exchange_signature(editor, HOME, WORK)
    assert editor.text() == "\n\n-- \nAnn Lee\nWork Ltd\n\ntheirs"
    assert editor.body().endswith("<blockquote><p>theirs</p></blockquote>")
