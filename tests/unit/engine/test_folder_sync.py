import pytest

from qtmail.domain.events import Progress
from qtmail.domain.message import Flag, MessageQuery
from qtmail.engine import sync_plan
from qtmail.engine.folder_sync import FolderSync
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.journal import Journal
from qtmail.engine.replay_queue import ReplayQueue, record_flags
from qtmail.engine.reporting import SyncTally
from qtmail.errors import ConnectionFailed, Stopped
from qtmail.protocols.imap_values import Updates
from tests.fakes.memory_imap import plain_message
from tests.unit.engine.conftest import Bench

EXTENSIONS = pytest.mark.parametrize(("condstore", "qresync"), [(True, True), (True, False), (False, False)])


def fill(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.server.inbox.deliver(plain_message(number))


@EXTENSIONS
def test_everything_that_can_change_arrives(bench, condstore, qresync):
    bench.server.condstore, bench.server.qresync = condstore, qresync
    fill(bench, 10)
    bench.sync()
    assert bench.cached() == bench.on_server()

    bench.server.inbox.set_flags(3, Flag.SEEN | Flag.FLAGGED)
    bench.server.inbox.expunge(5)
    bench.server.inbox.deliver(plain_message(10), Flag.SEEN)
    report = bench.sync()
    assert bench.cached() == bench.on_server()
    assert (report.messages_added, report.messages_removed, report.flags_changed) == (1, 1, 1)


def test_rows_show_what_the_header_says(bench):
    bench.server.inbox.deliver(plain_message(1, "A letter"))
    bench.sync()
    ids = bench.store.messages.ids(MessageQuery((bench.folder().id,)))
    (row,) = bench.store.messages.rows(ids)
    assert (row.subject, row.sender_name, row.sender_address, row.uid) == (
        "A letter",
        "Ann",
        "ann@example.org",
        1,
    )


def test_a_folder_whose_status_shows_no_change_is_not_selected(bench):
    fill(bench, 3)
    bench.sync()
    bench.server.calls.clear()
    report = bench.sync()
    assert bench.server.calls == ["LIST"]
    assert (report.folders, report.folders_selected) == (1, 0)


def test_ten_changed_flags_cost_one_select(bench):
    fill(bench, 50)
    bench.sync()
    for uid in range(1, 11):
        bench.server.inbox.set_flags(uid, Flag.SEEN)
    bench.server.calls.clear()
    assert bench.sync().flags_changed == 10
    assert bench.server.calls == ["LIST", "SELECT INBOX"]


def test_one_new_message_costs_one_select_and_one_fetch(bench):
    fill(bench, 50)
    bench.sync()
    uid = bench.server.inbox.deliver(plain_message(51))
    bench.server.calls.clear()
    bench.sync()
    assert bench.server.calls == ["LIST", "SELECT INBOX", f"FETCH {uid}"]


def test_the_newest_messages_come_first(bench, monkeypatch):
    monkeypatch.setattr(sync_plan.newest_first, "__defaults__", (3,))
    fill(bench, 8)
    bench.sync()
    assert [call for call in bench.server.calls if call.startswith("FETCH")] == [
        "FETCH 6:8",
        "FETCH 3:5",
        "FETCH 1:2",
    ]


@EXTENSIONS
@pytest.mark.parametrize("answers", range(1, 8))
def test_a_line_lost_after_any_answer_loses_and_doubles_nothing(
    bench, monkeypatch, condstore, qresync, answers
):
    monkeypatch.setattr(sync_plan.newest_first, "__defaults__", (2,))
    bench.server.condstore, bench.server.qresync = condstore, qresync
    fill(bench, 8)
    bench.server.fail_after = answers
    try:
        bench.sync()
    except ConnectionFailed:
        kept = set(bench.cached()) if bench.store.folders.find(bench.account.id, "INBOX") else set()
        bench.server.fail_after = None
        bench.server.inbox.set_flags(8, Flag.SEEN)
        bench.server.inbox.expunge(7)
        bench.server.inbox.deliver(plain_message(9))
        bench.server.calls.clear()
        bench.sync()
        fetched = {call for call in bench.server.calls if call.startswith("FETCH")}
        assert not any(f"FETCH {uid}" in fetched for uid in kept), "what was stored is not fetched again"
    assert bench.cached() == bench.on_server()


def test_a_new_uid_validity_replaces_everything(bench):
    fill(bench, 5)
    bench.sync()
    bench.server.inbox.expunge(2)
    bench.server.inbox.renumber()
    bench.sync()
    assert bench.cached() == bench.on_server()


def test_one_empty_answer_does_not_empty_the_folder(bench):
    bench.server.qresync = False
    fill(bench, 30)
    bench.sync()
    bench.server.condstore = False
    bench.server.empty_searches = 1
    bench.sync()
    assert bench.cached() == bench.on_server()


def test_a_folder_emptied_for_good_is_emptied_here(bench):
    bench.server.qresync = False
    fill(bench, 5)
    bench.sync()
    for uid in range(1, 6):
        bench.server.inbox.expunge(uid)
    bench.sync()
    assert bench.cached() == {}


def test_a_server_that_forgets_to_tell_what_vanished_is_found_out(bench):
    fill(bench, 10)
    bench.sync()
    bench.server.inbox.expunge(4)
    bench.server.inbox.expunged.clear()
    bench.sync()
    assert bench.cached() == bench.on_server()


def test_vanished_messages_that_are_still_there_are_kept(bench):
    fill(bench, 60)
    bench.sync()
    bench.server.inbox.modseq += 1
    bench.server.inbox.expunged = dict.fromkeys(range(1, 61), bench.server.inbox.modseq)
    bench.sync()
    assert bench.cached() == bench.on_server()


def test_what_arrives_during_the_sync_is_fetched_too(bench):
    fill(bench, 3)
    session = bench.server.session()
    original = session.fetch_headers

    def fetch_and_deliver(uid_sets):
        yield from original(uid_sets)
        if bench.server.inbox.uid_next == 4:
            bench.server.inbox.deliver(plain_message(4))
            session.announce(Updates(exists=4))

    session.fetch_headers = fetch_and_deliver
    bench.sync(session)
    assert bench.cached() == bench.on_server()


def test_the_users_pending_change_is_put_on_top_of_what_the_server_says(bench):
    fill(bench, 2)
    bench.sync()
    record_flags(bench.store, [bench.store.messages.find_uid(bench.folder().id, 1)], Flag.SEEN, Flag.NONE)
    bench.server.inbox.set_flags(1, Flag.FLAGGED)
    walk(bench, Journal(bench.store, bench.account.id))
    assert bench.cached()[1] == Flag.SEEN | Flag.FLAGGED


def test_an_answer_older_than_a_change_that_was_just_confirmed_does_not_undo_it(bench):
    fill(bench, 2)
    bench.sync()
    bench.server.inbox.set_flags(1, Flag.FLAGGED)
    journal = Journal(bench.store, bench.account.id)
    session = bench.server.session()
    original = session.select

    def answer_then_let_the_other_session_replay(wire_name, state=None):
        selected = original(wire_name, state)
        message_id = bench.store.messages.find_uid(bench.folder().id, 1)
        record_flags(bench.store, [message_id], Flag.SEEN, Flag.NONE)
        ReplayQueue(bench.store, journal, bench.account.id, bench.events.append).run(bench.server.session())
        return selected

    session.select = answer_then_let_the_other_session_replay
    walk(bench, journal, session)
    assert bench.store.operations.pending(bench.account.id) == []
    assert bench.cached()[1] == Flag.SEEN | Flag.FLAGGED


def test_a_change_in_an_earlier_numbering_is_put_on_no_other_message(bench):
    fill(bench, 2)
    bench.sync()
    record_flags(bench.store, [bench.store.messages.find_uid(bench.folder().id, 1)], Flag.SEEN, Flag.NONE)
    bench.server.inbox.expunge(1)
    bench.server.inbox.renumber()
    walk(bench, Journal(bench.store, bench.account.id))
    assert bench.cached() == {1: 0}


def test_headers_of_a_cache_begun_anew_show_the_pending_changes(bench):
    fill(bench, 1)
    bench.sync()
    record_flags(bench.store, [bench.store.messages.find_uid(bench.folder().id, 1)], Flag.SEEN, Flag.NONE)
    empty_folder(bench.store, bench.folder().id)
    walk(bench, Journal(bench.store, bench.account.id))
    assert bench.cached() == {1: Flag.SEEN}


def walk(bench, journal, session=None):
    """One run over the inbox, without a replay before it."""
    FolderSync(
        bench.store,
        session or bench.server.session(),
        journal,
        bench.account,
        bench.folder(),
        listener=bench.events.append,
        tally=SyncTally(bench.account.id),
        stop=bench.stop,
    ).run()


def test_progress_is_told_and_ended(bench):
    fill(bench, 3)
    bench.sync()
    progress = [event for event in bench.events if isinstance(event, Progress)]
    assert progress[-1] == Progress(bench.account.id, "headers", "INBOX", 3, 3, None, finished=True)


def test_it_stops_between_windows_and_resumes(bench, monkeypatch):
    monkeypatch.setattr(sync_plan.newest_first, "__defaults__", (2,))
    fill(bench, 6)
    session = bench.server.session()
    original = session.fetch_headers

    def fetch_then_stop(uid_sets):
        batches = original(uid_sets)
        yield next(batches)
        bench.stop.stop()
        yield next(batches)

    session.fetch_headers = fetch_then_stop
    with pytest.raises(Stopped):
        bench.sync(session)
    assert set(bench.cached()) == {5, 6}
    bench.stop = type(bench.stop)()
    bench.sync()
    assert bench.cached() == bench.on_server()
