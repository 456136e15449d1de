"""What is arranged with the desktop and the system, and what is said where it cannot be."""

from __future__ import annotations

import pytest

from qtmail.errors import SystemRefused
from qtmail.integration.system import Made
from qtmail.ui.preferences.default_program import DefaultProgram
from qtmail.ui.preferences.sign_in_start import SignInStart
from tests.fakes.step_background import StepBackground
from tests.fakes.system import FakeSystem

REFUSED = SystemRefused("The start at sign-in could not be arranged.", advice="Do it in the settings.")


def texts(page) -> list[str]:
    """The sentences that a user sees on a page."""
    labels = (child for child in page.findChildren(object) if type(child).__name__ == "QLabel")
    return [label.text() for label in labels if label.isVisibleTo(page)]


# The notification area


def test_to_keep_running_shows_the_icon_at_once(open_preferences, bench, area):
    keep = open_preferences().desktop.keep
    assert not keep.isChecked()
    keep.click()
    assert bench.state.keep_in_tray
    assert area.icon is not None
    keep.click()
    assert not bench.state.keep_in_tray
    assert area.icon is None


def test_without_a_notification_area_a_sentence_says_so(open_preferences, area):
    area.there = False
    page = open_preferences().desktop
    assert not page.keep.isVisibleTo(page)
    assert "This desktop has no notification area: when its window is closed, qtmail ends." in texts(page)
    assert page.start.without_window.text().replace("&", "") == "Minimised in the task bar"


# At sign-in


def test_a_start_at_sign_in_with_a_window_and_without(open_preferences, bench, system):
    start = open_preferences().desktop.start
    assert not start.start.isChecked()
    assert not start.without_window.isEnabled()
    start.start.click()
    assert (system.starts, system.in_tray) == (True, False)
    start.without_window.click()
    assert (system.starts, system.in_tray) == (True, True)
    start.start.click()
    assert system.starts is False
    assert not start.without_window.isEnabled()
    assert bench.state.start_in_tray


def test_the_way_of_starting_is_remembered(open_preferences, bench, system):
    system.starts, bench.state.start_in_tray = True, True
    start = open_preferences().desktop.start
    assert start.start.isChecked()
    assert start.without_window.isChecked()


def test_what_cannot_be_arranged_is_a_sentence_and_no_dead_box(open_preferences, system):
    system.starts = None
    page = open_preferences().desktop
    assert not page.start.start.isVisibleTo(page)
    assert not page.start.without_window.isVisibleTo(page)
    assert any("cannot be started at sign-in" in text for text in texts(page))


def test_a_refusal_is_said_and_the_box_shows_how_things_are(open_preferences, system):
    dialog = open_preferences()
    system.refusal = REFUSED
    dialog.desktop.start.start.click()
    assert dialog.notices.notice("refused").text() == str(REFUSED)
    assert not dialog.desktop.start.start.isChecked()
    assert dialog.desktop.start.start.isEnabled()


def test_a_box_cannot_be_set_before_it_is_known_how_things_are(qtbot, bench):
    background = StepBackground()
    system = FakeSystem(starts=True)
    row = SignInStart(system, background, bench.state, has_tray=True)
    qtbot.addWidget(row)
    assert not row.start.isEnabled()
    background.run()
    assert row.start.isEnabled()
    assert row.start.isChecked()


def test_of_two_wishes_in_a_row_the_last_one_counts(qtbot, bench):
    background = StepBackground()
    system = FakeSystem()
    row = SignInStart(system, background, bench.state, has_tray=True)
    qtbot.addWidget(row)
    background.run()
    row.start.click()
    row.start.click()
    row.refresh()
    shown = []
    while background.waiting:
        background.step()
        shown.append(row.start.isChecked())
    assert shown == [False, False]
    assert system.starts is False


def test_how_it_is_started_can_be_chosen_at_once(qtbot, bench):
    background = StepBackground()
    row = SignInStart(FakeSystem(), background, bench.state, has_tray=True)
    qtbot.addWidget(row)
    background.run()
    row.start.click()
    assert row.without_window.isEnabled()
    row.start.click()
    assert not row.without_window.isEnabled()


def test_the_box_shows_what_the_system_says_and_not_what_was_wished(open_preferences, system, monkeypatch):
    monkeypatch.setattr(system, "start_at_sign_in", lambda wanted, *, in_tray: None)
    start = open_preferences().desktop.start
    start.start.click()
    assert not start.start.isChecked()


def test_a_refusal_changes_nothing_of_a_later_wish(qtbot, bench):
    background = StepBackground()
    system = FakeSystem()
    row = SignInStart(system, background, bench.state, has_tray=True)
    qtbot.addWidget(row)
    background.run()
    told: list[SystemRefused] = []
    row.failed.connect(told.append)
    system.refusal = REFUSED
    row.start.click()
    row.without_window.click()
    background.step()
    assert told == [REFUSED]
    system.refusal = None
    background.step()
    assert not background.waiting
    assert row.start.isChecked()
    assert (system.starts, system.in_tray) == (True, True)


def test_after_a_refusal_it_is_asked_again_how_things_stand(qtbot, bench):
    background = StepBackground()
    system = FakeSystem()
    row = SignInStart(system, background, bench.state, has_tray=True)
    qtbot.addWidget(row)
    system.refusal = REFUSED
    background.run()
    row.start.click()
    background.run()
    system.starts = True
    row.refresh()
    background.run()
    assert row.start.isChecked()


# The default mail program


def test_the_button_works_once_until_there_is_an_answer(qtbot):
    background = StepBackground()
    row = DefaultProgram(FakeSystem(), background)
    qtbot.addWidget(row)
    background.run()
    row.make_button.click()
    row.make_button.click()
    assert len(background.waiting) == 1


@pytest.mark.parametrize(
    ("default", "sentence", "offered"),
    [
        (True, "qtmail is the default mail program: mail links open in it.", False),
        (False, "Mail links open in another program.", True),
        (None, "Your system does not tell which program opens mail links.", True),
    ],
)
def test_it_says_which_program_opens_mail_links(open_preferences, system, default, sentence, offered):
    system.default = default
    page = open_preferences().desktop
    assert page.default.sentence.text() == sentence
    assert page.default.make_button.isVisibleTo(page) == offered


def test_make_default(open_preferences, system):
    page = open_preferences().desktop
    page.default.make_button.click()
    assert system.default is True
    assert page.default.sentence.text() == "qtmail is the default mail program: mail links open in it."
    assert not page.default.make_button.isVisibleTo(page)


def test_where_the_system_asks_the_answer_is_seen_when_the_user_comes_back(
    open_preferences, bench, system, qtbot
):
    system.makes = Made.ASKED
    dialog = open_preferences()
    dialog.desktop.default.make_button.click()
    assert dialog.desktop.default.sentence.text().startswith("A page of your system's settings is open")
    bench.window.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    system.default = True
    dialog.activateWindow()
    qtbot.waitUntil(lambda: dialog.desktop.default.sentence.text().startswith("qtmail is the default"))


def test_a_refusal_to_make_it_the_default_is_said_and_the_button_stays(open_preferences, system):
    system.refusal = SystemRefused("The system did not take qtmail.")
    dialog = open_preferences()
    dialog.desktop.default.make_button.click()
    assert dialog.notices.notice("refused").text() == "The system did not take qtmail."
    assert dialog.desktop.default.make_button.isEnabled()


def test_the_demo_offers_nothing_of_the_system(open_preferences, bench):
    bench.window.preferences.system = None
    page = open_preferences().desktop
    assert any("The demo changes nothing on your computer" in text for text in texts(page))
