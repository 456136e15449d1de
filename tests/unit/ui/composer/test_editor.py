"""The editor: what is typed and pasted, what is kept of it, and that nothing is ever fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent, QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from qtmail.ui.composer import text_commands
from qtmail.ui.composer.editor import WIDEST_PICTURE, Editor
from qtmail.ui.composer.rich_text import LineKind

IMAGE = QImage(4, 3, QImage.Format.Format_RGB32)


def html_data(html: str, text: str = "") -> QMimeData:
    data = QMimeData()
    data.setHtml(html)
    data.setText(text)
    return data


def put_cursor(editor: Editor, position: int, end: int | None = None) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(position)
    if end is not None:
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def test_typing_makes_paragraphs(editor: Editor, qtbot: QtBot):
    qtbot.keyClicks(editor, "Hello")
    for _ in range(2):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "Ann")
    assert editor.body() == "<p>Hello</p><p>Ann</p>"


def test_a_paste_out_of_a_page_is_cut_down(editor: Editor):
    page = '<h1 onclick="x()">News</h1><div style="color:#333">text <b>bold</b></div><script>x()</script>'
    editor.insertFromMimeData(html_data(page))
    assert editor.body() == "<p><b>News</b></p><p>text <b>bold</b></p>"


def test_a_paste_into_plain_text_is_text(editor: Editor):
    editor.set_content("", rich=False)
    editor.insertFromMimeData(html_data("<b>bold</b>", "bold"))
    assert editor.body() == "bold"


def test_remote_pictures_are_never_asked_for(editor: Editor, tmp_path: Path):
    file = tmp_path / "local.png"
    IMAGE.save(str(file))
    for address in (
        "http://a.example/x.png",
        file.as_uri(),
        str(file),
        "qrc:/x.png",
        "data:image/png;base64,AAAA",
    ):
        editor.insertFromMimeData(html_data(f'<p>x<img src="{address}" alt="pic"></p>'))
        loaded = editor.document().resource(QTextDocument.ResourceType.ImageResource, QUrl(address))
        assert not loaded
    assert "img" not in editor.body()


def test_files_are_handed_on(editor: Editor, qtbot: QtBot, tmp_path: Path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "合同.pdf"))])
    with qtbot.waitSignal(editor.files_pasted) as pasted:
        editor.insertFromMimeData(data)
    assert pasted.args == [[tmp_path / "合同.pdf"]]
    assert editor.body() == ""


def test_a_picture_is_handed_on_but_not_that_of_a_table(editor: Editor, qtbot: QtBot):
    picture = QMimeData()
    picture.setImageData(IMAGE)
    with qtbot.waitSignal(editor.picture_pasted):
        editor.insertFromMimeData(picture)
    table = html_data("<table><tr><td>1</td><td>2</td></tr></table>", "1\t2")
    table.setImageData(IMAGE)
    with qtbot.assertNotEmitted(editor.picture_pasted):
        editor.insertFromMimeData(table)
    assert editor.text().startswith("1")


def test_what_is_copied_is_our_own_html(editor: Editor):
    editor.set_content("<p>a <b>b</b></p>", rich=True)
    editor.selectAll()
    editor.copy()
    data = QGuiApplication.clipboard().mimeData()
    assert (data.html(), data.text()) == ("<p>a <b>b</b></p>", "a b")


def test_a_large_picture_is_shown_smaller(editor: Editor):
    editor.insert_picture("a@b", QImage(WIDEST_PICTURE * 2, 100, QImage.Format.Format_RGB32), "wide")
    assert f'width="{WIDEST_PICTURE}" height="50"' in editor.body()
    assert editor.shown_pictures() == {"a@b"}


def test_plain_text_keeps_what_text_can_say(editor: Editor):
    editor.set_content(
        "<p>Dear <b>Ann</b>,</p><ul><li>one</li></ul><blockquote><p>old</p></blockquote>", rich=True
    )
    assert editor.loses_formatting()
    editor.make_plain()
    assert not editor.rich
    assert editor.body() == "Dear Ann,\n\n* one\n\n> old"


def test_text_without_looks_loses_nothing(editor: Editor):
    editor.set_content("<p>Hello<br><br><br>there</p>", rich=True)
    assert not editor.loses_formatting()
    editor.make_plain()
    assert editor.body() == "Hello\n\n\nthere"


def test_rich_again_makes_quotes_of_marks(editor: Editor):
    editor.set_content("I agree\n> you said\n>> I said", rich=False)
    editor.make_rich()
    quote = "<blockquote><p>you said</p><blockquote><p>I said</p></blockquote></blockquote>"
    assert editor.body() == f"<p>I agree</p>{quote}"


def test_what_is_typed_behind_a_link_is_not_linked(editor: Editor, qtbot: QtBot):
    editor.set_content('<p><a href="https://a.example/">here</a></p>', rich=True)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(editor, "!")
    assert editor.body() == '<p><a href="https://a.example/">here</a>!</p>'


def test_enter_on_an_empty_item_ends_the_list(editor: Editor, qtbot: QtBot):
    text_commands.toggle_list(editor, LineKind.BULLET)
    qtbot.keyClicks(editor, "one")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "after")
    assert editor.body() == "<ul><li>one</li></ul><p>after</p>"


def test_tab_and_backtab_shift_an_item(editor: Editor, qtbot: QtBot):
    editor.set_content("<ul><li>one</li><li>two</li></ul>", rich=True)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.body() == "<ul><li>one<ul><li>two</li></ul></li></ul>"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.body() == "<ul><li>one</li><li>two</li></ul>"


def test_backspace_at_the_beginning_leaves_a_quote(editor: Editor, qtbot: QtBot):
    editor.set_content("<blockquote><p>old</p></blockquote>", rich=True)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.body() == "<p>old</p>"


def test_what_an_input_method_composes_is_not_text_yet(editor: Editor, qtbot: QtBot):
    QGuiApplication.sendEvent(editor, QInputMethodEvent("nihao", []))
    assert (editor.composing, editor.text()) == (True, "")
    done = QInputMethodEvent()
    done.setCommitString("你好")
    with qtbot.waitSignal(editor.composing_ended):
        QGuiApplication.sendEvent(editor, done)
    assert (editor.composing, editor.body()) == (False, "<p>你好</p>")


def test_a_body_appended_stands_below(editor: Editor):
    editor.set_content("<p>Mine</p>", rich=True)
    editor.append_body("<blockquote><p>theirs</p></blockquote>")
    assert editor.text() == "Mine\n\ntheirs"


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (lambda edit: text_commands.set_bold(edit, True), "<p><b>one</b> two</p>"),
        (lambda edit: text_commands.set_italic(edit, True), "<p><i>one</i> two</p>"),
        (lambda edit: text_commands.set_underline(edit, True), "<p><u>one</u> two</p>"),
        (lambda edit: text_commands.set_strike(edit, True), "<p><s>one</s> two</p>"),
        (text_commands.toggle_code, "<p><code>one</code> two</p>"),
        (text_commands.toggle_quote, "<blockquote><p>one two</p></blockquote>"),
        (lambda edit: text_commands.toggle_list(edit, LineKind.NUMBER), "<ol><li>one two</li></ol>"),
    ],
)
def test_commands_change_the_selection_and_can_be_undone(editor: Editor, command, body: str):
    editor.set_content("<p>one two</p>", rich=True)
    put_cursor(editor, 0, 3)
    command(editor)
    assert editor.body() == body
    editor.undo()
    assert editor.body() == "<p>one two</p>"


def test_lists_and_code_are_switched_off_again(editor: Editor):
    editor.set_content("<p>one<br>two</p>", rich=True)
    editor.selectAll()
    for switch in (
        lambda: text_commands.toggle_list(editor, LineKind.BULLET),
        lambda: text_commands.toggle_code(editor),
    ):
        switch()
        assert editor.body() != "<p>one<br>two</p>"
        switch()
        assert editor.body() == "<p>one<br>two</p>"


def test_clearing_leaves_the_text_and_the_pictures(editor: Editor):
    editor.set_content('<ul><li><b>a</b><img src="cid:p@q" alt=""></li></ul><pre>c</pre>', rich=True)
    editor.selectAll()
    text_commands.clear_formatting(editor)
    assert editor.body() == '<p>a<img src="cid:p@q" alt=""><br>c</p>'


def test_a_link_is_found_whole_and_removed(editor: Editor):
    editor.set_content('<p>see <a href="https://a.example/">he<b>re</b></a> now</p>', rich=True)
    put_cursor(editor, 7)
    assert text_commands.link_at(editor.textCursor()).selectedText() == "here"
    text_commands.remove_link(editor)
    assert editor.body() == "<p>see he<b>re</b> now</p>"
