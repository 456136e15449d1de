import pytest

from qtmail.domain.account import BodyPolicy
from qtmail.domain.events import Problem
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.engine.account_sync import AccountSync
from qtmail.errors import ConnectionFailed, ServerRefused
from qtmail.protocols.imap_values import Updates
from tests.fakes.memory_imap import MemoryFolder, plain_message
from tests.unit.engine.conftest import Bench


def add_folder(bench: Bench, name: bytes, count: int, special_use: SpecialUse | None = None) -> None:
    folder = bench.server.folders[name] = MemoryFolder(name, special_use)
    for number in range(count):
        folder.deliver(plain_message(number))


def test_the_inbox_comes_first_and_junk_last(bench):
    add_folder(bench, b"Junk", 1, SpecialUse.JUNK)
    add_folder(bench, b"Letters", 1)
    add_folder(bench, b"Sent", 1, SpecialUse.SENT)
    bench.server.inbox.deliver(plain_message(0))
    bench.sync()
    order = [call.removeprefix("SELECT ") for call in bench.server.calls if call.startswith("SELECT")]
    assert order == ["INBOX", "Sent", "Letters", "Junk"]


def test_a_folder_missing_from_one_answer_keeps_its_mail(bench):
    add_folder(bench, b"Letters", 4)
    bench.sync()
    bench.server.hidden_folders = [{b"Letters"}]
    bench.sync()
    assert bench.cached("Letters") == bench.on_server(b"Letters")


def test_a_folder_missing_from_two_answers_is_gone(bench):
    add_folder(bench, b"Letters", 4)
    bench.sync()
    del bench.server.folders[b"Letters"]
    bench.sync()
    assert bench.store.folders.find(bench.account.id, "Letters") is None


def test_a_folder_the_server_refuses_does_not_stop_the_others(bench):
    add_folder(bench, b"Letters", 2)
    bench.server.inbox.deliver(plain_message(0))
    session = bench.server.session()
    listed = session.list_folders()
    del bench.server.folders[b"INBOX"]
    session.list_folders = lambda: listed
    report = bench.sync(session)
    assert bench.cached("Letters") == bench.on_server(b"Letters")
    assert len(report.problems) == 1 and report.problems[0].startswith("INBOX: ")


def test_bodies_are_kept_as_the_policy_says(bench):
    for number in range(3):
        bench.server.inbox.deliver(plain_message(number))
    assert bench.sync(bodies=BodyPolicy.NONE).bodies_fetched == 0
    assert bench.sync(bodies=BodyPolicy.ALL).bodies_fetched == 3
    assert bench.sync(bodies=BodyPolicy.ALL).bodies_fetched == 0
    message_id = bench.store.messages.find_uid(bench.folder().id, 2)
    assert bench.store.bodies.get(message_id).raw == bench.server.inbox.messages[2].raw


def test_flags_set_elsewhere_and_here_meet(bench):
    uid = bench.server.inbox.deliver(plain_message(0))
    bench.sync()
    bench.server.inbox.set_flags(uid, Flag.ANSWERED)
    bench.sync()
    assert bench.cached() == {uid: Flag.ANSWERED}


def test_a_folder_in_which_the_line_breaks_each_time_does_not_keep_the_others_from_their_turn(bench):
    add_folder(bench, b"Letters", 2)
    sync = AccountSync(bench.store, bench.account, bench.events.append, bench.stop)

    def run():
        session = bench.server.session()
        original = session.select

        def select(wire_name, state=None):
            if wire_name == b"INBOX":
                session.close()
                raise ConnectionFailed("The line broke.")
            return original(wire_name, state)

        session.select = select
        with pytest.raises(ConnectionFailed):
            sync.run(session)

    run()
    run()
    assert bench.cached("Letters") == {}
    run()
    assert bench.cached("Letters") == bench.on_server(b"Letters")


def test_the_inbox_is_found_however_it_is_written(bench):
    bench.server.inbox.deliver(plain_message(1))
    sync = AccountSync(bench.store, bench.account, bench.events.append, bench.stop)
    assert sync.run(bench.server.session(), only="inbox").messages_added == 1
    with pytest.raises(ServerRefused, match="no folder"):
        sync.run(bench.server.session(), only="Nowhere")


def test_what_the_server_wants_read_is_told_once(bench):
    session = bench.server.session()
    sync = AccountSync(bench.store, bench.account, bench.events.append, bench.stop)
    for number in range(2):
        bench.server.inbox.deliver(plain_message(number))
        session.announce(Updates(alerts=["The mailbox is nearly full."]))
        sync.run(session)
    told = [event.sentence for event in bench.events if isinstance(event, Problem)]
    assert told == ["imap.example.org says: The mailbox is nearly full."]
