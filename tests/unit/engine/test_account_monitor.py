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
