from __future__ import annotations

from datetime import UTC, datetime

from qtmail.domain.outgoing import DeliveryStatus, OutboxState
from qtmail.ui.outbox.delivery_texts import answer_report, delivery_sentence, recipient_sentence
from qtmail.ui.shared.notice_strip import Tone
from tests.fakes.outbox_items import NOW, accepted, outbox_item, refused


def test_a_sent_message_says_who_got_it_and_who_did_not():
    recipients = (
        accepted("ann@x", DeliveryStatus.DELIVERED),
        accepted("cleo@x", DeliveryStatus.READ),
        refused("bob@x", "no such user"),
    )
    item = outbox_item(1, OutboxState.FILED, recipients=recipients, sent_at=NOW - 5)
    when = datetime.fromtimestamp(NOW - 5, UTC).astimezone().strftime("%H:%M")
    words, tone = delivery_sentence(item, NOW)
    assert words == (
        f"Accepted by the server {when} · delivered to 2 of 3 · read by cleo@x · bob@x: refused, no such user"
    )
    assert tone is Tone.WARNING


def test_without_reports_only_the_acceptance_is_claimed():
    item = outbox_item(1, OutboxState.FILED, recipients=(accepted("ann@x"),), sent_at=NOW - 5)
    words, tone = delivery_sentence(item, NOW)
    assert "delivered" not in words
    assert tone is Tone.INFO


def test_a_delayed_message_is_not_called_refused():
    late = accepted("ann@x", DeliveryStatus.DELAYED, "the server is full")
    words, tone = delivery_sentence(outbox_item(1, OutboxState.FILED, recipients=(late,), sent_at=NOW), NOW)
    assert words.endswith("ann@x: delayed, the server is full")
    assert tone is Tone.WARNING


def test_a_message_not_accepted_yet_says_how_it_stands():
    assert delivery_sentence(outbox_item(1, OutboxState.SENDING), NOW) == ("Being sent…", Tone.INFO)
    assert delivery_sentence(outbox_item(1, OutboxState.UNCERTAIN), NOW)[1] is Tone.WARNING


def test_each_recipient_is_told_with_the_server_s_words():
    assert recipient_sentence(refused("b@x")) == "refused: 550 5.1.1 No such user"
    assert recipient_sentence(accepted("a@x", DeliveryStatus.FAILED, "mailbox full")) == (
        "not delivered: mailbox full"
    )


def test_the_report_holds_all_that_the_server_said():
    item = outbox_item(7, OutboxState.FAILED, attempts=3, last_answer="550 No", recipients=(refused("b@x"),))
    report = answer_report(item).splitlines()
    assert "Message-ID: sent-7@personal.example" in report
    assert "Attempts: 3" in report
    assert "Last answer: 550 No" in report
    assert report[-1] == "b@x: refused: 550 5.1.1 No such user"
