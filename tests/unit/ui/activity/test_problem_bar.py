from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.events import AccountState, Connection, Problem
from qtmail.errors import Layer, Retry
from qtmail.ui.activity.problem_bar import ProblemBar
from tests.fakes.mail_service import account
from tests.fakes.window import light_theme

PASSWORD = Problem(
    1, "The password was refused.", "Enter it again.", layer=Layer.SIGN_IN, retry=Retry.ASK_USER
)
CERTIFICATE = Problem(1, "The certificate is not valid.", layer=Layer.TLS, certificate="PEM")
OPEN_LINE = Problem(
    1,
    "The line is open.",
    layer=Layer.SIGN_IN,
    retry=Retry.ASK_USER,
    sending=True,
    clear_password=True,
)
EXPIRED = Problem(
    1, "Google wants you to sign in again.", layer=Layer.SIGN_IN, retry=Retry.ASK_USER, sign_in_again=True
)
LOCKED = Problem(1, "The passwords are locked.", layer=Layer.KEYRING, retry=Retry.ASK_USER, unlock=True)
OUTAGE = Problem(1, "The server does not answer.", layer=Layer.CONNECTION)


@pytest.fixture
def bar(qapp, qtbot):
    theme = light_theme(qapp)
    bar = ProblemBar(theme)
    qtbot.addWidget(bar)
    return bar


def tell(bar: ProblemBar, problem: Problem | None) -> None:
    bar.show_state(account(), AccountState(1, Connection.WAITING, problem=problem))


def test_the_strip_says_whose_problem_it_is_and_what_to_do(bar):
    tell(bar, PASSWORD)
    assert bar.account_strip(1).text() == "Personal: The password was refused. Enter it again."
    assert not bar.isHidden()


def test_it_goes_when_the_problem_does(bar):
    tell(bar, OUTAGE)
    tell(bar, None)
    assert bar.account_strip(1) is None
    assert bar.isHidden()


@pytest.mark.parametrize(
    ("problem", "button", "signal"),
    [
        (PASSWORD, "Enter password…", "password_requested"),
        (CERTIFICATE, "Show certificate…", "certificate_requested"),
        (OPEN_LINE, "Allow for this server", "clear_password_allowed"),
        (EXPIRED, "Sign in again…", "sign_in_requested"),
        (LOCKED, "Unlock…", "unlock_requested"),
    ],
)
def test_the_button_that_helps_carries_the_problem(bar, qtbot, problem, button, signal):
    tell(bar, problem)
    with qtbot.waitSignal(getattr(bar, signal)) as asked:
        qtbot.mouseClick(bar.account_strip(1).button(button), Qt.MouseButton.LeftButton)
    assert asked.args == [problem]


def test_no_password_is_asked_for_where_the_provider_wants_its_own_page(bar):
    tell(bar, EXPIRED)
    assert bar.account_strip(1).button("Enter password…") is None


def test_trying_again_names_the_account(bar, qtbot):
    tell(bar, OUTAGE)
    with qtbot.waitSignal(bar.retry_requested) as asked:
        qtbot.mouseClick(bar.account_strip(1).button("Try again"), Qt.MouseButton.LeftButton)
    assert asked.args == [1]


@pytest.mark.parametrize("problem", [OUTAGE, CERTIFICATE, PASSWORD])
def test_the_connection_can_be_checked_from_the_strip(bar, qtbot, problem):
    tell(bar, problem)
    with qtbot.waitSignal(bar.connection_check_requested) as asked:
        qtbot.mouseClick(bar.account_strip(1).button("Check connection…"), Qt.MouseButton.LeftButton)
    assert asked.args == [1]


def test_where_a_wrong_server_may_be_to_blame_the_settings_are_at_hand(bar, qtbot):
    tell(bar, PASSWORD)
    assert bar.account_strip(1).button("Settings…") is None
    tell(bar, OUTAGE)
    with qtbot.waitSignal(bar.settings_requested) as asked:
        qtbot.mouseClick(bar.account_strip(1).button("Settings…"), Qt.MouseButton.LeftButton)
    assert asked.args == [1]


def test_a_state_told_again_leaves_the_strip_alone(bar):
    tell(bar, OUTAGE)
    strip = bar.account_strip(1)
    tell(bar, OUTAGE)
    assert bar.account_strip(1) is strip
    tell(bar, PASSWORD)
    assert bar.account_strip(1) is not strip


def test_a_fault_of_the_program_has_no_account_to_try_again(bar):
    bar.show_problem(Problem(0, "The disk is full."))
    strip = bar.notice("fault/The disk is full.")
    assert strip.text() == "The disk is full."
    assert strip.button("Try again") is None
