"""Addresses are found in text without the punctuation around them."""

from __future__ import annotations

import pytest

from qtmail.ui.message_view.links import find_links, link_texts


@pytest.mark.parametrize(
    ("text", "shown", "target"),
    [
        ("See https://example.com/a?b=c#d.", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("(see www.example.com)", "www.example.com", "http://www.example.com"),
        (
            "https://en.example.org/wiki/A_(b)",
            "https://en.example.org/wiki/A_(b)",
            "https://en.example.org/wiki/A_(b)",
        ),
        ("<https://example.com>", "https://example.com", "https://example.com"),
        ("请看https://example.cn/页，谢谢", "https://example.cn/页", "https://example.cn/页"),
        (
            "write to anna.berg+x@example.co.uk!",
            "anna.berg+x@example.co.uk",
            "mailto:anna.berg+x@example.co.uk",
        ),
        ("mailto:a@example.com", "mailto:a@example.com", "mailto:a@example.com"),
    ],
)
def test_find_links(text: str, shown: str, target: str) -> None:
    (link,) = find_links(text)
    assert text[link.start : link.end] == shown
    assert link.target == target


@pytest.mark.parametrize("text", ["", "no link", "a@b", "http:/one.slash", "3.5 and e.g. x"])
def test_no_links(text: str) -> None:
    assert list(find_links(text)) == []


def test_several_links() -> None:
    assert len(list(find_links("www.a.example, www.b.example; c@d.example"))) == 3


def test_link_texts_of_html() -> None:
    html = (
        '<p><a href="https://a.example/">the <b>bank</b>\n site</a><a href="b"><img alt="picture"></a>'
        '<map><area href="c" alt="corner"></map><a name="x">no target</a><a href="d">open'
    )
    expected = [("https://a.example/", "the bank site"), ("b", "picture"), ("c", "corner"), ("d", "open")]
    assert link_texts(html) == expected
