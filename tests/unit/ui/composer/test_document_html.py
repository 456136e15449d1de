"""The editor's document as HTML and back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextCursor, QTextDocument

from qtmail.ui.composer.document_html import fragment, insert_lines, lines_of, load, text_of
from qtmail.ui.composer.html_reader import read_html
from qtmail.ui.composer.rich_text import Line, LineKind
from tests.unit.ui.composer.test_html_writer import lines

pytestmark = pytest.mark.usefixtures("qapp")
QT = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SAMPLE = (
    "<p>Dear <b>Ann <i>Lee</i></b>,</p>"
    "<ul><li>one<ul><li>deeper</li></ul></li><li>two<br>lines</li></ul><ol><li>first</li></ol>"
    "<blockquote><p>quoted</p><blockquote><p>twice</p></blockquote></blockquote><pre>x = 1\n  y</pre>"
    '<p>see <a href="https://a.example/">here</a> <code>code</code> <u>u</u> <s>s</s> '
    '<span style="color:#ff0000">red</span> <img src="cid:a@b" width="20" height="10" alt="cat"></p>'
)


def test_every_look_comes_back():
    document = QTextDocument()
    load(document, SAMPLE, {})
    assert fragment(document) == SAMPLE


@QT
@given(st.lists(lines(), max_size=8))
def test_any_document_comes_back_the_same(written: list[Line]):
    document = QTextDocument()
    insert_lines(QTextCursor(document), written)
    html = fragment(document)
    again = QTextDocument()
    load(again, html, {})
    assert fragment(again) == html


@QT
@given(st.lists(lines(), max_size=4), st.data())
def test_any_document_that_was_edited_comes_back_the_same(written: list[Line], data: st.DataObject):
    document = QTextDocument()
    insert_lines(QTextCursor(document), written)
    cursor = QTextCursor(document)
    for _ in range(3):
        end = document.characterCount() - 1
        cursor.setPosition(data.draw(st.integers(0, end)))
        cursor.setPosition(data.draw(st.integers(0, end)), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(data.draw(st.text(max_size=5)))
        cursor.insertBlock()
    html = fragment(document)
    again = QTextDocument()
    load(again, html, {})
    assert fragment(again) == html


def test_an_empty_document_is_no_html():
    assert fragment(QTextDocument()) == ""


def test_what_was_loaded_cannot_be_undone_away():
    document = QTextDocument()
    load(document, "<p>text</p>", {})
    assert not document.isUndoAvailable()


def test_numbered_items_count_on():
    document = QTextDocument()
    load(document, "<ol><li>a</li><li>b</li><li>c</li></ol>", {})
    third = document.findBlockByNumber(2)
    assert third.textList().itemText(third) == "3."


def test_text_put_into_a_line_goes_on_there():
    document = QTextDocument()
    load(document, "<ul><li>item</li></ul>", {})
    cursor = QTextCursor(document)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    insert_lines(cursor, read_html("<p>, <b>more</b></p>"))
    assert fragment(document) == "<ul><li>item, <b>more</b></li></ul>"


def test_a_list_put_into_an_empty_line_is_a_list():
    document = QTextDocument()
    insert_lines(QTextCursor(document), read_html("<ul><li>a</li><li>b</li></ul>"))
    assert [line.kind for line in lines_of(document)] == [LineKind.BULLET, LineKind.BULLET]


def test_the_text_has_the_lines():
    document = QTextDocument()
    load(document, "<p>a<br>b</p><ul><li>c<br>d</li></ul>", {})
    assert text_of(document) == "a\nb\nc\nd"


def test_pictures_are_the_ones_given():
    document = QTextDocument()
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    load(document, '<p><img src="cid:a@b" alt=""></p>', {"a@b": image})
    shown = document.resource(QTextDocument.ResourceType.ImageResource, QUrl("cid:a@b"))
    assert isinstance(shown, QImage) and shown.width() == 3
