"""An account that signs in at a provider, with real workers: whatever happens to its tokens, the account and
its mail stay; and no secret gets anywhere it could be seen.
"""

from __future__ import annotations

import contextlib
import logging
import re
import ssl
import threading
import time
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.events import Connection, Problem
from qtmail.domain.message import MessageQuery
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.incoming import ImapIncoming
from qtmail.engine.oauth_sign_in import OAuthSignIn
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import Secrets
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, SignInExpired
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.wake import Wake
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from tests.fakes import authorization_server as fake
from tests.fakes.authorization_server import (
    CLIENT_ID,
    CODE,
    DEVICE,
    DEVICE_TOKEN,
    METADATA,
    REFRESH,
    AuthorizationServer,
    error,
)
from tests.fakes.keyrings import FileKeyring
from tests.fakes.mailbox_server import QRESYNC, Command, MailboxServer
from tests.fakes.memory_imap import plain_message

TOKEN = re.compile(r"auth=Bearer ([^\x01]+)\x01")


class Desk:
    """A mailbox that opens to the provider's tokens, and an account on it.

    Attributes:
        events: what the user was told.
    """

    def __init__(self, service: AuthorizationServer, mailbox: MailboxServer, directory: Path) -> None:
        self.service = service
        self.mailbox = mailbox
        mailbox.tamper = self._admit
        self.trust = TlsTrust(cafile=str(directory / "ca.pem"))
        self.keyring = FileKeyring(directory)
        self.store = Store.open(directory / "profile")
        self.log = ProtocolLog()
        self.events: list[Event] = []
        self.secrets = Secrets(Credentials(self.keyring), self.store.directory, self.trust)
        settings = ServerSettings("localhost", mailbox.port, Security.TLS, "ann")
        sign_in = SignIn(SignInMethod.OAUTH, service.issuer, CLIENT_ID)
        account = Account(0, "Work", "ann@example.org", "Ann", settings, sign_in=sign_in)
        with self.store.user_transaction() as tx:
            self.account = self.store.accounts.add(tx, account)

    def _admit(self, command: Command, answer: list[bytes]) -> Iterable[bytes]:
        """Let in whoever has a token that is good (XOAUTH2, OAUTHBEARER)."""
        if command.verb != "AUTHENTICATE":
            return answer
        found = TOKEN.search(b64decode(command.arguments.split()[-1]).decode())
        if found is None or not self.service.accepts(found[1]):
            return [command.done(b"NO [AUTHENTICATIONFAILED] Invalid credentials")]
        return [command.done(b"OK welcome")]

    def backend(self) -> ImapBackend:
        return ImapBackend(
            self.account, secrets=self.secrets, trust=self.trust, protocol_log=self.log, timeout=10.0
        )

    @contextlib.contextmanager
    def workers(self) -> Iterator[AccountWorkers]:
        workers = AccountWorkers(
            self.store,
            self.account,
            self.events.append,
            incoming=ImapIncoming(self.store, self.backend()),
            sends=None,
            lock=OutboxLock(self.store.directory, self.account.id),
            stop=StopToken(),
        )
        workers.start()
        try:
            yield workers
        finally:
            workers.stop()
            workers.join(time.monotonic() + 10.0)

    def messages(self) -> int:
        folders = tuple(folder.id for folder in self.store.folders.list())
        return len(self.store.messages.ids(MessageQuery(folders)))

    def permit(self) -> None:
        """The user signs in."""
        self.secrets.keep(self.account, Permission(self.service.issue()), remember=True)


@pytest.fixture
def desk(authority: trustme.CA, tmp_path: Path) -> Iterator[Desk]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with (
        AuthorizationServer(authority) as service,
        MailboxServer(f"{QRESYNC} AUTH=XOAUTH2", context=context) as mailbox,
    ):
        for number in range(3):
            mailbox.inbox.deliver(plain_message(number))
        desk = Desk(service, mailbox, tmp_path)
        desk.permit()
        yield desk
        desk.store.close()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def watching(workers: AccountWorkers) -> bool:
    return workers.state.connection is Connection.WATCHING


def test_mail_comes_and_a_token_that_is_taken_back_is_renewed(desk: Desk) -> None:
    with desk.workers() as workers:
        until(lambda: watching(workers) and desk.messages() == 3)
        desk.service.revoke_access_tokens()
        desk.mailbox.inbox.deliver(plain_message(9))
        desk.mailbox.hang_up()
        workers.sync_now()
        until(lambda: desk.messages() == 4)
    assert not [event for event in desk.events if isinstance(event, Problem) and event.sign_in_again]


def test_a_permission_that_is_gone_costs_nothing_but_a_sign_in(desk: Desk) -> None:
    with desk.workers() as workers:
        until(lambda: watching(workers) and desk.messages() == 3)
        desk.service.revoke()
        desk.service.revoke_access_tokens()
        desk.mailbox.hang_up()
        workers.sync_now()
        until(lambda: workers.state.connection is Connection.NEEDS_USER)
        problem = workers.state.problem
        assert problem is not None
        assert problem.sign_in_again
        assert "again" in problem.sentence
        assert desk.store.accounts.list() == [desk.account]
        assert desk.messages() == 3
        desk.permit()
        workers.sync_now()
        until(lambda: watching(workers))
    assert desk.messages() == 3


@pytest.mark.parametrize("reply", [fake.CUT, fake.BROKEN, fake.HTML], ids=["cut", "503", "HTML"])
def test_a_provider_in_trouble_is_waited_for(desk: Desk, reply: fake.Reply) -> None:
    desk.service.always[REFRESH] = reply
    with desk.workers() as workers:
        until(lambda: workers.state.connection is Connection.WAITING)
        problem = workers.state.problem
        assert problem is not None
        assert not problem.sign_in_again
        desk.service.always.clear()
        workers.sync_now()
        until(lambda: watching(workers) and desk.messages() == 3)


# -- secrets ---------------------------------------------------------------------------------------


def sign_ins(desk: Desk) -> Iterator[Callable[[], object]]:
    """Every way in, right and with every fault at every step."""
    faults = [fake.HTML, fake.EMPTY, fake.CUT, fake.BROKEN]
    faults += [error(code) for code in ("invalid_grant", "invalid_client", "access_denied", "odd")]

    def attempt(by_browser: bool) -> Permission:
        with contextlib.closing(Wake()) as stop:
            sign_in = OAuthSignIn(
                desk.account.sign_in,
                desk.account.address,
                trust=desk.trust,
                stop=stop,
                client_secret="client-secret-of-ann",
                patience=10,
            )
            return (
                sign_in.by_browser(desk.service.browse) if by_browser else sign_in.by_device(lambda _: None)
            )

    def failing(step: str, reply: fake.Reply, by_browser: bool) -> Callable[[], object]:
        def run() -> object:
            desk.service.instead[step].append(reply)
            try:
                return attempt(by_browser)
            finally:
                desk.service.instead.clear()

        return run

    def open_mailbox() -> None:
        desk.backend().open().close()

    def refresh_after(*replies: fake.Reply) -> Callable[[], object]:
        def run() -> None:
            desk.service.revoke_access_tokens()
            desk.service.instead[REFRESH].extend(replies)
            try:
                open_mailbox()
            finally:
                desk.service.instead.clear()

        return run

    def keep() -> None:
        desk.secrets.keep(desk.account, attempt(by_browser=True), remember=True)

    yield keep
    yield open_mailbox
    yield refresh_after()
    yield lambda: attempt(by_browser=False)
    for reply in faults:
        for step, by_browser in ((METADATA, True), (CODE, True), (DEVICE, False), (DEVICE_TOKEN, False)):
            yield failing(step, reply, by_browser)
        yield refresh_after(reply)
        yield keep
    desk.service.revoke()
    yield refresh_after()


def told(fault: QtmailError) -> str:
    """All there is to read of a fault, up to its trace."""
    texts = [str(fault), fault.sentence, fault.advice, fault.detail, repr(fault)]
    return "\n".join([*texts, *traceback.format_exception(fault)])


def test_no_secret_is_ever_seen(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faults: list[QtmailError] = []
    for step in sign_ins(desk):
        try:
            step()
        except QtmailError as fault:
            faults.append(fault)
    assert len(faults) > 30
    assert any(isinstance(fault, SignInExpired) for fault in faults)
    profile = b"".join(
        path.read_bytes() for path in desk.store.directory.rglob("*") if path.is_file()
    ).decode("latin-1")
    seen = {
        "log": caplog.text,
        "records": "".join(repr(vars(record)) for record in caplog.records),
        "protocol log": "\n".join(line.text for line in desk.log.lines()),
        "faults": "\n".join(map(told, faults)),
        "profile": profile,
        "reprs": repr((desk.secrets, vars(desk.secrets), desk.account)),
    }
    assert "AUTHENTICATE" in seen["protocol log"]
    hidden = {*desk.service.secrets, "client-secret-of-ann"}
    hidden |= {b64encode(secret.encode()).decode().rstrip("=")[4:-4] for secret in hidden}
    hidden |= {b64encode(f"user=ann\1auth=Bearer {secret}\1\1".encode()).decode() for secret in hidden}
    for where, text in seen.items():
        assert not [secret for secret in hidden if secret in text], where
