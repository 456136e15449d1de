"""The POP3 session against a real Dovecot."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.errors import Retry, SignInFailed, TlsFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.pop3 import Pop3Refused, Pop3Session
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.processes import wait_until
from tests.wire.pop3_sessions import whole

Connect = Callable[..., Pop3Session]

DOTS = b"From: a@example.net\r\nSubject: dots\r\n\r\n.\r\n..\r\n.dot \xe9\xff\r\n\r\n"


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.add_user()


@pytest.fixture
def connect(dovecot: Dovecot, user: User) -> Iterator[Connect]:
    """Signed-in sessions with Dovecot, closed without a word at the end."""
    with contextlib.ExitStack() as sessions:

        def make(
            security: Security = Security.TLS,
            password: str = "",
            server: Dovecot = dovecot,
            apop: bool = False,
        ) -> Pop3Session:
            port = server.pop3s_port if security is Security.TLS else server.pop3_port
            session = Pop3Session(
                ServerSettings(server.host, port, security, user.name),
                trust=TlsTrust(cafile=str(server.ca_file)),
                log=ProtocolLog(),
                apop=apop,
            )
            sessions.enter_context(contextlib.closing(session))
            session.connect()
            session.sign_in(password or user.password)
            return session

        yield make


@pytest.mark.parametrize("security", list(Security))
def test_every_kind_of_line(connect: Connect, dovecot: Dovecot, user: User, security: Security):
    dovecot.deliver(user, "INBOX", DOTS)
    session = connect(security)
    assert bool(session.tls_version) == (security is not Security.NONE)
    assert session.stat() == (1, len(DOTS))
    [message] = session.listing()
    assert (message.number, message.size) == (1, len(DOTS))
    assert message.uidl
    assert [whole(one) for one in session.retrieve([1])] == [DOTS]
    session.quit()


def test_what_dovecot_says_it_can_do(connect: Connect):
    told = connect().capabilities
    assert told.told
    assert told.pipelining
    assert told.resp_codes
    assert told.auth_resp_code
    assert told.uidl
    assert told.top
    assert told.user
    assert set(told.mechanisms) == {"PLAIN", "LOGIN"}


def test_a_wrong_password(connect: Connect):
    with pytest.raises(SignInFailed, match="did not accept") as failure:
        connect(password="wrong")
    assert failure.value.detail.startswith("[AUTH]")


def test_a_certificate_nobody_vouches_for(dovecot: Dovecot, user: User):
    settings = ServerSettings(dovecot.host, dovecot.pop3_port, Security.STARTTLS, user.name)
    with (
        contextlib.closing(Pop3Session(settings, trust=TlsTrust(), log=ProtocolLog())) as session,
        pytest.raises(TlsFailed) as failure,
    ):
        session.connect()
    assert "BEGIN CERTIFICATE" in failure.value.certificate


@pytest.mark.parametrize("mechanism", ["cram-md5", "scram-sha-1", "scram-sha-256"])
def test_every_mechanism(authority: trustme.CA, connect: Connect, mechanism: str):
    with Dovecot(authority, extra=f"auth_mechanisms = {mechanism}") as server:
        assert connect(server=server).capabilities.mechanisms == (mechanism.upper(),)
        with pytest.raises(SignInFailed):
            connect(server=server, password="wrong")


def test_apop_where_it_was_asked_for(authority: trustme.CA, connect: Connect):
    with Dovecot(authority, extra="auth_mechanisms = apop") as server:
        session = connect(Security.NONE, server=server, apop=True)
        assert session.stat() == (0, 0)
        with pytest.raises(SignInFailed):
            connect(Security.NONE, server=server, apop=True, password="wrong")


def test_headers(connect: Connect, dovecot: Dovecot, user: User):
    dovecot.deliver(user, "INBOX", DOTS)
    session = connect()
    assert dict(session.headers([1])) == {1: DOTS[: -len(b".\r\n..\r\n.dot \xe9\xff\r\n\r\n")]}
    assert dict(session.headers([1], lines=2)) == {1: DOTS[: -len(b".dot \xe9\xff\r\n\r\n")]}
    assert list(session.headers([2])) == [(2, None)]


def test_a_thousand_messages_in_few_round_trips(connect: Connect, dovecot: Dovecot, user: User):
    dovecot.fill(user, "INBOX", 1000)
    session = connect()
    before = session.counters
    listing = session.listing()
    assert (session.counters - before).round_trips == 1
    fetched = [whole(one) for one in session.retrieve([message.number for message in listing])]
    assert fetched == dovecot.messages(user, "INBOX")
    assert [message.size for message in listing] == list(map(len, fetched))
    assert (session.counters - before).round_trips <= 15


def test_a_large_message_does_not_fill_the_memory(connect: Connect, dovecot: Dovecot, user: User):
    large = b"Subject: large\r\n\r\n" + (b"." * 75 + b"\r\n") * (25_000_000 // 77)
    dovecot.deliver(user, "INBOX", large)
    session = connect()
    assert session.listing()[0].size == len(large)
    tracemalloc.start()
    try:
        size = sum(len(piece) for one in session.retrieve([1]) for piece in one.pieces)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == len(large)
    assert peak < 3_000_000


def test_only_quit_deletes(connect: Connect, dovecot: Dovecot, user: User):
    dovecot.fill(user, "INBOX", 5)
    before = dovecot.messages(user, "INBOX")
    cut = connect()
    assert cut.delete([1, 2, 3]) == []
    cut.close()
    reset = connect()
    reset.delete([1])
    reset.reset()
    reset.quit()
    assert dovecot.messages(user, "INBOX") == before
    session = connect()
    assert session.delete([2, 4, 9]) == [9]
    session.quit()
    assert dovecot.messages(user, "INBOX") == [before[0], before[2], before[4]]


def test_unique_ids_stay(connect: Connect, dovecot: Dovecot, user: User):
    dovecot.fill(user, "INBOX", 3)
    first = connect()
    uidls = [message.uidl for message in first.listing()]
    first.delete([1])
    first.quit()
    assert [message.uidl for message in connect().listing()] == uidls[1:]
    assert len(set(uidls)) == 3


def test_a_mailbox_that_only_one_session_may_have(authority: trustme.CA, connect: Connect):
    with Dovecot(authority, extra="protocol pop3 {\n  mail_max_userip_connections = 1\n}") as server:
        first = connect(server=server)
        with pytest.raises(Pop3Refused, match="in use by another session") as failure:
            connect(server=server)
        assert failure.value.code == "IN-USE"
        assert failure.value.retry is Retry.LATER
        first.quit()
        wait_until(lambda: _opens(connect, server), 10, "the mailbox to be free")


def _opens(connect: Connect, server: Dovecot) -> bool:
    with contextlib.suppress(Pop3Refused):
        return connect(server=server).listing() == []
    return False


def test_an_empty_mailbox(connect: Connect):
    session = connect()
    assert session.stat() == (0, 0)
    assert session.listing() == []
    assert list(session.retrieve([])) == []
    assert session.delete([]) == []
    session.quit()
