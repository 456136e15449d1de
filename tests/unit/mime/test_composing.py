"""From a composition to what goes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, DraftAttachment, FileSource, Quote, QuoteKind
from qtmail.errors import MessageUnsendable
from qtmail.mime.builder import build
from qtmail.mime.composing import DRAFT_FIELD, outgoing_message, resent_message
from qtmail.mime.outgoing import OutgoingMessage
from qtmail.mime.parser import parse
from qtmail.mime.sendable import envelope_addresses
from tests.unit.mime.letters import ANN, NOW, sent

BOB = Address("Bob Ray", "bob@example.net")
FINE = Composition(to=(BOB,), subject="Lunch", body="<p>Yes.</p>", message_id="yes@example.org")
SEALED = Quote(QuoteKind.REPLY, "Bob wrote:", '<p>Shall we? <img src="cid:map@x"></p>', "Shall we?\n> when")


def out(composition: Composition, *, draft: bool = False, **changes: object) -> OutgoingMessage:
    identity = replace(ANN, **changes)  # type: ignore[arg-type]
    return outgoing_message(composition, identity, date=NOW, open_source=no_source, draft=draft)


def no_source(_: DraftAttachment) -> Iterator[bytes]:
    yield b"x"


def file(name: str, content_id: str = "") -> DraftAttachment:
    return DraftAttachment(name, "image/png", 1, FileSource(f"/{name}", 0), content_id)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
        (
            '<p>see <a href="https://x.example/?a=1&amp;b=2">here</a></p>',
            "see here <https://x.example/?a=1&b=2>",
        ),
        ('<p><a href="https://x.example/">https://x.example</a></p>', "https://x.example"),
        ('<p><a href="mailto:a@x.org">a@x.org</a></p>', "a@x.org"),
        ('<p>map: <img src="cid:m" alt="a map"></p>', "map: [a map]"),
        ("<p>Yes.</p><p>--<br>Ann</p>", "Yes.\n\n-- \nAnn"),
        ("<ul><li>a</li></ul><blockquote><p>q</p></blockquote>", "* a\n\n> q"),
        ("<p>我们<b>明天</b>见。</p>", "我们明天见。"),
    ],
)
def test_text_alternative(html: str, text: str) -> None:
    assert out(replace(FINE, body=html)).text == text


def test_quote_stands_below_in_both_forms() -> None:
    message = out(replace(FINE, quote=SEALED))
    assert message.text == "Yes.\n\nBob wrote:\n> Shall we?\n>> when"
    assert message.html is not None
    assert SEALED.html in message.html
    assert message.html.index("Yes.") < message.html.index("Bob wrote:") < message.html.index("Shall we?")


def test_plain_text_has_no_html() -> None:
    message = out(replace(FINE, rich=False, body="Yes.\n", quote=SEALED))
    assert message.html is None
    assert message.text == "Yes.\n\nBob wrote:\n> Shall we?\n>> when"


def test_pictures_go_where_they_are_shown() -> None:
    files = (file("plan.png"), file("logo.png", "logo@x"), file("map.png", "map@x"), file("old.png", "old@x"))
    composition = replace(FINE, body='<p><img src="cid:logo@x"></p>', quote=SEALED, attachments=files)

    def names(message: OutgoingMessage) -> tuple[list[str], list[str]]:
        return [one.filename for one in message.inline], [one.filename for one in message.attachments]

    assert names(out(composition)) == (["logo.png", "map.png"], ["plan.png"])
    assert names(out(replace(composition, quote=None))) == (["logo.png"], ["plan.png"])
    plain = replace(composition, rich=False, body="Yes.")
    assert names(out(plain)) == ([], ["plan.png", "logo.png", "old.png"])
    assert all(not one.content_id for one in out(plain).attachments)


def test_header() -> None:
    composition = replace(
        FINE, bcc=(Address("", "secret@x.org"),), in_reply_to="a@x", references=("a@x",), request_receipt=True
    )
    message = outgoing_message(
        composition,
        replace(ANN, reply_to="Office <office@example.org>"),
        date=NOW,
        open_source=no_source,
        extra=((DRAFT_FIELD, "key 3"),),
    )
    raw = b"".join(build(message))
    assert b"secret" not in raw
    found = message_from_bytes(raw, policy=default)
    assert found["From"] == "Ann Lee <ann@example.org>"
    assert found["To"] == "Bob Ray <bob@example.net>"
    assert found["Reply-To"] == "Office <office@example.org>"
    assert found["Message-ID"] == "<yes@example.org>"
    assert found["In-Reply-To"] == found["References"] == "<a@x>"
    assert found["Disposition-Notification-To"] == "ann@example.org"
    assert found["X-Qtmail-Draft"] == "key 3"
    assert envelope_addresses(message) == ("ann@example.org", ("bob@example.net", "secret@x.org"))


def test_reply_to_of_the_message_comes_before_that_of_the_identity() -> None:
    message = out(replace(FINE, reply_to=(BOB,)), reply_to="office@example.org")
    assert message.reply_to == (BOB,)


def test_message_id_is_made_where_there_is_none() -> None:
    assert out(replace(FINE, message_id="")).message_id.endswith("@example.org")


@pytest.mark.parametrize(
    ("composition", "sentence"),
    [
        (replace(FINE, to=()), "The message has no recipient."),
        (replace(FINE, to=(Address("Friends", ""),)), "The message has no recipient."),
        (replace(FINE, cc=(Address("", "bob"),)), "“bob” is not an address that mail can be sent to."),
        (
            replace(FINE, bcc=(Address("Bob", "b ob@x"),)),
            "“Bob <b ob@x>” is not an address that mail can be sent to.",
        ),
        (replace(FINE, reply_to=(Address("", "@x"),)), "“@x” is not an address that mail can be sent to."),
    ],
)
def test_what_cannot_be_sent_is_said_but_kept_as_a_draft(composition: Composition, sentence: str) -> None:
    with pytest.raises(MessageUnsendable) as fault:
        out(composition)
    assert fault.value.sentence == sentence
    assert fault.value.advice
    assert b"".join(build(out(composition, draft=True), include_bcc=True))


def test_sender_without_an_address() -> None:
    with pytest.raises(MessageUnsendable, match="cannot be sent from “ann”"):
        out(FINE, address="ann")
    assert b"".join(build(out(FINE, draft=True, address="ann"), include_bcc=True))


def test_half_typed_recipients_are_kept_in_drafts() -> None:
    composition = replace(FINE, to=(BOB, Address("", "half\r\nBcc: typ")), bcc=(Address("", "carl@"),))
    received = sent(composition, draft=True)
    assert ("X-Qtmail-Typed-To", "half Bcc: typ") in received.headers
    assert ("X-Qtmail-Typed-Bcc", "carl@") in received.headers
    assert (received.envelope.to, received.envelope.bcc) == ((BOB,), ())


# Re-sending

RAW = (
    b"Received: x\r\nFrom: Carl <carl@x.org>\r\nTo: ann@example.org\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n"
    b"\r\nHi\r\n"
)


def resent(raw: list[bytes], **changes: object) -> bytes:
    composition = replace(FINE, cc=(Address("", "dan@x.org"),), bcc=(Address("", "secret@x.org"),))
    return b"".join(resent_message(raw, replace(composition, **changes), ANN, date=NOW))  # type: ignore[arg-type]


def test_resent_message_is_unchanged_below_new_fields() -> None:
    raw = resent([RAW])
    assert raw.endswith(RAW)
    assert b"secret" not in raw
    found = message_from_bytes(raw, policy=default)
    assert [name for name in found.keys() if name.startswith("Resent-")] == [  # noqa: SIM118
        *("Resent-Date", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Message-ID"),
    ]
    assert found["Resent-From"] == "Ann Lee <ann@example.org>"
    assert found["Resent-Message-ID"] == "<yes@example.org>"
    assert found["From"] == "Carl <carl@x.org>"
    assert parse(raw).envelope.subject == "café"


def test_resent_message_needs_recipients() -> None:
    with pytest.raises(MessageUnsendable):
        resent([RAW], to=(), cc=(), bcc=())


def test_line_of_an_mbox_file_is_left_out() -> None:
    assert resent([b"From carl Sun May  3 14:05:00 2026\r\n" + RAW]).endswith(b"example.org>\r\n" + RAW)


@given(st.lists(st.text(st.sampled_from("a\r\n")).map(str.encode)))
def test_line_ends_become_crlf_wherever_pieces_are_cut(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    body = resent([b"A: b\r\n\r\n", *pieces]).partition(b"A: b\r\n\r\n")[2]
    assert body == whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
