"""Foreign HTML cut down to what the editor knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.html import sanitise
from qtmail.ui.composer.html_reader import MAX_DEPTH, read_html
from qtmail.ui.composer.html_writer import write_html


def pasted(html: str) -> str:
    return write_html(read_html(sanitise(html), foreign=True))


@given(st.text(alphabet="<>/abiulpre hst='\"=&;:-\n", max_size=60))
def test_nonsense_never_raises(html: str):
    assert read_html(html)


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<div>one</div><div>two</div>", "<p>one<br>two</p>"),
        ("<p>one</p>\n<p>two</p>\n", "<p>one</p><p>two</p>"),
        ("<h2>Title</h2><p>Text</p>", "<p><b>Title</b></p><p>Text</p>"),
        ("<strong>a</strong> <em>b</em>", "<p><b>a</b> <i>b</i></p>"),
        ('<span style="font-weight:700;color:rgb(200, 0, 0)">x</span>', None),
        ('<font color="red">x</font>', '<p><span style="color:#ff0000">x</span></p>'),
        ('<span style="color:#222">ink</span>', "<p>ink</p>"),
        ("<ul><li><p>a</p></li><li>b<br>c</li></ul>", "<ul><li>a</li><li>b<br>c</li></ul>"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", None),
        ('<a href="javascript:alert(1)">x</a>', "<p>x</p>"),
        ('<a href="https://a.example/">x</a>', None),
        ('<img src="https://a.example/x.png" alt="A cat">', "<p>A cat</p>"),
        ("<script>alert(1)</script><style>p{}</style>ok", "<p>ok</p>"),
        ("a<hr>b", "<p>a<br>――――――――――<br>b</p>"),
        ("<pre>\na\n  b</pre>", "<pre>a\n  b</pre>"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", None),
        ("&lt;b&gt; &amp; 中文", "<p>&lt;b&gt; &amp; 中文</p>"),
    ],
)
def test_what_is_kept_of_a_page(html: str, clean: str | None):
    expected = {
        '<span style="font-weight:700;color:rgb(200, 0, 0)">x</span>': (
            '<p><b><span style="color:#c80000">x</span></b></p>'
        ),
        '<a href="https://a.example/">x</a>': '<p><a href="https://a.example/">x</a></p>',
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>": (
            "<p>a &nbsp;&nbsp;&nbsp;b<br>c &nbsp;&nbsp;&nbsp;d</p>"
        ),
        "<blockquote>a<blockquote>b</blockquote></blockquote>": (
            "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"
        ),
    }
    assert pasted(html) == (clean or expected[html])


def test_a_paste_out_of_google_docs_is_not_bold_throughout():
    html = (
        '<b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr">'
        '<span style="font-weight:400">plain</span> <span style="font-weight:700">bold</span></p></b>'
    )
    assert pasted(html) == "<p>plain <b>bold</b></p>"


def test_a_paste_out_of_word_keeps_words_lists_and_no_office():
    html = (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'>"
        "<head><style>p.MsoNormal{margin:0}</style></head><body lang=EN-GB><!--StartFragment-->"
        "<p class=MsoNormal style='margin:0cm'><b>Dear</b> Ann,<o:p></o:p></p>"
        "<p class=MsoNormal style='margin:0cm'>see <span style='color:black'>below</span>.</p>"
        "<!--EndFragment--></body></html>"
    )
    assert pasted(html) == "<p><b>Dear</b> Ann,<br>see below.</p>"


def test_absurd_nesting_is_flattened():
    html = "<blockquote>" * 500 + "x" + "</blockquote>" * 500
    assert read_html(html)[0].quote == MAX_DEPTH
