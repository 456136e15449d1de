"""Drafts that come back from a server: ours and those of other programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Quote, QuoteKind
from qtmail.mime.html_text import html_to_text
from qtmail.mime.parser import parse
from qtmail.mime.reopening import composition_from_message, draft_mark
from qtmail.mime.reply import forward_inline
from tests.unit.mime.letters import ANN, WORK, attached, letter, sent

CORPUS = Path(__file__).parents[2] / "corpus"

GMAIL = (
    '<div dir="ltr"><div>Yes, at <b>noon</b>.</div><div><br></div><div>Ann</div></div><br>'
    '<div class="gmail_quote gmail_quote_container">'
    '<div dir="ltr" class="gmail_attr">On Sun, Bob wrote:<br></div>'
    '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex"><table><tr><td>Lunch?</td></tr></table>'
    "</blockquote></div>"
)
THUNDERBIRD = (
    "<html><head></head><body><p>Yes, at <b>noon</b>.</p><p>Ann<br></p>"
    '<div class="moz-cite-prefix">On 03.05.26 14:05, Bob wrote:<br></div>'
    '<blockquote type="cite" cite="mid:lunch@example.net"><p>Lunch?</p></blockquote></body></html>'
)
OUTLOOK = (
    '<html><head><style>p.MsoNormal{margin:0cm}</style></head><body><div class="elementToProof">Yes, at '
    '<b>noon</b>.</div><div>Ann</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr">'
    "<b>From:</b> Bob</div><table><tr><td>Lunch?</td></tr></table></body></html>"
)
APPLE = (
    '<html><body style="word-wrap: break-word">Yes, at <b>noon</b>.<div>Ann<br><div><br>'
    '<blockquote type="cite"><div>On 3 May 2026, Bob wrote:</div><br>'
    '<div><img src="https://t.example/x.gif">Lunch?</div></blockquote></div><br></div></body></html>'
)


REPLY = Quote(QuoteKind.REPLY, "Bob wrote:", "<table><tbody></tbody></table><p>Lunch?</p>", "Lunch?")


@pytest.mark.parametrize(
    "html", [GMAIL, THUNDERBIRD, OUTLOOK, APPLE], ids=["gmail", "thunderbird", "outlook", "apple"]
)
def test_draft_of_another_program(html: str) -> None:
    composition, _ = composition_from_message(letter(body=html, kind="text/html"), [ANN])
    assert html_to_text(composition.body).split() == ["Yes,", "at", "noon.", "Ann"]
    assert "<b>noon</b>" in composition.body
    assert composition.quote is not None
    assert "Lunch?" in composition.quote.html
    assert "Bob" in composition.quote.text
    assert "Yes" not in composition.quote.html


def test_answers_below_and_between_quotes_can_be_edited() -> None:
    html = (
        '<blockquote type="cite"><p>Lunch?</p></blockquote><p>Yes.</p>'
        '<blockquote type="cite">When?</blockquote><p>Now</p>'
    )
    composition, _ = composition_from_message(letter(body=html, kind="text/html"), [ANN])
    assert composition.quote is None
    assert html_to_text(composition.body) == "> Lunch?\n\nYes.\n\n> When?\n\nNow"


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>a</td><td>b</td></tr></table><p>text</p>",
        '<p>text</p><img src="https://t.example/x.gif">',
        '<blockquote type="cite"><table><tr><td>a</td></tr></table></blockquote><p>below</p>',
    ],
)
def test_what_the_editor_cannot_show_is_sealed_as_a_whole(html: str) -> None:
    message = letter(body=html, kind="text/html")
    composition, _ = composition_from_message(message, [ANN])
    assert composition.body == ""
    assert composition.quote is not None
    assert composition.quote.html == message.html
    again = sent(replace(composition, to=(Address("", "bob@x.org"),)))
    assert message.html is not None
    assert again.html is not None
    assert message.html in again.html


def test_header_of_a_draft() -> None:
    message = letter(
        "From: a.lee@work.example",
        "To: Bob <bob@x.org>",
        "Cc: carl@x.org",
        "Bcc: dan@x.org",
        "Reply-To: office@work.example",
        "In-Reply-To: <b@x>",
        "References: <a@x> <b@x>",
        "X-Mozilla-Draft-Info: internal/draft; receipt=1",
        "Disposition-Notification-To: a.lee@work.example",
    )
    found, _ = composition_from_message(message, [ANN, WORK])
    assert found == Composition(
        identity_id=WORK.id,
        to=(Address("Bob", "bob@x.org"),),
        cc=(Address("", "carl@x.org"),),
        bcc=(Address("", "dan@x.org"),),
        reply_to=(Address("", "office@work.example"),),
        subject="Lunch",
        rich=False,
        body="Hello.",
        message_id="lunch@example.net",
        in_reply_to="b@x",
        references=("a@x", "b@x"),
        request_receipt=True,
    )


def test_our_draft_comes_back_as_it_was() -> None:
    composition = Composition(
        identity_id=1,
        to=(Address("Bob", "bob@x.org"), Address("", "half typ")),
        cc=(Address("王", "wang@example.cn"),),
        bcc=(Address("", "dan@x.org"), Address("", "carl@")),
        subject="Lunch 午餐",
        body='<p>Yes, <b>you</b> <span style="color:#ff0000">must</span>.<br>x</p><p>&nbsp; a&nbsp; b</p>'
        "<ul><li>one</li></ul><blockquote><p>q</p></blockquote><pre>c\n  d</pre>",
        quote=Quote(
            QuoteKind.REPLY, "On 3 May 2026, Bob wrote:", "<table><tbody></tbody></table><p>x</p>", "x"
        ),
        message_id="draft@example.org",
        in_reply_to="b@x",
        references=("a@x", "b@x"),
        request_receipt=True,
    )
    found, carried = composition_from_message(sent(composition, draft=True), [ANN])
    assert found == composition
    assert carried == []


def test_our_draft_in_plain_text_comes_back() -> None:
    composition = Composition(identity_id=1, rich=False, body="Yes.  \n\n> q\n-- \nAnn\n" + "long line " * 30)
    found, _ = composition_from_message(sent(composition, draft=True), [ANN])
    assert found.body.split() == composition.body.split()
    assert not found.rich


def test_our_draft_with_pictures_and_files_comes_back() -> None:
    message = parse((CORPUS / "related-inline-image-and-attachment.eml").read_bytes())
    prepared = forward_inline(message, [ANN], None)
    draft = sent(attached(prepared.composition, message, prepared.carried), message, draft=True)
    found, carried = composition_from_message(draft, [ANN])
    assert found.quote is not None
    assert prepared.composition.quote is not None
    assert found.quote.html == prepared.composition.quote.html
    assert found.quote.attribution == prepared.composition.quote.attribution
    assert [(one.filename, one.content_type, one.content_id) for one in carried] == [
        ("pic.png", "image/png", "pic@example"),
        ("report.pdf", "application/pdf", ""),
    ]


def test_words_put_below_our_quote_by_another_program_are_not_lost() -> None:
    composition = Composition(to=(Address("", "bob@x.org"),), body="<p>Yes.</p>", quote=REPLY)
    html = sent(composition).html or ""
    for below in ("<p>below</p>", "<div>below</div>"):
        found, _ = composition_from_message(letter(body=html + below, kind="text/html"), [ANN])
        everything = found.body + (found.quote.html if found.quote else "")
        assert all(word in everything for word in ("Yes.", "Bob wrote:", "Lunch?", "below"))


def test_message_id_that_cannot_be_sent_is_dropped() -> None:
    composition, _ = composition_from_message(letter("Message-ID: <a b@x>"), [ANN])
    assert composition.message_id == ""


def test_draft_mark() -> None:
    assert draft_mark(letter("X-Qtmail-Draft: 4f2a-1 12")) == ("4f2a-1", 12)
    assert draft_mark(letter("X-Qtmail-Draft: nonsense")) is None
    assert draft_mark(letter()) is None
