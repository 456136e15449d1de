"""Lines as HTML and back: small, clean, and the same every time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtmail.mime.html_text import html_to_text
from qtmail.ui.composer.html_reader import read_html
from qtmail.ui.composer.html_writer import write_html
from qtmail.ui.composer.rich_text import LINE_BREAK, Line, LineKind, Picture, Run, Style, text_lines

BOLD = Style(bold=True)
COLORS = st.sampled_from(["", "#ff0000", "#12ab34"])
STYLES = st.builds(
    Style,
    bold=st.booleans(),
    italic=st.booleans(),
    underline=st.booleans(),
    strike=st.booleans(),
    code=st.booleans(),
    color=COLORS,
    href=st.sampled_from(["", "https://a.example/?x=1&y=“2”", "mailto:ann@a.example"]),
)
TEXTS = st.text(max_size=12) | st.text(alphabet=" \t\xa0a<&>\"'-" + LINE_BREAK, max_size=8)
PICTURES = st.builds(
    Picture,
    st.text("ab1@.", min_size=1),
    st.integers(0, 900),
    st.integers(0, 900),
    st.text("ab <", max_size=5),
)
RUNS = st.builds(Run, TEXTS, STYLES) | st.builds(Run, st.just(""), STYLES, PICTURES)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    kind = draw(st.sampled_from(LineKind))
    depth = draw(st.integers(1, 4)) if kind.is_item else 0
    return Line(tuple(draw(st.lists(RUNS, max_size=4))), kind, depth, draw(st.integers(0, 3)))


@settings(deadline=None)
@given(st.lists(lines(), max_size=8))
def test_what_is_written_is_read_and_written_the_same(document: list[Line]):
    html = write_html(document)
    assert write_html(read_html(html)) == html


@given(st.lists(st.text("ab é你", max_size=4), min_size=1, max_size=8))
def test_plain_lines_come_back_as_they_were(texts: list[str]):
    read = read_html(write_html(text_lines("\n".join(texts))))
    assert [line.text.replace("\xa0", " ") for line in read] == texts


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Hello", "<p>Hello</p>"),
        ("Dear Ann,\n\nhere it is.\nBest\n", "<p>Dear Ann,</p><p>here it is.<br>Best<br><br></p>"),
        ("one\n\n\ntwo", "<p>one</p><p><br>two</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("a  b", "<p>a &nbsp;b</p>"),
        ("  indented", "<p>&nbsp; indented</p>"),
        ("nul\0 bell\a", "<p>nul bell</p>"),
    ],
)
def test_text_becomes_paragraphs(text: str, html: str):
    assert write_html(text_lines(text)) == html


@given(st.lists(st.sampled_from(["", "one", "two words", "三"]), min_size=1, max_size=8))
def test_the_text_made_of_the_html_has_the_lines_that_were_typed(texts: list[str]):
    made = html_to_text(write_html(text_lines("\n".join(texts))))
    typed = "\n".join(texts).strip("\n")
    while "\n\n\n" in typed:  # what shows HTML as text keeps at most one empty line
        typed = typed.replace("\n\n\n", "\n\n")
    assert made == typed


def test_neighbours_share_their_tags():
    runs = (Run("a", BOLD), Run("b", Style(bold=True, italic=True)), Run("c"))
    assert write_html([Line(runs)]) == "<p><b>a<i>b</i></b>c</p>"


def test_a_link_is_not_underlined_or_coloured_twice():
    style = Style(underline=True, color="#0000ff", href="https://a.example/")
    assert write_html([Line((Run("here", style),))]) == '<p><a href="https://a.example/">here</a></p>'


def test_lists_nest():
    items = [("one", 1), ("two", 2), ("three", 1)]
    document = [Line((Run(text),), LineKind.BULLET, depth) for text, depth in items]
    assert write_html(document) == "<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>"


def test_a_numbered_list_after_bullets_is_a_list_of_its_own():
    document = [Line((Run("a"),), LineKind.BULLET, 1), Line((Run("b"),), LineKind.NUMBER, 1)]
    assert write_html(document) == "<ul><li>a</li></ul><ol><li>b</li></ol>"


def test_quotes_and_code():
    document = [
        Line((Run("deep"),), quote=2),
        Line((Run("less"),), quote=1),
        Line((Run("x = 1"),), LineKind.CODE),
        Line((Run("  y"),), LineKind.CODE),
    ]
    quoted = "<blockquote><blockquote><p>deep</p></blockquote><p>less</p></blockquote>"
    assert write_html(document) == quoted + "<pre>x = 1\n  y</pre>"


def test_a_picture_names_its_part():
    picture = Picture("a@b", 20, 10, "A <cat>")
    html = '<p><img src="cid:a@b" width="20" height="10" alt="A &lt;cat&gt;"></p>'
    assert write_html([Line((Run("", picture=picture),))]) == html


def test_lines_from_right_to_left_are_shown_so():
    assert write_html(text_lines("שלום")) == '<p dir="rtl">שלום</p>'
    assert write_html(text_lines("Hello שלום")) == "<p>Hello שלום</p>"
    mixed = write_html(text_lines("مرحبا\nHello"))
    assert mixed == '<p dir="auto" style="unicode-bidi:plaintext;text-align:start">مرحبا<br>Hello</p>'
    assert read_html(mixed) == text_lines("مرحبا\nHello")
    items = [Line((Run("שלום"),), LineKind.BULLET, 1), Line((Run("Hello"),), LineKind.BULLET, 1)]
    assert write_html(items) == '<ul><li dir="rtl">שלום</li><li>Hello</li></ul>'
