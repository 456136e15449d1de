"""Answers and forwards, up to what the recipients read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from qtmail.domain.address import Address
from qtmail.domain.composition import Origin, OriginKind, Quote, QuoteKind
from qtmail.mime.html import html_to_text, sanitise
from qtmail.mime.message import Attachment
from qtmail.mime.parser import parse
from qtmail.mime.reply import edit_as_new, forward_attached, forward_inline, redirect, reply
from tests.unit.mime.letters import ANN, WORK, attached, letter, sent

CORPUS = Path(__file__).parents[2] / "corpus"
PICTURE = CORPUS / "related-inline-image-and-attachment.eml"
ORIGIN = Origin(OriginKind.ANSWERED, 2, b"INBOX", 7, 42)


def test_answer_knows_its_place() -> None:
    message = letter("References: <a@x> <b@x>", "In-Reply-To: <b@x>", "Subject: AW: Lunch")
    composition = reply(message, [ANN, WORK], to_all=False, origin=ORIGIN).composition
    assert composition.to == (Address("Bob Ray", "bob@example.net"),)
    assert composition.subject == "Re: Lunch"
    assert composition.in_reply_to == "lunch@example.net"
    assert composition.references == ("a@x", "b@x", "lunch@example.net")
    assert (composition.identity_id, composition.origin) == (ANN.id, ORIGIN)


@pytest.mark.parametrize(
    ("fields", "references"),
    [
        ((), ("lunch@example.net",)),
        (("In-Reply-To: <b@x>",), ("b@x", "lunch@example.net")),
        (("Message-ID: ", "References: <a@x>"), ("a@x",)),
        (("Message-ID: ",), ()),
    ],
)
def test_references(fields: tuple[str, ...], references: tuple[str, ...]) -> None:
    assert reply(letter(*fields), [ANN], to_all=False, origin=None).composition.references == references


def test_text_is_quoted_as_text_that_can_be_edited() -> None:
    message = letter(body="Shall we?\n\n> when\n-- \nBob")
    rich = reply(message, [ANN], to_all=False, origin=None, zone=UTC).composition
    assert rich.quote is None
    assert rich.body == (
        "<p><br><br>On 3 May 2026 at 12:05, Bob Ray wrote:</p>"
        "<blockquote><p>Shall we?</p><blockquote><p>when</p></blockquote></blockquote>"
    )
    plain = reply(message, [ANN], to_all=False, origin=None, zone=UTC, rich=False).composition
    assert plain.body == "\n\nOn 3 May 2026 at 12:05, Bob Ray wrote:\n> Shall we?\n>\n>> when\n"


def test_html_is_sealed_unchanged_with_the_pictures_it_shows() -> None:
    message = parse(PICTURE.read_bytes())
    prepared = reply(message, [ANN], to_all=False, origin=None)
    quote = prepared.composition.quote
    assert quote is not None
    assert quote.html == message.html
    assert (quote.kind, quote.text) == (QuoteKind.REPLY, message.text)
    assert [(one.filename, one.content_id) for one in prepared.carried] == [("pic.png", "pic@example")]
    assert prepared.composition.body == ""


def test_html_is_quoted_as_text_in_plain_answers() -> None:
    message = letter(body="<p>Shall <b>we</b>?</p>", kind="text/html")
    prepared = reply(message, [ANN], to_all=False, origin=None, rich=False)
    assert prepared.composition.body.endswith("wrote:\n> Shall we?\n")
    assert (prepared.composition.quote, prepared.carried) == (None, ())


def test_selection_is_all_that_is_quoted() -> None:
    message = letter(body="<p>one</p><p>two</p>", kind="text/html")
    text = reply(message, [ANN], to_all=False, origin=None, selection="two").composition
    assert text.quote is None
    assert html_to_text(text.body).endswith("wrote:\n\n> two")
    found = reply(
        message, [ANN], to_all=False, origin=None, selection="two", selection_html="<p onclick='x'>two</p>"
    ).composition
    assert found.quote is not None
    assert (found.quote.html, found.quote.text) == ("<p>two</p>", "two")


def test_forward_takes_everything_along() -> None:
    message = parse(PICTURE.read_bytes())
    prepared = forward_inline(message, [ANN], ORIGIN, zone=UTC)
    quote = prepared.composition.quote
    assert quote is not None
    assert (quote.kind, quote.html) == (QuoteKind.FORWARD, message.html)
    assert "From: Ann Lee <ann@example.org>\nDate: 5 March 2024 01:12 +0000" in quote.attribution
    assert [(one.filename, one.content_id) for one in prepared.carried] == [
        ("pic.png", "pic@example"),
        ("report.pdf", ""),
    ]
    assert prepared.composition.subject == "Fwd: Picture"
    assert (prepared.composition.to, prepared.composition.in_reply_to) == ((), "")


def test_forward_in_plain_text_attaches_the_pictures() -> None:
    message = parse(PICTURE.read_bytes())
    prepared = forward_inline(message, [ANN], None, rich=False)
    composition = replace(prepared.composition, to=(Address("", "bob@x.org"),))
    received = sent(attached(composition, message, prepared.carried), message)
    assert received.html is None
    assert [item.filename for item in received.attachments] == ["pic.png", "report.pdf"]
    assert "Subject: Picture" in received.text


def test_forward_of_signed_mail_leaves_the_signature_behind() -> None:
    message = parse((CORPUS / "signed-openpgp.eml").read_bytes())
    assert message.attachments
    assert not forward_inline(message, [ANN], None).carried


def test_forward_as_attachment() -> None:
    prepared = forward_attached(letter("Subject: a/b: c"), [ANN], ORIGIN, size=1234)
    (whole,) = prepared.carried
    assert (whole.part, whole.filename, whole.content_type, whole.size) == (
        "",
        "a b c.eml",
        "message/rfc822",
        1234,
    )
    assert (prepared.composition.quote, prepared.composition.body) == (None, "")


def test_redirect_shows_what_is_sent_on() -> None:
    prepared = redirect(letter(), [ANN], ORIGIN, size=99)
    assert prepared.resend
    assert [one.part for one in prepared.carried] == [""]
    assert (prepared.composition.subject, prepared.composition.body) == ("Lunch", "Hello.")
    assert prepared.composition.recipients == ()


def test_edited_as_new_it_is_a_message_of_its_own() -> None:
    message = letter("From: ann@example.org", "To: bob@x.org", "Bcc: c@x.org", "In-Reply-To: <a@x>")
    composition = edit_as_new(message, [WORK, ANN]).composition
    assert (composition.message_id, composition.in_reply_to, composition.references) == ("", "", ())
    assert [one.address for one in composition.recipients] == ["bob@x.org", "c@x.org"]
    assert (composition.identity_id, composition.body, composition.rich) == (ANN.id, "Hello.", False)


READABLE = sorted(path for path in CORPUS.rglob("*.eml") if path.stem != "empty-file")


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_answer_to_any_message_arrives(path: Path) -> None:
    """Read, answered, built and read again: nothing of the quote or of the answer is lost on the way."""
    message = parse(path.read_bytes())
    prepared = reply(message, [ANN], to_all=True, origin=None, zone=UTC)
    to = (Address("王小明", "wang@example.cn"),)
    answer = f"<p>好的，谢谢。</p>{prepared.composition.body}"
    composition = attached(replace(prepared.composition, to=to, body=answer), message, prepared.carried)
    received = sent(composition, message)
    assert received.problems == ()
    assert received.envelope.to == to
    assert received.envelope.subject == composition.subject
    assert received.envelope.in_reply_to == message.envelope.message_id
    assert received.html is not None
    assert "好的，谢谢。" in received.text
    assert _lines(prepared.composition.quote, message.text) <= set(_words(received.text))
    if prepared.composition.quote:
        markup = sanitise(prepared.composition.quote.html)
        assert markup.removeprefix(_style(markup)) in received.html
    shown = [item.content for item in message.attachments if item.inline]
    assert all(item.inline and item.content in shown for item in received.attachments)


def _style(markup: str) -> str:
    return markup[: markup.find("</style>") + len("</style>")] if markup.startswith("<style>") else ""


def _lines(quote: Quote | None, text: str) -> set[str]:
    """The words the original must have left in the text of the answer."""
    return set(_words(quote.text if quote else text.split("\n--")[0]))


def _words(text: str) -> list[str]:
    return [word for word in text.replace(">", " ").split() if word.isprintable()]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_forward_of_any_message_arrives_with_its_files(path: Path) -> None:
    message = parse(path.read_bytes())
    prepared = forward_inline(message, [ANN], None)
    composition = replace(prepared.composition, to=(Address("", "bob@x.org"),))
    received = sent(attached(composition, message, prepared.carried), message)
    files = [_content(item) for item in message.attachments if not item.content_type.endswith("-signature")]
    assert sorted(map(_content, received.attachments)) == sorted(files)


def _content(item: Attachment) -> bytes:
    """Attached messages may be recoded on the way, but say the same."""
    content = item.content or b""
    return parse(content).text.encode() if item.content_type == "message/rfc822" else content
