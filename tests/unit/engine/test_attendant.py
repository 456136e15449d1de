import threading
from contextlib import suppress

import pytest

from qtmail.domain.message import Flag
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.attendant import Attendant, Errand
from qtmail.engine.replay_queue import record_flags
from qtmail.errors import ConnectionFailed, QtmailError, ServerRefused, Stopped
from qtmail.protocols.imap_values import Updates
from qtmail.protocols.wake import Wake
from tests.fakes.memory_imap import plain_message


class Post:
    """An attendant on a session whose IDLE calls back, once for each callable given."""

    def __init__(self, bench):
        self.bench = bench
        self.wake = Wake()
        self.failures = []
        listener = bench.events.append
        self.attendant = Attendant(
            bench.store,
            bench.account,
            sync=AccountSync(bench.store, bench.account, listener, bench.stop),
            monitor=AccountMonitor(bench.account.id, listener),
            wake=self.wake,
            stop=bench.stop,
        )

    def attend(self, *idles):
        """Attend; each IDLE runs the next of `idles`, the one after the last stops the work."""
        session = self.bench.server.session()
        waiting = list(idles)

        def idle(wake, limit):
            if waiting:
                waiting.pop(0)(session)
            else:
                self.bench.stop.stop()
                wake.set()

        session.idle = idle
        with suppress(Stopped):
            self.attendant.attend(session)
        return session

    def request(self, run):
        self.attendant.request(Errand(run, self.failures.append))


@pytest.fixture
def post(bench, monkeypatch):
    monkeypatch.setattr("qtmail.engine.attendant.BREATH_SECONDS", 0.0)
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    post = Post(bench)
    yield post
    post.wake.close()


def test_announced_mail_is_fetched_at_once(bench, post):
    def arrive(session):
        bench.server.inbox.deliver(plain_message(2))
        session.announce(Updates(exists=2))

    post.attend(arrive)
    assert bench.cached() == bench.on_server()


def test_an_errand_ends_the_rest_and_is_done(bench, post):
    done = []
    post.attend(lambda session: post.request(lambda session: done.append(session.selected_folder)))
    assert done == [b"INBOX"]


def test_errands_are_done_in_order(bench, post):
    done = []
    for number in range(3):
        post.request(lambda session, number=number: done.append(number))
    post.attend()
    assert done == [0, 1, 2]


def test_a_refused_errand_is_told_and_the_session_goes_on(bench, post):
    done = []

    def refuse(session):
        raise ServerRefused("It is gone.")

    post.request(refuse)
    post.request(lambda session: done.append("next"))
    post.attend()
    assert [error.sentence for error in post.failures] == ["It is gone."]
    assert done == ["next"]


def test_an_errand_on_a_dead_line_gets_a_second_try(bench, post):
    tries = []

    def fail_once(session):
        tries.append(session)
        if len(tries) == 1:
            session.close()
            raise ConnectionFailed("The line was dead.")

    post.request(fail_once)
    with pytest.raises(ConnectionFailed):
        post.attend()
    assert post.failures == []
    post.attend()
    assert len(tries) == 2 and post.failures == []


def test_an_errand_that_breaks_each_line_is_told_so_and_not_tried_for_ever(bench, post):
    def break_the_line(session):
        session.close()
        raise ConnectionFailed("The line broke.")

    post.request(break_the_line)
    for _ in range(2):
        with pytest.raises(ConnectionFailed):
            post.attend()
    post.attend()
    assert [error.sentence for error in post.failures] == ["The line broke."]


def test_a_fault_that_is_not_the_lines_costs_no_line(bench, post):
    done = []

    def fail(session):
        raise QtmailError("This message is no longer in its folder.")

    post.request(fail)
    post.request(lambda session: done.append("next"))
    post.attend()
    assert [error.sentence for error in post.failures] == ["This message is no longer in its folder."]
    assert done == ["next"]


def test_an_errand_that_meets_a_bug_is_not_forgotten(bench, post):
    post.request(lambda session: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        post.attend()
    post.attendant.give_up(QtmailError("This account stopped."))
    assert [error.sentence for error in post.failures] == ["This account stopped."]


def test_a_server_that_offers_idle_and_refuses_it_is_asked_instead(bench, post, monkeypatch):
    monkeypatch.setattr("qtmail.engine.attendant.POLL_SECONDS", 0.001)

    def refuse(session):
        raise ServerRefused("IDLE is not to be had today.")

    asked = []

    def noop(session):
        asked.append("NOOP")
        bench.stop.stop()
        post.wake.set()

    def attend_and_refuse(session):
        session.noop = lambda: noop(session)
        refuse(session)

    post.attend(attend_and_refuse)
    assert asked == ["NOOP"]


def test_a_server_that_announces_the_same_again_and_again_is_not_asked_without_a_pause(
    bench, post, monkeypatch
):
    monkeypatch.setattr("qtmail.engine.attendant.BREATH_SECONDS", 7.0)
    pauses = []
    monkeypatch.setattr(post.wake, "wait", lambda timeout: pauses.append(timeout))
    post.attend(*[lambda session: session.announce(Updates(exists=1))] * 3)
    assert pauses[0] <= 0, "the first sync comes at once"
    assert len(pauses) == 4 and all(6 < pause <= 7 for pause in pauses[1:])


def test_an_inbox_that_cannot_be_opened_keeps_nobody_from_other_mail(bench, post):
    del bench.server.folders[b"INBOX"]
    done = []
    post.request(lambda session: done.append("a message of another folder"))

    def wait(timeout):
        bench.stop.stop()
        return False

    post.wake.wait = wait
    session = post.attend()
    assert done and not session.closed and post.failures == []


def test_without_an_inbox_it_rests_until_there_is_one(bench, post, monkeypatch):
    monkeypatch.setattr("qtmail.engine.attendant.LOOK_SECONDS", 0.001)
    with bench.store.cache_transaction() as tx:
        bench.store.folders.remove_account(tx, bench.account.id)
    looks = []

    def wait(timeout):
        looks.append(timeout)
        if len(looks) == 3:
            bench.stop.stop()
        return False

    monkeypatch.setattr(post.wake, "wait", wait)
    bench.server.calls.clear()
    post.attend()
    assert looks == [0.001] * 3, "it waits between two looks"
    assert bench.server.calls == []


def test_without_a_line_waiting_errands_are_told_so(bench, post):
    post.request(lambda session: None)
    post.attendant.give_up(ConnectionFailed("There is no line."))
    assert [error.sentence for error in post.failures] == ["There is no line."]


def test_flags_set_while_resting_reach_the_server(bench, post):
    def set_flag(session):
        record_flags(bench.store, [bench.store.messages.find_uid(bench.folder().id, 1)], Flag.SEEN, Flag.NONE)
        post.attendant.nudge()

    post.attend(set_flag)
    assert bench.on_server() == {1: Flag.SEEN}


def test_a_folder_another_thread_walks_is_left_to_it(bench, post):
    bench.server.inbox.deliver(plain_message(2))
    release, held = threading.Event(), threading.Event()

    def walk():
        with post.attendant._sync._locks.hold(bench.folder().id, wait=True):
            held.set()
            release.wait(5)

    thread = threading.Thread(target=walk)
    thread.start()
    assert held.wait(5)
    post.attend()
    release.set()
    thread.join()
    assert set(bench.cached()) == {1}
