import pytest

from qtmail.domain.events import Problem
from qtmail.domain.message import Flag
from qtmail.engine.journal import Journal
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


def queue(bench):
    journal = Journal(bench.store, bench.account.id)
    return ReplayQueue(bench.store, journal, bench.account.id, bench.events.append)


def replay(bench):
    return queue(bench).run(bench.server.session())


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


def test_a_folder_that_cannot_be_opened_now_keeps_its_changes(bench, ids):
    record_flags(bench.store, ids, Flag.SEEN, Flag.NONE)
    folder = bench.server.folders.pop(b"INBOX")
    assert replay(bench) == 0
    assert bench.cached() == {1: Flag.SEEN, 2: Flag.SEEN}
    bench.server.folders[b"INBOX"] = folder
    assert replay(bench) == 2
    assert bench.on_server() == {1: Flag.SEEN, 2: Flag.SEEN}


def test_changes_to_a_folder_that_is_gone_go_with_it(bench, ids):
    record_flags(bench.store, ids, Flag.SEEN, Flag.NONE)
    del bench.server.folders[b"INBOX"]
    with bench.store.cache_transaction() as tx:
        bench.store.folders.reconcile(tx, bench.account.id, bench.server.session().list_folders())
    replay(bench)
    assert bench.store.operations.pending(bench.account.id) == []


def test_news_of_the_open_folder_outlast_a_replay_in_it(bench, ids):
    session = bench.server.session()
    session.select(b"INBOX")
    record_flags(bench.store, ids, Flag.SEEN, Flag.NONE)
    bench.server.calls.clear()
    queue(bench).run(session)
    assert bench.server.calls == ["STORE 1,2"], "another SELECT would drop what was announced meanwhile"


def test_two_sessions_never_send_a_change_and_its_reversal_in_the_wrong_order(bench, ids):
    shared = queue(bench)
    first, second = bench.server.session(), bench.server.session()
    original = first.store_flags

    def slow(uids, add, remove):
        # While the first session sends, the user changes their mind and the second session is woken.
        if add:
            record_flags(bench.store, ids[:1], Flag.NONE, Flag.SEEN)
            assert shared.run(second) == 0
        original(uids, add, remove)

    first.store_flags = slow
    record_flags(bench.store, ids[:1], Flag.SEEN, Flag.NONE)
    assert shared.run(first) == 2
    assert bench.on_server() == bench.cached() == {1: 0, 2: 0}
    assert bench.store.operations.pending(bench.account.id) == []
