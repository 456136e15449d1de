import pytest

from qtmail.domain.events import Problem
from qtmail.domain.message import Flag
from qtmail.engine.replay_queue import ReplayQueue, record_flags
from qtmail.errors import ConnectionFailed
from tests.fakes.memory_imap import plain_message


@pytest.fixture
def ids(bench):
    """Two messages on both sides."""
    for number in range(2):
        bench.server.inbox.deliver(plain_message(number))
    bench.sync()
    return [bench.store.messages.find_uid(bench.folder().id, uid) for uid in (1, 2)]


def replay(bench):
    return ReplayQueue(bench.store, bench.account.id, bench.events.append).run(bench.server.session())


def test_a_change_shows_at_once_and_reaches_the_server_later(bench, ids):
    assert record_flags(bench.store, ids, Flag.SEEN, Flag.NONE) == {bench.account.id}
    assert bench.cached() == {1: Flag.SEEN, 2: Flag.SEEN}
    assert bench.on_server() == {1: 0, 2: 0}
    assert replay(bench) == 2
    assert bench.on_server() == {1: Flag.SEEN, 2: Flag.SEEN}
    assert bench.store.operations.pending(bench.account.id) == []


def test_equal_changes_travel_together_and_order_is_kept(bench, ids):
    record_flags(bench.store, ids, Flag.SEEN, Flag.NONE)
    record_flags(bench.store, ids[:1], Flag.NONE, Flag.SEEN)
    bench.server.calls.clear()
    replay(bench)
    assert [call for call in bench.server.calls if call.startswith("STORE")] == ["STORE 1,2", "STORE 1"]
    assert bench.on_server() == bench.cached() == {1: 0, 2: Flag.SEEN}


def test_a_change_survives_a_lost_line(bench, ids):
    record_flags(bench.store, ids, Flag.FLAGGED, Flag.NONE)
    bench.server.fail_after = 1
    with pytest.raises(ConnectionFailed):
        replay(bench)
    (first, _) = bench.store.operations.pending(bench.account.id)
    assert first.attempts == 1
    bench.server.fail_after = None
    bench.sync()
    assert bench.on_server() == bench.cached() == {1: Flag.FLAGGED, 2: Flag.FLAGGED}


def test_a_refused_change_is_taken_back_with_a_word(bench, ids):
    bench.server.refuse_store = True
    record_flags(bench.store, ids, Flag.SEEN, Flag.NONE)
    replay(bench)
    assert bench.cached() == {1: 0, 2: 0}
    assert bench.store.operations.pending(bench.account.id) == []
    (problem,) = [event for event in bench.events if isinstance(event, Problem)]
    assert "taken back" in problem.sentence


def test_a_change_to_a_renumbered_folder_hits_no_other_message(bench, ids):
    record_flags(bench.store, ids[:1], Flag.SEEN, Flag.NONE)
    bench.server.inbox.expunge(1)
    bench.server.inbox.renumber()
    replay(bench)
    assert bench.on_server() == {1: 0}
    assert bench.store.operations.pending(bench.account.id) == []
