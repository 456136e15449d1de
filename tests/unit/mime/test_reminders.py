"""What is asked before a message goes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, DraftAttachment, FileSource, Quote, QuoteKind
from qtmail.mime.reminders import Reminder, outsiders, reminders

FINE = Composition(to=(Address("", "bob@x.org"),), subject="Lunch", rich=False, body="Hello.")
FILE = DraftAttachment("a.pdf", "application/pdf", 1, FileSource("/a.pdf", 0))


@pytest.mark.parametrize(
    "body",
    [
        *("I attached the plan.", "See the attachment", "Please find attached: x", "the enclosed file"),
        *("请见附件。", "见附", "已附上照片", "詳見附檔", "随信附上"),
        *("Im Anhang der Plan", "anbei der Plan", "Der Plan ist beigefügt."),
        *("Ci-joint le plan", "voir pièce jointe", "les pièces jointes"),
        *("Adjunto el plan", "los documentos adjuntos", "添付します"),
    ],
)
def test_attachment_that_was_promised(body: str) -> None:
    promised = replace(FINE, body=body)
    assert reminders(promised) == (Reminder.MISSING_ATTACHMENT,)
    assert reminders(replace(promised, rich=True, body=f"<p>{body}</p>")) == (Reminder.MISSING_ATTACHMENT,)
    assert reminders(replace(promised, attachments=(FILE,))) == ()


@pytest.mark.parametrize(
    "body",
    [
        "We played a joint concert at the annex.",
        "Yes\n> see the attachment",
        "Yes\n-- \nThis mail and any attachments are confidential",
        "我附近有餐馆",
    ],
)
def test_attachment_that_was_not_promised(body: str) -> None:
    assert reminders(replace(FINE, body=body)) == ()


def test_quote_and_subject_of_the_original_promise_nothing() -> None:
    quote = Quote(QuoteKind.REPLY, "Bob wrote:", "<p>see the attachment</p>", "see the attachment")
    assert reminders(replace(FINE, rich=True, body="<p>Yes</p>", quote=quote)) == ()
    assert reminders(replace(FINE, subject="Re: attachment", in_reply_to="a@x")) == ()
    assert reminders(replace(FINE, subject="attachment")) == (Reminder.MISSING_ATTACHMENT,)


def test_subject_and_number_of_recipients() -> None:
    people = tuple(Address("", f"u{number}@x.org") for number in range(21))
    assert reminders(replace(FINE, subject=" ")) == (Reminder.EMPTY_SUBJECT,)
    assert reminders(replace(FINE, to=people[:10], cc=people[10:])) == (Reminder.MANY_RECIPIENTS,)
    assert reminders(replace(FINE, to=people[:20], bcc=people)) == ()


def test_outsiders_get_an_answer_to_what_was_said_inside() -> None:
    inside = [Address("", "bob@work.example"), Address("", "ann@Work.example")]
    answer = replace(FINE, to=(inside[0], Address("", "carl@x.org")))
    assert reminders(answer, sender="ann@work.example", correspondents=inside) == (Reminder.OUTSIDERS,)
    assert outsiders(answer, "ann@work.example", inside) == (Address("", "carl@x.org"),)
    assert outsiders(answer, "ann@work.example", [*inside, Address("", "dan@y.org")]) == ()
    assert outsiders(answer, "ann@work.example", []) == ()
    friends = [Address("", "bob@gmail.com")]
    assert outsiders(answer, "ann@gmail.com", friends) == ()
