from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.events import ChangeKind, Problem, StoreChange
from qtmail.domain.message import Flag
from qtmail.mime.parser import parse
from qtmail.ui.message_view.header_card import HeaderCard
from qtmail.workers.loaded import LoadedMessage, LoadedPart, LoadedSource
from tests.fakes.message_reader import message_row
from tests.fakes.window import WindowBench

SOURCE = b"From: Ann <ann@example.org>\r\nSubject: Plans\r\n\r\nSee you at six.\r\n"


@pytest.fixture
def bench(qapp, qtbot, tmp_path: Path):
    bench = WindowBench(qapp, tmp_path / "window.ini")
    qtbot.addWidget(bench.window)
    bench.window.show()
    return bench


def select(bench: WindowBench, row: int) -> int:
    bench.window.message_pane.table.select_row(row)
    return bench.model.ids[row]


def deliver(bench: WindowBench, message_id: int, source: bytes = SOURCE) -> None:
    bench.service.bridge.message_loaded.emit(LoadedMessage(message_id, parse(source)))


def test_a_selected_message_is_loaded_and_shown(bench):
    chosen = select(bench, 0)
    assert bench.service.loads == [chosen]
    deliver(bench, chosen)
    assert bench.window.view.message().envelope.subject == "Plans"


def test_an_answer_about_another_message_is_ignored(bench):
    select(bench, 0)
    deliver(bench, bench.model.ids[5])
    assert bench.window.view.message() is None


def test_messages_that_pass_by_under_a_held_key_are_not_loaded(bench, qtbot):
    passed = [select(bench, row) for row in range(6)]
    assert bench.service.loads == passed[:1]
    qtbot.waitUntil(lambda: bench.service.loads == [passed[0], passed[-1]])


def test_a_message_counts_as_read_after_it_was_on_display_for_a_moment(bench, qtbot):
    bench.window.reading._mark_read.setInterval(20)
    chosen = select(bench, 0)
    deliver(bench, chosen)
    assert bench.service.flags_set == []
    qtbot.waitUntil(lambda: bench.service.flags_set == [([chosen], Flag.SEEN, Flag.NONE)])


def test_one_that_was_only_passed_over_does_not(bench):
    deliver(bench, select(bench, 0))
    assert bench.window.reading._mark_read.isActive()
    select(bench, 1)
    assert not bench.window.reading._mark_read.isActive()


def test_one_that_is_read_already_does_not(bench):
    bench.messages.put(message_row(20, flags=Flag.SEEN))
    bench.model.apply(StoreChange(frozenset({ChangeKind.FLAGS}), frozenset({1}), frozenset({20})))
    deliver(bench, select(bench, 0))
    assert not bench.window.reading._mark_read.isActive()


def test_marked_unread_on_purpose_it_stays_unread(bench):
    chosen = select(bench, 0)
    deliver(bench, chosen)
    bench.window.commands.mark_unread()
    assert not bench.window.reading._mark_read.isActive()
    assert bench.service.flags_set == [([chosen], Flag.NONE, Flag.SEEN)]


def test_a_message_that_cannot_be_had_says_why_and_can_be_tried_again(bench):
    chosen = select(bench, 0)
    problem = Problem(1, "There is no connection to the server.", "Try again later.")
    bench.service.bridge.message_loaded.emit(LoadedMessage(chosen, problem=problem))
    assert bench.window.view._state.sentence() == "There is no connection to the server."
    bench.window.view.retry_wanted.emit()
    assert bench.service.loads == [chosen, chosen]


def test_several_selected_messages_are_counted_instead_of_shown(bench):
    bench.window.message_pane.select_all()
    assert bench.window.view._whole_state.sentence().startswith("20 messages are selected.")


def test_a_flag_set_elsewhere_shows_in_the_header_and_loads_nothing_anew(bench):
    chosen = select(bench, 0)
    deliver(bench, chosen)
    bench.messages.put(replace(bench.messages.messages[chosen], flags=Flag.FLAGGED))
    header = bench.window.view.findChild(HeaderCard)
    before = header.grab().toImage()
    bench.service.bridge.store_changed.emit(
        StoreChange(frozenset({ChangeKind.FLAGS}), frozenset({1}), frozenset({chosen}))
    )
    assert header.grab().toImage() != before
    assert bench.service.loads == [chosen]


def test_parts_and_source_travel_between_pane_and_service(bench):
    chosen = select(bench, 0)
    deliver(bench, chosen)
    view, service = bench.window.view, bench.service
    received: list[object] = []
    view.part_ready = lambda section, content: received.append((section, content))
    view.part_failed = lambda section, sentence: received.append((section, sentence))
    view.source_ready = received.append
    view.source_failed = received.append
    view.part_wanted.emit("2")
    view.source_wanted.emit()
    assert (service.parts, service.sources) == ([(chosen, "2")], [chosen])
    service.bridge.part_loaded.emit(LoadedPart(999, "2", b"of another message"))
    service.bridge.part_loaded.emit(LoadedPart(chosen, "2", b"abc"))
    service.bridge.part_loaded.emit(LoadedPart(chosen, "3", problem=Problem(1, "Gone.")))
    service.bridge.source_loaded.emit(LoadedSource(chosen, b"raw"))
    service.bridge.source_loaded.emit(LoadedSource(chosen, problem=Problem(1, "Gone.")))
    assert received == [("2", b"abc"), ("3", "Gone."), b"raw", "Gone."]
