from __future__ import annotations

from qtmail.domain.events import AccountState, Connection, Problem, Progress
from qtmail.ui.activity.work_log import WorkLog
from tests.fakes.mail_service import account

HEADERS = Progress(1, "headers", "INBOX", 10, 100)


def test_work_runs_until_it_says_that_it_finished(qapp):
    log = WorkLog()
    log.note_progress(HEADERS)
    log.note_progress(Progress(2, "bodies", done=1, total=9))
    assert log.running(1) == [HEADERS]
    log.note_progress(Progress(1, "headers", "INBOX", 100, 100, finished=True))
    assert [work.account_id for work in log.running()] == [2]


def test_work_on_a_lost_connection_is_over(qapp):
    log = WorkLog()
    log.note_progress(HEADERS)
    log.note_state(AccountState(1, Connection.WAITING))
    assert log.running() == []


def test_a_fault_that_stands_is_kept_once(qapp):
    log = WorkLog(clock=lambda: 5.0)
    state = AccountState(1, Connection.WAITING, problem=Problem(1, "No answer."))
    for _ in range(3):
        log.note_state(state)
    log.note_problem(Problem(0, "The disk is full."))
    assert [fault.problem.sentence for fault in log.faults(1)] == ["No answer."]
    assert [fault.when for fault in log.faults(0)] == [5.0]


def test_what_is_known_of_an_account_goes_with_it(qapp):
    log = WorkLog()
    log.set_accounts([account(1)])
    log.note_state(AccountState(1, Connection.SYNCING))
    log.note_progress(HEADERS)
    log.set_accounts([])
    assert (log.states, log.running()) == ({}, [])
