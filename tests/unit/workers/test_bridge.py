import threading

from PySide6.QtCore import QCoreApplication

from qtmail.domain.events import AccountState, ChangeKind, Connection, Problem, Progress, StoreChange
from qtmail.workers.bridge import EngineBridge


def collect(bridge: EngineBridge) -> list[object]:
    seen: list[object] = []
    for signal in (bridge.store_changed, bridge.account_changed, bridge.progress, bridge.problem):
        signal.connect(seen.append)
    return seen


def flags(message_id: int) -> StoreChange:
    return StoreChange(frozenset({ChangeKind.FLAGS}), frozenset({1}), frozenset({message_id}))


def test_a_burst_of_changes_arrives_as_one(qtbot):
    bridge = EngineBridge()
    seen = collect(bridge)
    for number in range(1000):
        bridge.post(flags(number))
    qtbot.waitUntil(lambda: bool(seen), timeout=5000)
    (change,) = seen
    assert isinstance(change, StoreChange) and len(change.message_ids) == 1000


def test_only_the_last_state_and_progress_of_each_arrive(qtbot):
    bridge = EngineBridge()
    seen = collect(bridge)
    bridge.post(AccountState(1, Connection.CONNECTING))
    bridge.post(Progress(1, "headers", "INBOX", 1, 9))
    bridge.post(AccountState(2, Connection.SYNCING))
    bridge.post(Progress(1, "headers", "INBOX", 2, 9))
    bridge.post(AccountState(1, Connection.WATCHING))
    qtbot.waitUntil(lambda: len(seen) >= 3, timeout=5000)
    assert seen == [
        AccountState(1, Connection.WATCHING),
        Progress(1, "headers", "INBOX", 2, 9),
        AccountState(2, Connection.SYNCING),
    ]


def test_every_problem_arrives(qtbot):
    bridge = EngineBridge()
    seen = collect(bridge)
    bridge.post(Problem(1, "One."))
    bridge.post(Problem(1, "Two."))
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=5000)


def test_signals_come_on_the_thread_of_the_bridge(qtbot):
    bridge = EngineBridge()
    threads: list[threading.Thread] = []
    bridge.store_changed.connect(lambda _: threads.append(threading.current_thread()))
    poster = threading.Thread(target=lambda: bridge.post(flags(1)))
    poster.start()
    poster.join()
    qtbot.waitUntil(lambda: bool(threads), timeout=5000)
    assert threads == [threading.main_thread()]


def test_after_the_end_nothing_is_told(qtbot):
    bridge = EngineBridge()
    seen = collect(bridge)
    bridge.post(Problem(1, "Before."))
    bridge.close()
    bridge.post(Problem(1, "After."))
    QCoreApplication.processEvents()
    assert seen == []
