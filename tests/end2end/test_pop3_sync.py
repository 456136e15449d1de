"""Mail is fetched from a real Dovecot, byte for byte and once, and deleted there as the user wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Pop3Keep, Pop3Policy, Security, ServerSettings
from qtmail.domain.events import Connection
from qtmail.domain.pop3 import Pop3Wish
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.pop3_loop import Pop3Loop
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.stopping import StopToken
from qtmail.errors import SignInFailed
from qtmail.store.store import Store
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.pop3_desk import Pop3Desk, add_account, backend
from tests.end2end.processes import wait_until
from tests.end2end.sample_mail import messages

LARGE = b"Message-ID: <large@x>\r\nSubject: large\r\n\r\n" + b".line\r\n" * 300_000


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.add_user()


@pytest.fixture
def desk(dovecot: Dovecot, user: User, tmp_path: Path) -> Iterator[Pop3Desk]:
    with Store.open(tmp_path / "profile") as store:
        server = ServerSettings(dovecot.host, dovecot.pop3s_port, Security.TLS, user.name)
        account = add_account(store, server)
        yield Pop3Desk(store, account, user.password, dovecot.ca_file)


def with_policy(desk: Pop3Desk, keep: Pop3Keep, **policy: int) -> None:
    desk.account = replace(desk.account, pop3_policy=Pop3Policy(keep, **policy))  # type: ignore[arg-type]


@pytest.mark.parametrize("security", list(Security))
def test_mail_of_all_kinds_is_fetched_once(desk: Pop3Desk, dovecot: Dovecot, user: User, security: Security):
    port = dovecot.pop3s_port if security is Security.TLS else dovecot.pop3_port
    desk.account = replace(desk.account, pop3=ServerSettings(dovecot.host, port, security, user.name))
    dovecot.deliver_all(user, "INBOX", messages(200, seed=3, size=4000))
    report = desk.check()
    assert report.messages_added == 200 and not report.problems
    assert desk.contents() == sorted(dovecot.messages(user, "INBOX"))
    assert report.round_trips < 40, "pipelined"
    again = desk.check()
    assert again.messages_added == 0 and again.bytes_received < 30_000
    assert desk.store.check() == []


def test_a_large_message_with_dots(desk: Pop3Desk, dovecot: Dovecot, user: User):
    dovecot.deliver(user, "INBOX", LARGE)
    with_policy(desk, Pop3Keep.DELETE)
    desk.check()
    assert desk.contents() == [LARGE]
    assert dovecot.messages(user, "INBOX") == []


def test_headers_first_then_the_rest_or_nothing(desk: Pop3Desk, dovecot: Dovecot, user: User):
    other = LARGE.replace(b"<large@x>", b"<other@x>")
    dovecot.deliver(user, "INBOX", LARGE)
    dovecot.deliver(user, "INBOX", other)
    with_policy(desk, Pop3Keep.DELETE, headers_only_over=100_000)
    report = desk.check()
    assert report.bytes_received < 10_000 and len(dovecot.messages(user, "INBOX")) == 2
    unwanted, wanted = desk.messages()
    assert wanted.server_size == len(LARGE)
    with desk.store.user_transaction() as tx:
        desk.store.pop3_messages.want(tx, [wanted.uid], Pop3Wish.DOWNLOAD)
        desk.store.pop3_messages.want(tx, [unwanted.uid], Pop3Wish.DELETE)
    desk.check()
    assert desk.contents() == [LARGE]
    assert dovecot.messages(user, "INBOX") == []


def test_a_mailbox_that_another_program_uses_too(desk: Pop3Desk, dovecot: Dovecot, user: User):
    dovecot.fill(user, "INBOX", 10)
    desk.check()
    dovecot.commands(user, "SELECT INBOX", "STORE 2:4 +FLAGS (\\Deleted)", "EXPUNGE")
    dovecot.fill(user, "INBOX", 3, seed=7)
    with_policy(desk, Pop3Keep.NEWEST, newest_count=5)
    report = desk.check()
    assert report.messages_added == 3 and len(desk.messages()) == 13
    assert len(dovecot.messages(user, "INBOX")) == 5


def test_a_password_that_is_wrong(desk: Pop3Desk):
    desk.password = "wrong"
    with pytest.raises(SignInFailed):
        desk.check()


def test_the_loop_brings_new_mail_and_ends_in_the_middle_of_a_fetch(
    desk: Pop3Desk, dovecot: Dovecot, user: User
):
    states: list[object] = []
    wake, retry, stop = threading.Event(), threading.Event(), StopToken()
    monitor = AccountMonitor(desk.account.id, states.append)
    loop = Pop3Loop(
        desk.account,
        backend(desk.store, desk.account, user.password, dovecot.ca_file),
        Pop3Sync(desk.store, desk.account, states.append, stop),
        monitor=monitor,
        wake=wake,
        retry=retry,
        stop=stop,
    )
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    wait_until(lambda: monitor.state.connection is Connection.WATCHING, 10, "the first look")
    dovecot.fill(user, "INBOX", 3000)
    retry.set()
    wake.set()
    wait_until(lambda: desk.store.local_messages.count(desk.account.id) > 100, 20, "some messages")
    stop.stop()
    loop.abort()
    wake.set()
    thread.join(2)
    assert not thread.is_alive()
    assert monitor.state.connection is Connection.OFFLINE
    with_policy(desk, Pop3Keep.DELETE)
    desk.check()
    assert len(set(desk.contents())) == 3000
    assert dovecot.messages(user, "INBOX") == []
