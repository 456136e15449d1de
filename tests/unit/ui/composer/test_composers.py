"""The composer windows that are open."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from qtmail.domain.address import Address
from qtmail.domain.composition import AnswerKind, Composition
from qtmail.errors import StoreFailed
from qtmail.mime.message import ParsedMessage
from qtmail.ui.composer.composers import Composers
from tests.fakes.compose_service import FakeComposeService
from tests.unit.ui.composer.conftest import only_draft


def test_an_answer_opens_a_window(composers: Composers, service: FakeComposeService, message: ParsedMessage):
    composers.answer(AnswerKind.REPLY_ALL, None, message, selection="When?")
    (window,) = composers.windows()
    assert service.answered == [(AnswerKind.REPLY_ALL, None, message, "When?")]
    assert window.form.composition().to == (Address("Bob", "bob@b.example"),)


def test_a_draft_is_open_only_once(composers: Composers, service: FakeComposeService):
    draft = service.draft()
    composers.open(draft)
    composers.open(draft)
    assert len(composers.windows()) == 1


def test_a_draft_opened_while_it_is_still_being_closed_comes_back(
    composers: Composers, service: FakeComposeService
):
    draft = service.draft()
    composers.open(draft)
    (window,) = composers.windows()
    window.form.subject.setText("Plans")
    service.holding = True
    window.close()
    composers.open(draft)
    service.release()
    assert composers.windows() == [window] and window.isVisible()
    assert service.closed == []


def test_a_draft_of_the_server_is_not_dropped_when_it_is_closed_unchanged(
    composers: Composers, service: FakeComposeService, message: ParsedMessage
):
    composers.answer(AnswerKind.OPEN_DRAFT, None, message)
    composers.windows()[0].close()
    assert service.discarded == [] and service.closed == [only_draft(service).id]


def test_at_the_end_everything_is_handed_over(composers: Composers, service: FakeComposeService):
    for name in ("One", "Two"):
        composers.new(Composition(subject=name))
        composers.windows()[-1].form.subject.setText(f"{name}!")
    service.holding = True
    composers.close_all()
    assert composers.windows() == []
    service.release()
    assert [one.subject for one in service.saved] == ["One!", "Two!"]
    assert sorted(service.closed) == [1, 2]


def test_a_restored_draft_says_so(composers: Composers, service: FakeComposeService):
    composers.open(service.draft(), restored=True)
    strip = composers.windows()[0].strips.notice("restored")
    assert strip is not None and "what you were writing" in strip.text()


def test_a_composer_that_cannot_be_opened_is_told(
    composers: Composers, service: FakeComposeService, qtbot: QtBot
):
    service.failing["new"] = StoreFailed("The disk is full.")
    with qtbot.waitSignal(composers.failed) as failed:
        composers.new()
    assert failed.args[0].sentence == "The disk is full."
    assert composers.windows() == []
