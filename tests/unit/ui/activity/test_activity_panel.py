from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.events import AccountState, Connection, Problem, Progress
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.log import LogLine
from qtmail.ui.activity.activity_panel import ActivityPanel
from qtmail.ui.activity.work_log import WorkLog
from tests.fakes.mail_service import FakeMailService, account


@pytest.fixture
def service(qapp):
    return FakeMailService([account()])


@pytest.fixture
def work(service) -> WorkLog:
    work = WorkLog()
    work.set_accounts(service.accounts())
    return work


@pytest.fixture
def panel(qapp, qtbot, service, work):
    panel = ActivityPanel(service, work)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_an_account_s_card_tells_state_work_waiting_changes_and_faults(panel, service, work):
    fault = Problem(1, "The line broke.", detail="ECONNRESET")
    work.note_state(AccountState(1, Connection.WAITING, problem=fault, retry_at=time.time() + 60))
    work.note_state(AccountState(1, Connection.SYNCING, last_heard=time.time() - 12))
    work.note_progress(Progress(1, "headers", "INBOX", 10, 100))
    flagged = Operation(1, OperationKind.SET_FLAGS, 1, b"INBOX", 1, 7, Flag.FLAGGED, Flag.NONE)
    service.operations = [flagged, flagged]
    panel.refresh()
    text = panel.card(1).text()
    for expected in (
        "Checking for mail…",
        "10 of 100 headers in INBOX",
        "2 changes wait to reach the server",
        "Last heard from the server 12 s ago",
        "The line broke. (ECONNRESET)",
    ):
        assert expected in text


def test_the_connection_of_an_account_can_be_checked_from_its_card(panel, qtbot):
    with qtbot.waitSignal(panel.connection_check_requested) as asked:
        qtbot.mouseClick(panel.card(1).check_button, Qt.MouseButton.LeftButton)
    assert asked.args == [1]


def test_cards_follow_the_accounts(panel, work):
    work.set_accounts([account(2, "Work")])
    panel.refresh()
    assert panel.card(1) is None
    assert panel.card(2) is not None


def test_the_protocol_grows_line_by_line(panel, service):
    service.log.append(LogLine(0.0, "C", "A1 NOOP"))
    panel.refresh()
    service.log.append(LogLine(1.0, "S", "A1 OK done"))
    panel.refresh()
    panel.refresh()
    lines = panel._protocol.text().splitlines()
    assert [line[9:] for line in lines] == ["→ A1 NOOP", "← A1 OK done"]


def test_the_protocol_can_be_filtered_and_copied(panel, service, qapp):
    service.log += [LogLine(0.0, "C", "A1 NOOP"), LogLine(1.0, "S", "* 5 EXISTS")]
    panel.refresh()
    panel._protocol._filter.setText("exists")
    assert panel._protocol.text()[9:] == "← * 5 EXISTS"
    panel._protocol.copy()
    assert qapp.clipboard().text()[9:] == "← * 5 EXISTS"


def test_the_protocol_shown_is_bounded(panel, service):
    service.log += [LogLine(float(number), "S", f"line {number}") for number in range(3000)]
    panel.refresh()
    lines = panel._protocol.text().splitlines()
    assert len(lines) == 1000
    assert lines[-1].endswith("line 2999")


def test_nothing_is_asked_while_the_panel_is_hidden(panel):
    panel.hide()
    assert not panel._timer.isActive()
