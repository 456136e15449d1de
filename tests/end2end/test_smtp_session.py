"""The SMTP session against a real Postfix, which delivers into a real Dovecot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.errors import SignInFailed, TlsFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.smtp import SendResult, SmtpEnvelope, SmtpSession
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.postfix import SIZE_LIMIT, Postfix
from tests.end2end.processes import wait_until

Connect = Callable[..., SmtpSession]


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.add_user()


@pytest.fixture
def connect(postfix: Postfix, user: User) -> Iterator[Connect]:
    """Sessions with Postfix; signed in where its port asks for that."""
    opened: list[SmtpSession] = []

    def make(security: Security = Security.TLS, password: str | None = None, port: int = 0) -> SmtpSession:
        usual = {
            Security.TLS: postfix.submissions_port,
            Security.STARTTLS: postfix.submission_port,
            Security.NONE: postfix.smtp_port,
        }
        settings = ServerSettings(postfix.host, port or usual[security], security, user.name)
        trust = TlsTrust(cafile=str(postfix.ca_file))
        session = SmtpSession(settings, trust=trust, log=ProtocolLog())
        opened.append(session)
        session.connect()
        session.sign_in(password or user.password)
        return session

    yield make
    for session in opened:
        session.quit()


def message_of(size: int) -> bytes:
    """A message with lines of dots, and bytes beyond ASCII, of at least this size."""
    head = b"From: a@example.net\r\nSubject: hello\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    line = b".\r\n..\r\n.dot \xe9\xff\xe4\xb8\xbd and some more text to fill the line\r\n"
    return head + line * (size // len(line) + 1)


def body_of(message: bytes) -> bytes:
    """All but the header, to which servers add."""
    return message.partition(b"\r\n\r\n")[2]


def send(session: SmtpSession, user: User, message: bytes, **options: object) -> SendResult:
    envelope = SmtpEnvelope(user.address, (user.address,), len(message), eight_bit=True, **options)  # type: ignore[arg-type]
    pieces = (message[start : start + 100_000] for start in range(0, len(message), 100_000))
    return session.send(envelope, pieces, before_end=lambda _told: None)


def delivered(dovecot: Dovecot, user: User, count: int) -> list[bytes]:
    """The messages in the inbox, once there are so many of them."""
    wait_until(lambda: f"* {count} EXISTS" in dovecot.commands(user, "SELECT INBOX"), 60, f"{count} messages")
    settings = ServerSettings(dovecot.host, dovecot.imaps_port, Security.TLS, user.name)
    trust = TlsTrust(cafile=str(dovecot.ca_file))
    with ImapSession(settings, trust=trust, log=ProtocolLog()) as session:
        session.connect()
        session.sign_in(user.password)
        session.select(b"INBOX")
        return [data for _, data in session.fetch_messages(list(session.search_all_uids()))]


@pytest.mark.parametrize("security", Security)
def test_a_message_arrives_byte_for_byte(
    connect: Connect, dovecot: Dovecot, user: User, security: Security
) -> None:
    session = connect(security)
    offers = session.offers
    assert offers.pipelining and offers.chunking and offers.eight_bit and offers.dsn and offers.utf8
    assert offers.size_limit == SIZE_LIMIT
    assert offers.mechanisms if security is not Security.NONE else not offers.mechanisms
    small, large = message_of(10), message_of(3_000_000)
    assert send(session, user, small).accepted
    assert send(session, user, large).accepted
    got = {body_of(message) for message in delivered(dovecot, user, 2)}
    assert got == {body_of(small), body_of(large)}


@pytest.mark.parametrize("without", ["chunking", "chunking, pipelining"])
def test_without_the_newer_extensions(
    dovecot: Dovecot, authority: trustme.CA, user: User, without: str
) -> None:
    with Postfix(dovecot, authority, extra=f"smtpd_discard_ehlo_keywords = {without}") as plain:
        settings = ServerSettings(plain.host, plain.submission_port, Security.STARTTLS, user.name)
        trust = TlsTrust(cafile=str(plain.ca_file))
        message = message_of(1_000_000)
        with SmtpSession(settings, trust=trust, log=ProtocolLog()) as session:
            session.connect()
            session.sign_in(user.password)
            assert not session.offers.chunking
            assert session.offers.pipelining == ("pipelining" not in without)
            assert send(session, user, message).accepted
        (got,) = delivered(dovecot, user, 1)
    assert body_of(got) == body_of(message)


def test_a_wrong_password(connect: Connect) -> None:
    with pytest.raises(SignInFailed, match="did not accept the user name") as failure:
        connect(password="wrong")
    assert failure.value.detail.startswith("535 5.7.8")


def test_a_port_without_tls_is_noticed(connect: Connect, postfix: Postfix) -> None:
    with pytest.raises(TlsFailed, match="does not speak TLS"):
        connect(Security.TLS, port=postfix.submission_port)


def test_some_recipients_are_refused(connect: Connect, dovecot: Dovecot, user: User) -> None:
    message = message_of(10)
    envelope = SmtpEnvelope(user.address, (user.address, "someone@elsewhere.example"), len(message))
    result = connect(Security.NONE).send(envelope, [message], before_end=lambda _told: None)
    assert result.accepted
    assert [one.accepted for one in result.recipients] == [True, False]
    assert not result.recipients[1].reply.positive
    assert "Relay access denied" in result.recipients[1].reply.sentence
    assert len(delivered(dovecot, user, 1)) == 1


def test_delivery_reports_can_be_asked_for(connect: Connect, dovecot: Dovecot, user: User) -> None:
    assert send(connect(), user, message_of(10), notify=True, envelope_id="QQ+1").accepted
    reports = [got for got in delivered(dovecot, user, 2) if b"report-type=delivery-status" in got]
    assert len(reports) == 1
    assert b"Original-Envelope-Id: QQ+1" in reports[0]


def test_200_messages_over_one_connection_and_over_one_each(connect: Connect, user: User) -> None:
    """The figure is for the benchmark to judge; here only the round trips are."""
    message = message_of(10)
    session = connect()
    before = session.counters.round_trips
    started = time.perf_counter()
    for _ in range(200):
        assert send(session, user, message).accepted
    together = time.perf_counter() - started
    assert session.counters.round_trips - before == 400
    started = time.perf_counter()
    for _ in range(20):
        with connect() as alone:
            assert send(alone, user, message).accepted
    each = (time.perf_counter() - started) * 10
    print(f"200 messages: {together:.2f} s over one connection, {each:.2f} s over one each")
