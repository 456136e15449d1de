"""What is said above a message of how it was sent, and of who wants a receipt for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import DeliveryStatus, OutboxState
from qtmail.mime.parser import parse
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.window.message_standing import MessageStanding
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.message_reader import message_row
from tests.fakes.outbox_items import NOW, accepted, outbox_item, refused
from tests.fakes.window import light_theme

OWN = parse(
    b"From: Me <me@personal.example>\r\nTo: ann@x\r\nSubject: Plans\r\n"
    b"Message-ID: <sent-1@personal.example>\r\n\r\nHello\r\n"
)
ASKS = (
    b"From: Ann <ann@x.example>\r\nReturn-Path: <ann@x.example>\r\nTo: me@personal.example\r\n"
    b"Disposition-Notification-To: ann@x.example\r\nSubject: Plans\r\n\r\nHello\r\n"
)


class Bench:
    def __init__(self, app) -> None:
        self.service = FakeComposeService()
        self.view = MessageView(light_theme(app))
        self.standing = MessageStanding(self.view, self.service, clock=lambda: NOW)  # type: ignore[arg-type]

    def show(self, message, row=None) -> None:
        self.view.show_message(message, row=row)
        self.standing.show(row, message)

    def notice(self, key: str):
        return self.view.notices.notice(key)


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp)
    qtbot.addWidget(bench.view)
    bench.view.resize(700, 500)
    bench.view.show()
    return bench


def test_a_sent_message_says_what_became_of_it_and_follows_reports(bench):
    item = outbox_item(1, OutboxState.FILED, recipients=(accepted("ann@x"), refused("bob@x")), sent_at=NOW)
    bench.service.items = [item]
    bench.show(OWN, message_row(1))
    assert "Accepted by the server" in bench.notice("delivery").text()
    assert "bob@x: refused, 550 5.1.1 No such user" in bench.notice("delivery").text()
    reported = replace(item, recipients=(accepted("ann@x", DeliveryStatus.DELIVERED), item.recipients[1]))
    bench.service.items = [reported]
    bench.standing.apply(StoreChange(frozenset({ChangeKind.OUTBOX})))
    assert "delivered to 1 of 2" in bench.notice("delivery").text()


def test_of_a_message_not_sent_from_here_nothing_is_claimed(bench):
    bench.show(OWN, message_row(1))
    assert bench.notice("delivery") is None


def test_an_answer_that_comes_late_is_not_put_on_another_message(bench):
    bench.service.items = [outbox_item(1, OutboxState.FILED, sent_at=NOW)]
    bench.service.holding = True
    bench.show(OWN, message_row(1))
    bench.show(parse(ASKS.replace(b"Disposition-Notification-To", b"X-Nothing")), message_row(2))
    bench.service.release()
    assert bench.notice("delivery") is None


@pytest.mark.parametrize(("answer", "consent"), [("Send receipt", True), ("Don't send", False)])
def test_a_receipt_is_sent_only_with_consent(bench, qtbot, answer, consent):
    bench.show(parse(ASKS), message_row(1, sender_name="Ann"))
    strip = bench.notice("receipt")
    assert strip.text() == "Ann asks to be told that you have read this message."
    assert bench.service.receipts == []
    qtbot.mouseClick(strip.button(answer), Qt.MouseButton.LeftButton)
    assert [(row.id, sent) for row, _, sent in bench.service.receipts] == [(1, consent)]
    assert bench.notice("receipt") is None


def test_a_receipt_that_would_go_elsewhere_is_doubted(bench):
    elsewhere = ASKS.replace(b"Notification-To: ann@x.example", b"Notification-To: spy@y.example")
    bench.show(parse(elsewhere), message_row(1, sender_name="Ann"))
    assert "spy@y.example" in bench.notice("receipt").text()


@pytest.mark.parametrize("flags", [Flag.MDN_SENT, Flag.DRAFT, Flag.JUNK])
def test_what_was_answered_before_or_is_not_to_be_asks_for_nothing(bench, flags):
    bench.show(parse(ASKS), message_row(1, flags=flags))
    assert bench.notice("receipt") is None


def test_a_file_cannot_be_marked_as_answered_and_asks_for_nothing(bench):
    bench.show(parse(ASKS))
    assert bench.notice("receipt") is None
