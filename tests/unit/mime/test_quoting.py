"""What stands above a quote, and quotes as text."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from qtmail.domain.composition import Quote, QuoteKind
from qtmail.mime.html import html_to_text
from qtmail.mime.message import Attachment
from qtmail.mime.quoting import (
    Words,
    attribution,
    header_block,
    quote_inline,
    quoted,
    with_pictures,
    without_signature,
)
from tests.unit.mime.letters import letter

SUMMER = timezone(timedelta(hours=2))
CHINESE = Words(
    wrote="{date} {time}，{name} 写道：",
    date="{year}年{month}{day}日",
    months=tuple(f"{number}月" for number in range(1, 13)),
)


def test_attribution_says_when_and_who() -> None:
    envelope = letter().envelope
    assert attribution(envelope, zone=SUMMER) == "On 3 May 2026 at 14:05, Bob Ray wrote:"
    assert attribution(envelope, zone=UTC) == "On 3 May 2026 at 12:05, Bob Ray wrote:"
    assert attribution(envelope, CHINESE, SUMMER) == "2026年5月3日 14:05，Bob Ray 写道："


def test_attribution_of_what_is_not_known() -> None:
    assert attribution(letter("Date: nonsense").envelope) == "Bob Ray wrote:"
    assert attribution(letter("From: bob@example.net", "Date: ").envelope) == "bob@example.net wrote:"
    assert attribution(letter("From: ").envelope) == ""
    assert attribution(letter("From: {time} <bob@example.net>", "Date: ").envelope) == "{time} wrote:"


def test_header_block_names_what_there_is() -> None:
    envelope = letter("Cc: carl@x.org, Dan <dan@x.org>").envelope
    assert header_block(envelope, zone=SUMMER).split("\n") == [
        "-------- Forwarded message --------",
        "From: Bob Ray <bob@example.net>",
        "Date: 3 May 2026 14:05 +0200",
        "Subject: Lunch",
        "To: Ann Lee <ann@example.org>",
        "Cc: carl@x.org, Dan <dan@x.org>",
    ]
    assert "Cc:" not in header_block(letter("Subject: ").envelope)
    assert "Subject:" not in header_block(letter("Subject: ").envelope)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hi\n-- \nAnn", "Hi"),
        ("Hi\n\n--\nAnn\nTel", "Hi"),
        ("-- \nAnn", "-- \nAnn"),
        ("a\n-- \nb\n-- \nAnn", "a\n-- \nb"),
        ("Hi\n-- \nAnn\n\n> quoted below", "Hi\n-- \nAnn\n\n> quoted below"),
        ("title\n--\n" + "text\n" * 20, "title\n--\n" + "text\n" * 20),
        ("a--\nb", "a--\nb"),
        ("-- \n" * 300_000 + "> end", "-- \n" * 300_000 + "> end"),
    ],
)
def test_signature_is_cut(text: str, kept: str) -> None:
    assert without_signature(text) == kept


def test_quotes_get_deeper() -> None:
    assert quoted("a\n\n> b\n>> c") == "> a\n>\n>> b\n>>> c"


def test_reply_quote_as_text() -> None:
    quote = Quote(QuoteKind.REPLY, "Bob wrote:", "<table><tr><td>x</td></tr></table>", "x\ny")
    assert quote_inline(quote, rich=False) == "Bob wrote:\n> x\n> y"
    assert html_to_text(quote_inline(quote, rich=True)) == "Bob wrote:\n\n> x"


def test_forward_quote_as_text_is_not_marked() -> None:
    quote = Quote(QuoteKind.FORWARD, "--- Forwarded ---\nFrom: Bob <b@x.org>", "", "x\n> y")
    assert quote_inline(quote, rich=False) == "--- Forwarded ---\nFrom: Bob <b@x.org>\n\nx\n> y"
    assert quote_inline(quote, rich=True) == (
        "<p>--- Forwarded ---<br>From: Bob &lt;b@x.org&gt;</p><p>x</p><blockquote><p>y</p></blockquote>"
    )


def test_quote_that_is_opened_keeps_its_pictures_and_loads_no_others() -> None:
    quote = Quote(QuoteKind.REPLY, "", '<p>a<img src="cid:x"><img src="https://t.example/t.gif"></p>', "a")
    assert quote_inline(quote, rich=True) == '<blockquote><p>a<img src="cid:x"></p></blockquote>'


def picture(section: str, content_id: str = "", location: str = "") -> Attachment:
    return Attachment(section, f"{section}.png", "image/png", 9, content_id, True, b"", location)


def test_pictures_are_carried_as_far_as_they_are_shown() -> None:
    html = '<p>a<img src="cid:one%40x"><img src="cid:gone"></p>'
    same, carried = with_pictures(html, [picture("2", "one@x"), picture("3", "other@x"), picture("4")])
    assert same == html
    assert [(one.part, one.content_id) for one in carried] == [("2", "one@x")]


def test_pictures_shown_by_their_location_get_a_content_id() -> None:
    html = '<img src="image1.png"><img src="http://x.org/a?b&amp;c"><img src="image10.png">'
    found, carried = with_pictures(
        html, [picture("2", "", "image1.png"), picture("3", "", "http://x.org/a?b&c"), picture("4")]
    )
    assert found == '<img src="cid:part-2@original"><img src="cid:part-3@original"><img src="image10.png">'
    assert [one.content_id for one in carried] == ["part-2@original", "part-3@original"]


def test_content_ids_that_no_header_can_hold_are_renamed() -> None:
    found, carried = with_pictures('<img src="cid:图">', [picture("2", "图")])
    assert found == '<img src="cid:part-2@original">'
    assert carried[0].content_id == "part-2@original"
