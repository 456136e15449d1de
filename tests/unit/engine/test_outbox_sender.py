"""Sending what is due: the promises that hold whatever the server, the disk, the keyring or the user does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from qtmail.credentials import Credentials
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.stopping import StopToken
from qtmail.errors import (
    ConnectionFailed,
    KeyringFailed,
    PasswordNeeded,
    QtmailError,
    Retry,
    SignInFailed,
    Stopped,
    StoreFailed,
)
from qtmail.store.facts import Fact
from qtmail.store.store import Store
from tests.end2end.outbox_bench import (
    AN_HOUR_AND_A_HALF,
    FINE,
    LATER,
    MESSAGE,
    PASSWORD,
    REFUSED,
    USER,
    OutboxBench,
    delivered,
    offering,
)
from tests.end2end.processes import wait_until
from tests.fakes.keyrings import LockedKeyring
from tests.fakes.smtp_server import SmtpServer

ALL = offering("PIPELINING", "8BITMIME", "CHUNKING", "SMTPUTF8")


class WatchedServer(SmtpServer):
    """Does what `before` says for a step ("RCPT", "end") before it answers there."""

    def __init__(self, offers: tuple[str, ...]) -> None:
        super().__init__(offers=offers, users={USER: PASSWORD})
        self.before: dict[str, Callable[[], object]] = {}

    def answer(self, *steps: str) -> str | None:
        for step in steps:
            self.before.get(step, lambda: None)()
        return super().answer(*steps)


@pytest.fixture
def server() -> Iterator[WatchedServer]:
    server = WatchedServer(ALL)
    with server:
        yield server


@pytest.fixture
def bench(store: Store, server: WatchedServer) -> OutboxBench:
    return OutboxBench(store, server)


def check_waits(bench: OutboxBench, item: OutboxItem, error: QtmailError) -> None:
    """It is still to be sent, and says why it was not."""
    now = bench.item(item)
    assert now.state is OutboxState.QUEUED
    assert (now.last_answer, now.advice) == (error.sentence, error.advice)


# -- the usual -------------------------------------------------------------------------------------


def test_everything_that_is_due_goes_over_one_connection(bench: OutboxBench, server: SmtpServer):
    items = [bench.queue(raw=MESSAGE + b"%d\r\n" % number) for number in range(5)]
    assert bench.sender().send_due() == 5
    assert server.connections == 1
    assert [message.data for message in server.accepted] == [MESSAGE + b"%d\r\n" % n for n in range(5)]
    assert {bench.item(item).state for item in items} == {OutboxState.ACCEPTED}
    assert bench.item(items[0]).sent_at == bench.now


def test_what_is_not_due_is_not_sent_and_nobody_is_called_for_nothing(bench: OutboxBench, server: SmtpServer):
    held = bench.queue(not_before=int(bench.now) + 10)
    sender = bench.sender()
    assert held.state is OutboxState.HELD
    assert sender.send_due() == 0
    assert server.connections == 0
    assert sender.next_time() == bench.now + 10
    bench.now += 10
    assert sender.send_due() == 1
    assert sender.next_time() is None


def test_only_those_who_wait_are_named_again(bench: OutboxBench):
    answers = {f"RCPT {LATER}": ["450 4.2.1 later"], f"RCPT {REFUSED}": "550 5.1.1 no"}
    with SmtpServer(offers=ALL, answers=answers) as bench.server:
        item = bench.queue((FINE, LATER, REFUSED))
        assert bench.sender().send_due() == 0, "not all of it went"
        assert bench.states(item) == {FINE: "accepted", LATER: "waiting", REFUSED: "refused"}
        bench.now += AN_HOUR_AND_A_HALF
        assert bench.sender().send_due() == 1
        assert [message.recipients for message in bench.server.accepted] == [(FINE,), (LATER,)]
        assert not bench.item(item).acknowledged


def test_what_the_server_can_do_is_remembered(bench: OutboxBench, store: Store):
    bench.queue()
    bench.sender().send_due()
    assert store.facts.get(bench.account.id, Fact.SMTP_SIZE_LIMIT) == "1000000"
    assert store.facts.get(bench.account.id, Fact.SMTP_8BITMIME) == "yes"


def test_eight_bit_text_is_coded_anew_for_an_old_server(bench: OutboxBench):
    raw = (
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n你好\r\n"
    ).encode()
    with SmtpServer(offers=offering()) as bench.server:
        item = bench.queue(raw=raw)
        assert item.needs_8bit
        bench.sender().send_due()
        (message,) = bench.server.accepted
    assert message.data.isascii()
    payload = message_from_bytes(message.data).get_payload(decode=True)
    assert isinstance(payload, bytes) and payload.decode() == "你好\r\n"


# -- one bad message -------------------------------------------------------------------------------


def test_a_message_that_cannot_be_sent_does_not_stop_the_others(bench: OutboxBench, server: SmtpServer):
    bad = bench.queue(raw=b"Subject: bad\r\n\r\na bare\nline end\r\n")
    good = bench.queue()
    assert bench.sender().send_due() == 1
    assert bench.item(bad).state is OutboxState.FAILED
    assert bench.item(bad).last_answer and bench.item(bad).advice
    assert bench.item(good).state is OutboxState.ACCEPTED
    assert [message.data for message in server.accepted] == [MESSAGE]


def test_a_server_that_hangs_up_after_a_refusal_does_not_cost_the_next_message_an_attempt(
    bench: OutboxBench,
):
    with SmtpServer(offers=ALL, answers={"end": ["421 4.3.2 too busy"]}) as bench.server:
        first, second = bench.queue(), bench.queue()
        assert bench.sender().send_due() == 1
        assert bench.item(first).state is OutboxState.QUEUED
        assert (bench.item(second).state, bench.item(second).attempts) == (OutboxState.ACCEPTED, 1)


def test_a_message_over_the_limit_is_refused_before_it_is_sent(bench: OutboxBench):
    with SmtpServer(offers=("SIZE 50",)) as bench.server:
        item = bench.settle(bench.queue())
        assert item.state is OutboxState.FAILED
        assert "takes at most 50 bytes" in item.last_answer
        assert not any("MAIL" in line for line in bench.server.heard[0])


def test_an_international_address_needs_a_server_that_knows_them(bench: OutboxBench):
    with SmtpServer(offers=offering("PIPELINING")) as bench.server:
        item = bench.settle(bench.queue(("用户@example.org",), needs_smtputf8=True))
    assert item.state is OutboxState.FAILED
    assert "用户@example.org" in item.last_answer


def test_an_address_that_would_smuggle_in_a_command_is_never_said(bench: OutboxBench, server: SmtpServer):
    item = bench.settle(bench.queue((f"{FINE}>\r\nRCPT TO:<{LATER}",)))
    assert item.state is OutboxState.FAILED
    assert item.last_answer and item.advice
    assert server.accepted == []


# -- the account -----------------------------------------------------------------------------------


def test_without_a_line_each_message_says_why_and_no_attempt_is_counted(
    bench: OutboxBench, server: SmtpServer
):
    server.__exit__(None, None, None)
    items = [bench.queue(), bench.queue()]
    error = bench.attempt()
    assert isinstance(error, ConnectionFailed)
    for item in items:
        check_waits(bench, item, error)
        assert bench.item(item).attempts == 0


@pytest.mark.parametrize(
    ("password", "credentials", "fault"),
    [
        ("wrong", Credentials(), SignInFailed),
        ("", Credentials(), PasswordNeeded),
        ("", Credentials(LockedKeyring()), KeyringFailed),
    ],
)
def test_only_the_user_can_mend_a_password(
    bench: OutboxBench, server: SmtpServer, password: str, credentials: Credentials, fault: type[QtmailError]
):
    bench.password, bench.credentials = password, credentials
    item = bench.queue()
    error = bench.attempt()
    assert isinstance(error, fault)
    assert error.retry is Retry.ASK_USER
    assert error.advice
    check_waits(bench, item, error)
    assert server.accepted == []
    bench.password = PASSWORD
    assert bench.settle(item).state is OutboxState.ACCEPTED


def test_a_server_that_wants_a_sign_in_after_all_is_no_fault_of_the_message(bench: OutboxBench):
    with SmtpServer(offers=ALL, answers={"MAIL": ["530 5.7.0 authentication required"]}) as bench.server:
        item = bench.queue()
        error = bench.attempt()
        assert isinstance(error, SignInFailed)
        check_waits(bench, item, error)


def test_a_password_goes_over_an_open_line_only_with_leave(bench: OutboxBench, store: Store):
    bench.host = "127.1"  # loopback, though not written so
    with SmtpServer(offers=ALL, users={USER: PASSWORD}, mechanisms=("PLAIN",)) as bench.server:
        item = bench.queue()
        error = bench.attempt()
        assert isinstance(error, SignInFailed)
        assert "not encrypted" in error.sentence and error.advice
        check_waits(bench, item, error)
        assert not any("AUTH" in line for line in bench.server.heard[0])
        with store.user_transaction() as tx:
            store.accounts.allow_clear(tx, bench.host, bench.server.port)
        assert bench.settle(item).state is OutboxState.ACCEPTED


# -- the disk --------------------------------------------------------------------------------------


@pytest.fixture
def disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is set, the disk of user.db is full."""
    full = threading.Event()
    transaction = store.user_transaction

    def writing():
        if full.is_set():
            raise StoreFailed("The disk is full.", advice="Free some space.")
        return transaction()

    monkeypatch.setattr(store, "user_transaction", writing)
    return full


def test_an_answer_that_the_disk_does_not_take_is_not_forgotten(
    bench: OutboxBench, server: WatchedServer, disk: threading.Event
):
    item = bench.queue()
    sender = bench.sender()
    server.before["end"] = disk.set
    with pytest.raises(StoreFailed):
        sender.send_due()
    assert sender.next_time() == 0, "there is something to do"
    with pytest.raises(StoreFailed):
        sender.send_due()
    disk.clear()
    assert sender.send_due() == 0
    assert bench.item(item).state is OutboxState.ACCEPTED
    assert delivered(server.accepted) == {FINE: 1}


def test_an_answer_that_the_disk_did_not_take_before_the_end_is_in_doubt(
    bench: OutboxBench, server: WatchedServer, disk: threading.Event
):
    item = bench.queue()
    server.before["end"] = disk.set
    with pytest.raises(StoreFailed):
        bench.sender().send_due()
    disk.clear()
    assert bench.settle(item).state is OutboxState.UNCERTAIN
    assert delivered(server.accepted) == {FINE: 1}


@pytest.mark.parametrize("offers", [offering(), offering("PIPELINING", "CHUNKING")])
def test_nothing_is_handed_over_that_could_not_be_noted(
    bench: OutboxBench, disk: threading.Event, offers: tuple[str, ...]
):
    server = WatchedServer(offers)
    server.before["RCPT"] = disk.set
    with server:
        bench.server = server
        item = bench.queue()
        sender = bench.sender()
        with pytest.raises(StoreFailed):
            sender.send_due()
        assert server.accepted == []
        server.before.clear()
        disk.clear()
        sender.send_due()
        bench.now += AN_HOUR_AND_A_HALF
        sender.send_due()
        assert bench.item(item).state is OutboxState.ACCEPTED
        assert delivered(server.accepted) == {FINE: 1}


# -- stopping --------------------------------------------------------------------------------------


def in_thread(sender: OutboxSender) -> tuple[threading.Thread, list[BaseException]]:
    ended: list[BaseException] = []

    def work() -> None:
        try:
            sender.send_due()
        except (QtmailError, Stopped) as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, ended


def test_a_stop_before_the_end_leaves_the_message_queued(bench: OutboxBench):
    with SmtpServer(offers=ALL, answers={"RCPT": ""}) as bench.server:
        item = bench.queue()
        sender = bench.sender()
        thread, ended = in_thread(sender)
        wait_until(lambda: bench.item(item).state is OutboxState.SENDING, 5, "the attempt to begin")
        assert not sender.awaits_answer
        bench.stop.stop()
        sender.abort()
        thread.join(5)
        assert isinstance(ended[0], Stopped)
        assert bench.item(item).state is OutboxState.QUEUED
        assert bench.item(item).next_try == bench.now


def test_a_stop_after_the_end_leaves_it_in_doubt(bench: OutboxBench):
    with SmtpServer(offers=ALL, answers={"end": ""}) as bench.server:
        item = bench.queue()
        sender = bench.sender()
        thread, ended = in_thread(sender)
        wait_until(lambda: sender.awaits_answer, 5, "the message to be handed over")
        bench.stop.stop()
        sender.abort()
        thread.join(5)
        assert isinstance(ended[0], Stopped)
        assert bench.item(item).state is OutboxState.UNCERTAIN
        bench.stop = StopToken()
        bench.attempt()
        assert bench.item(item).state is OutboxState.UNCERTAIN, "it is never sent again by itself"


# -- two at once -----------------------------------------------------------------------------------


def test_what_was_cancelled_at_the_last_moment_is_not_sent(
    bench: OutboxBench, server: SmtpServer, store: Store, monkeypatch: pytest.MonkeyPatch
):
    item = bench.queue()
    next_due = store.outbox.next_due

    def taken_back_after_the_look(account_id: int, now: int, after: int) -> OutboxItem | None:
        found = next_due(account_id, now, after)
        if bench.server.connections:  # not before the line is there
            with store.user_transaction() as tx:
                store.outbox.remove(tx, item)
        return found

    monkeypatch.setattr(store.outbox, "next_due", taken_back_after_the_look)
    assert bench.sender().send_due() == 0
    assert server.accepted == []


def test_what_was_decided_on_an_old_look_is_not_stored(bench: OutboxBench, store: Store, tmp_path: Path):
    with SmtpServer(offers=ALL, answers={f"RCPT {LATER}": ["450 later"]}) as bench.server:
        seen = bench.queue((FINE, LATER))
        bench.sender().send_due()
        assert bench.states(seen) == {FINE: "accepted", LATER: "waiting"}
        with store.user_transaction() as tx:
            assert not store.outbox.save(tx, seen, expected=OutboxState.QUEUED), "Bob would get it twice"
            assert not store.outbox.remove(tx, seen), "that Bob has it would be forgotten"
