"""Drafts are saved at every pause, one save after the other, and never lost."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from qtmail.domain.composition import Composition
from qtmail.errors import StoreFailed
from qtmail.ui.composer import draft_saver
from qtmail.ui.composer.draft_saver import DraftSaver, SaveState
from tests.fakes.compose_service import FakeComposeService

FULL = StoreFailed("The disk is full.")


class Desk:
    """A saver over a text that a test changes."""

    def __init__(self, service: FakeComposeService) -> None:
        self.service = service
        self.text = ""
        self.composing = False
        self.draft = service.draft(Composition(message_id="one@a.example"))
        self.saver = DraftSaver(service, self.draft, self.read, lambda: self.composing)  # type: ignore[arg-type]

    def read(self) -> Composition:
        return Composition(identity_id=1, message_id="one@a.example", body=self.text)

    def write(self, text: str) -> None:
        self.text = text
        self.saver.touch()

    def state(self) -> SaveState:
        return self.saver.state

    @property
    def saved(self) -> list[str]:
        return [composition.body for composition in self.service.saved]


@pytest.fixture
def desk(qapp, service: FakeComposeService, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(draft_saver, "PAUSE_MS", 20)
    monkeypatch.setattr(draft_saver, "LONGEST_MS", 100)
    return Desk(service)


def test_the_pause_is_short_enough():
    assert draft_saver.PAUSE_MS < 2000 and draft_saver.LONGEST_MS <= 10_000


def test_a_pause_saves(desk: Desk, qtbot: QtBot):
    desk.write("Hello")
    assert desk.state() is SaveState.CHANGED
    qtbot.waitUntil(lambda: desk.saved == ["Hello"])
    assert desk.state() is SaveState.SAVED


def test_nothing_changed_saves_nothing(desk: Desk):
    desk.saver.touch()
    desk.saver.save_now()
    assert desk.saved == [] and desk.saver.state is SaveState.SAVED


def test_typing_without_a_pause_is_saved_all_the_same(desk: Desk, qtbot: QtBot):
    def type_on() -> bool:
        desk.write(desk.text + "x")
        return bool(desk.saved)

    qtbot.waitUntil(type_on)


def test_there_is_one_save_at_a_time_and_the_last_text_wins(desk: Desk, qtbot: QtBot):
    desk.service.holding = True
    desk.write("one")
    desk.saver.save_now()
    desk.write("two")
    desk.saver.save_now()
    assert desk.service.waiting == 1
    desk.write("three")
    desk.service.release()
    qtbot.waitUntil(lambda: desk.saved == ["one", "three"])


def test_a_word_that_is_being_composed_waits(desk: Desk, qtbot: QtBot):
    desk.composing = True
    desk.write("ni")
    with pytest.raises(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: bool(desk.saved), timeout=150)
    desk.composing = False
    qtbot.waitUntil(lambda: desk.saved == ["ni"])


def test_a_save_that_fails_is_said_and_tried_again(desk: Desk, qtbot: QtBot):
    desk.service.failing["save"] = FULL
    desk.write("Hello")
    qtbot.waitUntil(lambda: desk.saver.state is SaveState.FAILED)
    assert desk.saver.fault is FULL
    desk.service.failing.clear()
    qtbot.waitUntil(lambda: desk.saved == ["Hello"])
    assert desk.saver.state is SaveState.SAVED


def test_finishing_waits_for_everything_to_be_kept(desk: Desk):
    kept: list[bool] = []
    desk.service.holding = True
    desk.write("one")
    desk.saver.save_now()
    desk.write("two")
    desk.saver.finish(kept.append)
    assert kept == []
    desk.service.release()
    assert kept == [True] and desk.saved == ["one", "two"]


def test_finishing_tells_of_a_failure(desk: Desk):
    kept: list[bool] = []
    desk.service.failing["save"] = FULL
    desk.write("one")
    desk.saver.finish(kept.append)
    assert kept == [False]


def test_handing_over_does_not_wait(desk: Desk):
    desk.service.holding = True
    desk.write("last words")
    desk.saver.hand_over()
    desk.service.release()
    assert desk.saved == ["last words"]


def test_after_stopping_nothing_is_saved(desk: Desk):
    desk.write("gone")
    desk.saver.stop()
    desk.saver.save_now()
    assert desk.saved == []


def test_a_report_of_a_change_that_is_none_says_nothing(desk: Desk, qtbot: QtBot):
    desk.saver.touch()
    assert desk.state() is SaveState.SAVED
    desk.write("Hello")
    qtbot.waitUntil(lambda: desk.saved == ["Hello"])
    desk.saver.touch()
    assert desk.state() is SaveState.SAVED
    desk.write("")
    qtbot.waitUntil(lambda: desk.saved == ["Hello", ""])
