import time
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate

import pytest

from qtmail.domain.account import BodyPolicy
from qtmail.domain.events import Progress
from qtmail.engine import prefetcher
from qtmail.engine.account_sync import AccountSync
from qtmail.errors import ConnectionFailed, ServerRefused
from tests.fakes.memory_imap import MemorySession


def letter(number: int, size: int = 10) -> bytes:
    """A message of today."""
    date = formatdate(time.time() - number)
    return (
        f"From: ann@example.org\r\nSubject: {number}\r\nDate: {date}\r\n\r\n{'x' * size} {number}\r\n"
    ).encode()


@pytest.fixture
def recent(bench):
    """The bench with an account that keeps recent mail, messages over 1,000 bytes in parts."""
    sync = replace(bench.account.sync, bodies=BodyPolicy.RECENT, prefetch_bytes=1000)
    bench.account = replace(bench.account, sync=sync)
    return bench


class FussySession(MemorySession):
    """Refuses some messages, also together with others, leaves some out, and breaks at some."""

    def __init__(self, server, *, refused=(), left_out=(), breaking=()):
        super().__init__(server)
        self.refused, self.left_out, self.breaking = set(refused), set(left_out), set(breaking)

    def fetch_messages(self, uids):
        for uid, raw in super().fetch_messages(uids):
            if uid in self.breaking:
                self.close()
                raise ConnectionFailed("The line broke.")
            if uid in self.refused:
                raise ServerRefused("It cannot be read here.")
            if uid not in self.left_out:
                yield uid, raw


def kept(bench) -> set[int]:
    folder = bench.folder()
    ids = {uid: bench.store.messages.find_uid(folder.id, uid) for uid in bench.cached()}
    return {uid for uid, id_ in ids.items() if bench.store.bodies.get(id_).fetched}


def reason(bench, uid: int) -> str:
    problem: str = bench.store.bodies.problem(bench.store.messages.find_uid(bench.folder().id, uid))
    return problem


def body_calls(bench) -> list[str]:
    return [call for call in bench.server.calls if call.split()[0] in ("BODY", "STRUCTURE", "PARTS", "PART")]


def test_of_large_messages_the_text_is_kept(recent):
    recent.server.inbox.deliver(letter(1))
    recent.server.inbox.deliver(letter(2, size=5000))
    assert recent.sync().bodies_fetched == 2
    assert body_calls(recent) == ["BODY 1", "STRUCTURE 2", "PARTS 2"]
    row = recent.store.messages.get(recent.store.messages.find_uid(recent.folder().id, 2))
    assert row.preview.startswith("xxx")
    recent.server.calls.clear()
    recent.sync()
    assert body_calls(recent) == []


def test_few_large_messages_are_fetched_at_a_time_and_progress_ends_where_it_says(recent, monkeypatch):
    monkeypatch.setattr(prefetcher, "LARGE_LIMIT", 2)
    for number in range(5):
        recent.server.inbox.deliver(letter(number, size=5000))
    assert [recent.sync().bodies_fetched for _ in range(4)] == [2, 2, 1, 0]
    ends = [event for event in recent.events if isinstance(event, Progress) and event.what == "messages"]
    assert all(event.done == event.total for event in ends if event.finished)


def test_the_policy_all_fetches_large_messages_part_by_part(recent, monkeypatch):
    monkeypatch.setattr(prefetcher, "WHOLE_BYTES", 2000)
    recent.server.inbox.deliver(letter(1, size=1500))
    recent.server.inbox.deliver(letter(2, size=5000))
    assert recent.sync(bodies=BodyPolicy.ALL).bodies_fetched == 2
    assert body_calls(recent)[:2] == ["BODY 1", "STRUCTURE 2"]


def test_the_policy_all_goes_on_until_everything_is_here(recent, monkeypatch):
    monkeypatch.setattr(prefetcher, "LIMIT", 3)
    for number in range(8):
        recent.server.inbox.deliver(letter(number))
    assert recent.sync(bodies=BodyPolicy.ALL).bodies_fetched == 8


def test_new_mail_does_not_wait_until_everything_is_here(recent, monkeypatch):
    monkeypatch.setattr(prefetcher, "LIMIT", 3)
    recent.account = replace(recent.account, sync=replace(recent.account.sync, poll_seconds=0))
    for number in range(6):
        recent.server.inbox.deliver(letter(number))
    session = recent.server.session()
    original = session.fetch_messages

    def deliver_meanwhile(uids):
        if len(recent.server.inbox.messages) == 6:
            recent.server.inbox.deliver(letter(7))
        return original(uids)

    session.fetch_messages = deliver_meanwhile
    assert recent.sync(session, bodies=BodyPolicy.ALL).bodies_fetched == 7


def test_a_message_the_server_refuses_costs_no_other_and_is_not_asked_for_again(recent):
    for number in range(4):
        recent.server.inbox.deliver(letter(number))
    report = recent.sync(FussySession(recent.server, refused={2}))
    assert kept(recent) == {1, 3, 4}
    assert report.bodies_fetched == 3 and report.problems == ()
    assert reason(recent, 2) == "It cannot be read here."
    recent.server.calls.clear()
    recent.sync(FussySession(recent.server, refused={2}))
    assert body_calls(recent) == []


def test_a_message_the_server_leaves_out_is_not_asked_for_again(recent):
    for number in range(3):
        recent.server.inbox.deliver(letter(number))
    recent.sync(FussySession(recent.server, left_out={2}))
    assert kept(recent) == {1, 3}
    recent.server.calls.clear()
    recent.sync()
    assert body_calls(recent) == []


def test_a_server_that_refuses_everything_is_in_trouble_and_not_each_message(recent):
    for number in range(20):
        recent.server.inbox.deliver(letter(number))
    recent.sync(FussySession(recent.server, refused=range(1, 21)))
    assert sum(bool(reason(recent, uid)) for uid in range(1, 21)) == prefetcher.REFUSALS
    recent.sync()
    assert len(kept(recent)) == 20 - prefetcher.REFUSALS


def test_a_message_at_which_the_line_breaks_each_time_is_found(recent):
    for number in range(6):
        recent.server.inbox.deliver(letter(number))
    sync = AccountSync(recent.store, recent.account, recent.events.append, recent.stop)
    passes = 0
    while len(kept(recent) if passes else ()) < 5:
        passes += 1
        assert passes < 5
        with suppress(ConnectionFailed):
            sync.run(FussySession(recent.server, breaking={3}))  # type: ignore[arg-type]
    assert kept(recent) == {1, 2, 4, 5, 6}
    assert reason(recent, 3) == "The line broke."


def test_a_renumbered_folder_yields_no_body_of_another_message(recent):
    recent.server.inbox.deliver(letter(1))
    recent.server.inbox.deliver(letter(2))
    session = recent.server.session()
    original = session.take_updates

    def renumber_after_the_walk():
        recent.server.inbox.expunge(1)
        recent.server.inbox.renumber()
        session._folder = None
        session.take_updates = original
        return original()

    session.take_updates = renumber_after_the_walk
    recent.sync(session)
    assert body_calls(recent) == []
    recent.sync()
    assert kept(recent) == {1}


def test_old_mail_makes_room_for_new(recent, monkeypatch):
    old = letter(1).replace(b"Date: ", b"Date: Sat, 21 Nov 2020 10:00:00 +0000\r\nX-Date: ")
    recent.server.inbox.deliver(old)
    recent.server.inbox.deliver(letter(2))
    recent.sync(bodies=BodyPolicy.ALL)
    assert kept(recent) == {1, 2}
    monkeypatch.setattr(prefetcher, "KEEP_BYTES", 50)
    for _ in range(2):
        recent.server.calls.clear()
        recent.sync()
        assert kept(recent) == {2}
        assert body_calls(recent) == [], "what was dropped is not fetched again"
