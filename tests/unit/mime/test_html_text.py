"""HTML laid out as text."""

from __future__ import annotations

import pytest

from qtmail.mime.html_text import MAX_QUOTE_DEPTH, html_to_text, is_absurd


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br></div><div>b", "a\nb"),
        ("<h1>T</h1>text<hr>more", "T\n\ntext\n\n---\n\nmore"),
        ("<ul><li>x<li>y<ul><li>z</ul></ul><ol start=3><li>q</ol>", "* x\n* y\n  * z\n\n3. q"),
        ("<table><tr><td>a</td><td><p>b</p></td></tr><tr><td>c</td><td>d</td></tr></table>", "a  b\nc  d"),
        ("<td><div>a</div><div>b</div></td><td>c</td>", "a\nb\nc"),
        ("<blockquote>x<br>y<blockquote>z</blockquote></blockquote>w", "> x\n> y\n>\n>> z\n\nw"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ('<div style="display: none">hidden <b>x</b></div>seen', "seen"),
        ("<script>x</script><style>y</style><title>z</title><!-- c -->text", "text"),
        ("1 &lt; 2 &amp; 3&nbsp;&#x4f60;", "1 < 2 & 3 你"),
        ("  a \n\t <b> b</b>  c ", "a b c"),
        ("你好，<b>世界</b>", "你好，世界"),
        ("a\u200b\u034f\u00adb", "ab"),
        ('<img alt="Logo"><img alt="Sale">', "Logo\nSale"),
        ("plain, no tags", "plain, no tags"),
        ("", ""),
    ],
)
def test_layout(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_quote_marks_are_limited() -> None:
    text = html_to_text("<blockquote>" * 3000 + "x<br>" * 1000)
    assert len(text) < 1000 * (MAX_QUOTE_DEPTH + 10)


def test_a_long_address_is_no_absurd_tag() -> None:
    assert not is_absurd('<p><img src="data:image/png;base64,' + "AAAA\n" * 50_000 + '"></p>')


def test_absurd_documents_are_flattened() -> None:
    assert is_absurd("<p " + "a=b " * 100_000 + ">")
    assert html_to_text("<div>" * 100_000 + "text") == "text"
    assert html_to_text("&" * 200_000 + "x").endswith("x")


def test_wide_cells_are_not_padded() -> None:
    html = "<table><tr><td>" + "y" * 10_000 + "</td><td>x</td></tr>" + "<tr><td>1</td><td>2</td></tr>" * 100
    assert len(html_to_text(html)) < 11_000
