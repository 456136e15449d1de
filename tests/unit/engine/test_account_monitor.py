import threading

from qtmail.domain.events import AccountState, Connection, Problem
from qtmail.engine.account_monitor import AccountMonitor


def monitor() -> tuple[AccountMonitor, list[AccountState]]:
    states: list[AccountState] = []
    return AccountMonitor(1, states.append), states  # type: ignore[arg-type]


def test_the_worse_of_two_threads_is_shown():
    account, states = monitor()
    account.set("watch", Connection.WATCHING)
    account.set("sync", Connection.SYNCING)
    account.set("watch", Connection.WAITING, retry_at=5.0)
    assert [state.connection for state in states] == [
        Connection.WATCHING,
        Connection.SYNCING,
        Connection.WAITING,
    ]
    assert account.state.retry_at == 5.0


def test_a_fault_stays_in_sight_while_reconnecting_and_goes_after_sign_in():
    account, _ = monitor()
    fault = Problem(1, "The line dropped.")
    account.set("sync", Connection.WAITING, problem=fault)
    account.set("sync", Connection.CONNECTING)
    assert account.state.problem == fault
    account.solved("sync")
    assert account.state.problem is None


def test_nothing_is_published_when_nothing_changed():
    account, states = monitor()
    account.set("sync", Connection.SYNCING)
    account.set("sync", Connection.SYNCING)
    assert len(states) == 1


def test_states_are_told_in_the_order_in_which_they_came_about():
    told = []
    entered, release = threading.Event(), threading.Event()

    def listen(state):
        if state.connection is Connection.CONNECTING and not entered.is_set():
            entered.set()
            release.wait(5)
        told.append(state.connection)

    monitor = AccountMonitor(1, listen)
    slow = threading.Thread(target=monitor.set, args=("sync", Connection.CONNECTING))
    slow.start()
    assert entered.wait(5)
    later = threading.Thread(target=monitor.set, args=("sync", Connection.SYNCING))
    later.start()
    release.set()
    slow.join(5)
    later.join(5)
    assert told == [Connection.CONNECTING, Connection.SYNCING]
    assert told[-1] is monitor.state.connection


def test_a_thread_is_stuck_while_it_waits_and_not_while_it_tries():
    monitor = AccountMonitor(1, lambda state: None)
    problem = Problem(1, "The line dropped.")
    assert monitor.standing("watch") is None
    monitor.set("watch", Connection.WAITING, problem=problem)
    assert monitor.standing("watch") == problem
    assert monitor.standing("sync") is None
    monitor.set("watch", Connection.CONNECTING)
    assert monitor.standing("watch") is None
    monitor.set("watch", Connection.NEEDS_USER, problem=problem)
    assert monitor.standing("watch") == problem
