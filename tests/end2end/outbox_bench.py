"""The real outbox, session and store against an ESMTP server that fails where it is told."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.queueing import queue
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import secrets_of
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.smtp import SendTimeouts
from qtmail.store.store import Store
from tests.fakes.smtp_server import Accepted, SmtpServer

START = 1_795_255_200
"""Seconds since the epoch at which the clock of a bench stands first."""
AN_HOUR_AND_A_HALF = 5400
"""Seconds; longer than any pause between two attempts."""
USER, PASSWORD = "ann", "secret"
FINE, LATER, REFUSED = "bob@example.org", "later@example.org", "no@example.org"
MESSAGE = (
    b"From: ann@example.org\r\nTo: bob@example.org\r\nSubject: three\r\n\r\n"
    b".a line that begins with a dot\r\n..\r\n.\r\nthe end\r\n"
)
UNSETTLED = (OutboxState.HELD, OutboxState.QUEUED, OutboxState.SENDING)


def offering(*names: str) -> tuple[str, ...]:
    """EHLO lines of a server with these abilities, short so that there are few bytes to cut after."""
    return ("SIZE 1000000", *names)


@dataclass
class OutboxBench:
    """An account that only sends, and the server it hands its mail in to.

    Attributes:
        server: may be replaced by another one at any time.
        password: what the user has entered for this session; "": nothing.
        now: what the clock says, in seconds since the epoch.
        timeout: seconds the server may be silent.
    """

    store: Store
    server: SmtpServer
    security: Security = Security.NONE
    trust: TlsTrust = field(default_factory=TlsTrust)
    credentials: Credentials = field(default_factory=Credentials)
    password: str = PASSWORD
    host: str = "127.0.0.1"
    now: float = START
    timeout: float = 5.0
    events: list[Event] = field(default_factory=list)
    errors: list[QtmailError] = field(default_factory=list)
    stop: StopToken = field(default_factory=StopToken)
    _stored: Account = field(init=False)

    def __post_init__(self) -> None:
        with self.store.user_transaction() as tx:
            account = Account(0, "Ann", "ann@example.org", "Ann", None, self._settings())
            self._stored = self.store.accounts.add(tx, account)

    @classmethod
    @contextlib.contextmanager
    def opened(cls, directory: Path, server: SmtpServer) -> Iterator[OutboxBench]:
        with Store.open(directory) as store:
            yield cls(store, server)

    @property
    def account(self) -> Account:
        """The account with the server as it is now."""
        return replace(self._stored, smtp=self._settings())

    def _settings(self) -> ServerSettings:
        return ServerSettings(self.host, self.server.port, self.security, USER)

    def clock(self) -> float:
        return self.now

    # -- sending

    def sender(self) -> OutboxSender:
        """A new sender, as after a restart."""
        account = self.account
        if self.password:
            self.credentials.session(account, self.password, "smtp")
        backend = SmtpBackend(
            account,
            secrets=secrets_of(self.store, self.credentials),
            trust=replace(self.trust, clear_allowed=self.store.accounts.clear_allowed),
            protocol_log=ProtocolLog(),
            timeout=self.timeout,
            timeouts=SendTimeouts(*[self.timeout] * 4),
        )
        return OutboxSender(self.store, account, backend, self.events.append, self.stop, clock=self.clock)

    def queue(
        self, recipients: Sequence[str] = (FINE,), raw: bytes = MESSAGE, **changes: object
    ) -> OutboxItem:
        """Put a message into the outbox, in pieces that end anywhere."""
        new = NewOutboxItem(
            self.account.id,
            0,
            "three@example.org",
            "three",
            "ann@example.org",
            tuple(recipients),
            not_before=int(self.now),
        )
        pieces = [raw[start : start + 100_000] for start in range(0, len(raw), 100_000)]
        return queue(
            self.store,
            replace(new, **changes),  # type: ignore[arg-type]
            pieces,
            stop=self.stop,
            clock=self.clock,
        )

    def attempt(self) -> QtmailError | None:
        """What a start of the program does with the outbox; the fault it ends with, always one of ours."""
        sender = self.sender()
        sender.recover()
        try:
            sender.send_due()
        except QtmailError as error:
            assert error.sentence
            self.errors.append(error)
            return error
        return None

    def settle(self, item: OutboxItem, *, attempts: int = 10) -> OutboxItem:
        """Start the program again and again, hours apart, until nothing more happens to the item."""
        for _ in range(attempts):
            self.attempt()
            if self.item(item).state not in UNSETTLED:
                return self.item(item)
            self.now += AN_HOUR_AND_A_HALF
        raise AssertionError(f"still {self.item(item)} after {attempts} attempts")

    def resolve(self, item: OutboxItem) -> OutboxItem:
        """Say of an uncertain item what the user found out: whether the waiting recipients got it."""
        got = delivered(self.server.accepted)
        unknown = [one.address for one in item.recipients if one.state.value == "uncertain"]
        control = OutboxControl(self.store, self.clock)
        return control.resolve(item.id, delivered=all(got[address] for address in unknown))

    # -- what is there

    def item(self, item: OutboxItem) -> OutboxItem:
        """The item as it is now."""
        now = self.store.outbox.get(item.id)
        assert now is not None, "an item was lost"
        return now

    def states(self, item: OutboxItem) -> dict[str, str]:
        """Where each recipient stands."""
        return {one.address: one.state.value for one in self.item(item).recipients}


def delivered(messages: Sequence[Accepted]) -> Counter[str]:
    """How often each recipient was delivered to."""
    return Counter(address for message in messages for address in message.recipients)
