from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.outgoing import OutboxState
from qtmail.models.outbox import OutboxModel
from qtmail.ui.outbox.outbox_commands import OutboxCommands
from qtmail.ui.outbox.outbox_texts import described
from qtmail.ui.outbox.outgoing_strips import OutgoingStrips
from qtmail.ui.shared.notice_strip import NoticeArea
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.outbox_items import NOW, accepted, outbox_item, refused
from tests.fakes.window import light_theme

HELD = outbox_item(1, OutboxState.HELD, not_before=NOW + 5)


class Bench:
    def __init__(self, app) -> None:
        self.service = FakeComposeService()
        self.service.draft()
        self.model = OutboxModel(self.service.outbox, described)
        self.commands = OutboxCommands(self.service)  # type: ignore[arg-type]
        self.area = NoticeArea(light_theme(app))
        self.strips = OutgoingStrips(self.model, self.commands, self.area, clock=lambda: NOW)

    def follow(self, *items) -> None:
        self.service.items = list(items)
        self.model.load()

    def click(self, qtbot, key: str, text: str) -> None:
        strip = self.area.notice(key)
        assert strip is not None
        qtbot.mouseClick(strip.button(text), Qt.MouseButton.LeftButton)


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp)
    qtbot.addWidget(bench.area)
    bench.area.resize(800, 200)
    bench.area.show()
    return bench


def test_what_was_sent_can_be_undone_while_it_is_held(bench, qtbot):
    bench.follow(HELD)
    bench.strips.note_sent(HELD)
    assert bench.area.notice("sent/1").text() == "Sending “Plans 1” to ann@example.org, bob@example.org…"
    with qtbot.waitSignal(bench.commands.draft_wanted) as wanted:
        bench.click(qtbot, "sent/1", "Undo")
    assert wanted.args[0].id == 1
    assert bench.area.notice("sent/1") is None


def test_who_does_not_want_to_wait_sends_now(bench, qtbot):
    bench.follow(HELD)
    bench.strips.note_sent(HELD)
    bench.click(qtbot, "sent/1", "Send now")
    assert bench.service.sent_now == [1]
    assert bench.area.notice("sent/1") is None


def test_undo_goes_as_soon_as_the_message_is_on_its_way(bench):
    bench.follow(HELD)
    bench.strips.note_sent(HELD)
    bench.follow(replace(HELD, state=OutboxState.SENDING))
    assert bench.area.notice("sent/1") is None


def test_undo_stays_where_the_list_does_not_know_the_message_yet(bench):
    bench.strips.note_sent(HELD)
    bench.follow(outbox_item(9))
    assert bench.area.notice("sent/1") is not None
    bench.follow(HELD)
    bench.follow()
    assert bench.area.notice("sent/1") is None


def test_undo_goes_when_its_time_is_over_though_nothing_is_heard(bench, qtbot):
    bench.strips.note_sent(replace(HELD, not_before=NOW - 2))
    qtbot.waitUntil(lambda: bench.area.notice("sent/1") is None, timeout=3000)


def test_a_message_for_later_says_when_it_goes(bench):
    bench.strips.note_sent(replace(HELD, not_before=NOW + 3 * 86_400))
    strip = bench.area.notice("sent/1")
    assert strip.text().startswith("“Plans 1”: Will be sent:")
    assert strip.button("Undo") is not None
    assert strip.button("Send now") is None


def test_a_refused_message_is_told_once_and_until_something_is_done(bench, qtbot):
    failed = outbox_item(1, OutboxState.FAILED, last_answer="550 No.")
    bench.follow(failed)
    strip = bench.area.notice("outbox/1")
    assert "was not sent. 550 No." in strip.text()
    bench.area.remove("outbox/1")
    bench.follow(failed, outbox_item(2))
    assert bench.area.notice("outbox/1") is None
    bench.follow(replace(failed, last_answer="551 Still no."))
    with qtbot.waitSignal(bench.strips.item_wanted) as wanted:
        bench.click(qtbot, "outbox/1", "Show in Outbox")
    assert wanted.args == [1]
    bench.follow(replace(failed, state=OutboxState.QUEUED))
    assert bench.area.notice("outbox/1") is None


def test_an_uncertain_message_is_decided_in_the_outbox_where_it_is_explained(bench):
    bench.follow(outbox_item(1, OutboxState.UNCERTAIN))
    strip = bench.area.notice("outbox/1")
    assert strip.button("Show in Outbox") is not None
    assert strip.button("Send again") is None


def test_refused_recipients_are_named_until_the_user_has_seen_it(bench, qtbot):
    recipients = (accepted("a@x"), refused("b@x"))
    bench.follow(outbox_item(1, OutboxState.FILED, recipients=recipients, acknowledged=False))
    assert "Refused: b@x (550 5.1.1 No such user)" in bench.area.notice("outbox/1").text()
    bench.click(qtbot, "outbox/1", "OK")
    assert bench.service.acknowledged == [1]


def test_of_many_results_only_the_number_is_told(bench, qtbot):
    failed = [outbox_item(id_, OutboxState.FAILED) for id_ in range(1, 6)]
    bench.follow(*failed)
    assert bench.area.notice("outbox/1") is None
    assert bench.area.notice("outbox/many").text().startswith("5 messages were refused")
    with qtbot.waitSignal(bench.strips.item_wanted) as wanted:
        bench.click(qtbot, "outbox/many", "Show in Outbox")
    assert wanted.args == [1]
    bench.area.remove("outbox/many")
    bench.follow(*failed)
    assert bench.area.notice("outbox/many") is None
    bench.follow(*failed[:2])
    assert bench.area.notice("outbox/2") is not None
