"""Text and foreign HTML as the simple HTML of the editor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.html import html_to_text
from qtmail.mime.simple_html import fragment, is_simple, simplified


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("\n\nx", "<p><br><br>x</p>"),
        ("a\n\n\nb", "<p>a</p><p><br>b</p>"),
        ("a\n \t\nb", "<p>a</p><p>b</p>"),
        (
            "> q\n>> d\n> e\nown",
            "<blockquote><p>q</p><blockquote><p>d</p></blockquote><p>e</p></blockquote><p>own</p>",
        ),
        ("a\n\n> b\n\nc", "<p>a</p><blockquote><p>b</p></blockquote><p><br>c</p>"),
        ("  two  spaces", "<p>&nbsp;&nbsp;two&nbsp;&nbsp;spaces</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
    ],
)  # fmt: skip
def test_text_as_html(text: str, html: str) -> None:
    assert fragment(text) == html


words = st.text(st.sampled_from("ab <&>\"' 你")).map(str.strip).filter(lambda text: text and text[0] != ">")


@given(st.lists(st.lists(words, min_size=1, max_size=3).map("\n".join), min_size=1, max_size=4))
def test_text_comes_back(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert html_to_text(fragment(text)) == text


@pytest.mark.parametrize(
    ("html", "simple"),
    [
        ("<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ('<p class="x" style="margin:3px;color:red" onclick="x()">a</p>', '<p style="color:red">a</p>'),
        ('<img src="cid:a" alt="">', '<img src="cid:a" alt="">'),
        ('<img src="https://t.example/x.gif" alt="logo">', "[logo]"),
        ('<img src="https://t.example/x.gif">', ""),
        ("<table><tr><td>a</td></tr></table>", "<table><tbody><tr><td>a</td></tr></tbody></table>"),
        ('<a href="javascript:x()">a</a><script>x</script>', "<a>a</a>"),
        ('<div style="display:none">hidden</div>shown', "shown"),
        ("<style>p{color:red}</style>a", "a"),
        ('<font color="red">a</font><blink>b</blink>', '<font color="red">a</font>b'),
    ],
)
def test_foreign_html_is_cut_down(html: str, simple: str) -> None:
    assert simplified(html) == simple
    assert simplified(simple) == simple


@pytest.mark.parametrize(
    ("html", "simple"),
    [
        ('<style>p{color:red}</style><p class="MsoNormal">a</p>', True),
        ('<div dir="ltr">a<br><ul><li>b</li></ul><img src="cid:x"></div>', True),
        ('<img src="https://x.example/a.png">', False),
        ("<table><tbody></tbody></table>", False),
        ('<div style="background:url(cid:x)">a</div>', False),
        ("<video></video>", False),
    ],
)
def test_what_loses_nothing(html: str, simple: bool) -> None:
    assert is_simple(html) is simple
