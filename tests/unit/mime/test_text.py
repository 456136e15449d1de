"""Plain text: flowed lines, quotes, links."""

from __future__ import annotations

import pytest

from qtmail.mime.enriched import enriched_to_text, richtext_to_text
from qtmail.mime.text import FOLD_LINES, quote_levels, text_to_html, unflow


@pytest.mark.parametrize(
    ("flowed", "delsp", "text"),
    [
        ("a \nb\nc", False, "a b\nc"),
        ("a \nb", True, "ab"),
        ("> a \n> b\nc", False, "> a b\nc"),
        ("> a \n>> b", False, "> a \n>> b"),
        (" >not a quote\n From x", False, ">not a quote\nFrom x"),
        ("a \n-- \nsignature", False, "a \n-- \nsignature"),
        ("", False, ""),
        ("a \n", False, "a "),
    ],
)
def test_unflow(flowed: str, delsp: bool, text: str) -> None:
    assert unflow(flowed, delsp) == text


def test_quote_levels() -> None:
    text = "new\n> one\n> > two\n>>> three\n>From the start\n >no"
    assert quote_levels(text) == [
        (0, "new"), (1, "one"), (2, "two"), (3, "three"), (0, ">From the start"), (0, " >no"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("see http://x.org/a?b=1&c=2.", "http://x.org/a?b=1&amp;c=2", "http://x.org/a?b=1&amp;c=2"),
        ("(https://x.org/a_(b))", "https://x.org/a_(b)", "https://x.org/a_(b)"),
        ("请访问https://x.org/路", "https://x.org/", "https://x.org/"),
        ("网址：http://x.org/a。谢谢", "http://x.org/a", "http://x.org/a"),
        ("www.x.org，好", "http://www.x.org", "www.x.org"),
        ("<http://x.org>", "http://x.org", "http://x.org"),
        ("mail ann.lee+x@x.org!", "mailto:ann.lee+x@x.org", "ann.lee+x@x.org"),
        ("mailto:a@x.org", "mailto:a@x.org", "mailto:a@x.org"),
        ("联系我a@x.org吧", "mailto:a@x.org", "a@x.org"),
    ],
)
def test_links(text: str, target: str, shown: str) -> None:
    assert f'<a href="{target}">{shown}</a>' in text_to_html(text)


@pytest.mark.parametrize(
    "text", ["http://", "www.", "a@b", "javascript:alert(1)", "@x.org", "file:///etc/passwd"]
)
def test_no_links(text: str) -> None:
    assert "<a " not in text_to_html(text)


def test_brackets_without_end_take_no_time() -> None:
    assert text_to_html("see http://x.org" + ")" * 1_000_000).count('href="http://x.org"') == 1


def test_text_is_escaped() -> None:
    assert "<b>" not in text_to_html('<b> & "x" http://x.org/"><script>')
    assert "<script>" not in text_to_html('<b> & "x" http://x.org/"><script>')


def test_quotes_nest_and_signature_is_marked() -> None:
    html = text_to_html("hi\n> one\n>> two\n> three\nbye\n-- \nAnn")
    assert html.count("<blockquote") == html.count("</blockquote>") == 2
    assert html.index("level-1") < html.index("level-2") < html.index("three")
    assert '<div class="text signature">-- \nAnn</div>' in html


def test_long_quotes_fold_and_the_last_starts_folded() -> None:
    quote = "\n".join(["> line"] * (FOLD_LINES + 1))
    assert "<details open>" in text_to_html(f"{quote}\nanswer")
    assert "<details>" in text_to_html(f"answer\n{quote}")
    assert "<details" not in text_to_html("> short\nanswer")


def test_enriched() -> None:
    text = (
        "<bold>Now</bold> is\nthe <<time>\n\nnew<nofill>\na\n  b</nofill><color><param>red</param>c</color>"
    )
    assert enriched_to_text(text) == "Now is the <time>\nnew\na\n  bc"


def test_richtext() -> None:
    assert richtext_to_text("<bold>a</bold>\nb<nl>c<lt>d<comment>no</comment>") == "a b\nc<d"
