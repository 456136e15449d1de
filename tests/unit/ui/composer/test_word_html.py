"""Lists pasted out of word processors."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData

from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.word_html import with_lists


def item(text: str, marker: str = "·", level: int = 1) -> str:
    return (
        f"<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level{level} lfo1'>"
        "<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>"
        f"{marker}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span></span>"
        f"<![endif]>{text}<o:p></o:p></p>"
    )


def paste(editor: Editor, html: str) -> str:
    data = QMimeData()
    data.setHtml(f"<html><body><!--StartFragment-->{html}<!--EndFragment--></body></html>")
    editor.insertFromMimeData(data)
    return editor.body()


def test_items_become_a_list(editor: Editor):
    assert paste(editor, item("one") + "\r\n" + item("<b>two</b>")) == (
        "<ul><li>one</li><li><b>two</b></li></ul>"
    )


@pytest.mark.parametrize("marker", ["1.", "2)", "a.", "(iv)"])
def test_numbers_become_a_numbered_list(editor: Editor, marker: str):
    assert paste(editor, item("one", marker)) == "<ol><li>one</li></ol>"


def test_levels_are_kept(editor: Editor):
    assert paste(editor, item("one") + item("deeper", "o", 2)) == (
        "<ul><li>one<ul><li>deeper</li></ul></li></ul>"
    )


def test_text_around_a_list_stays_text(editor: Editor):
    assert paste(editor, f"<p class=MsoNormal>before</p>{item('one')}<p class=MsoNormal>after</p>") == (
        "<p>before</p><ul><li>one</li></ul><p>after</p>"
    )


def test_other_html_is_left_alone():
    for html in ("<p>mso-list: a word</p>", "<p style='mso-list:none'>x</p>", "<ul><li>x</li></ul>"):
        assert with_lists(html) == html
