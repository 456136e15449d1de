"""A profile with one POP3 account, fetched over real lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Pop3Policy, ServerSettings
from qtmail.domain.events import SyncReport
from qtmail.engine.pop3_backend import Pop3Backend
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import secrets_of
from qtmail.engine.stopping import StopToken
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store


def add_account(store: Store, server: ServerSettings, policy: Pop3Policy | None = None) -> Account:
    account = Account(
        0, "Ann", "ann@example.net", "Ann", None, pop3=server, pop3_policy=policy or Pop3Policy()
    )
    with store.user_transaction() as tx:
        return store.accounts.add(tx, account)


def backend(store: Store, account: Account, password: str, ca_file: Path | None = None) -> Pop3Backend:
    credentials = Credentials()
    credentials.session(account, password, "pop3")
    return Pop3Backend(
        account,
        secrets=secrets_of(store, credentials),
        trust=TlsTrust(cafile=str(ca_file) if ca_file else None),
        protocol_log=ProtocolLog(),
    )


@dataclass
class Pop3Desk:
    """Looks for mail as the program does, each time as a process that has just started."""

    store: Store
    account: Account
    password: str
    ca_file: Path | None = None
    events: list[Event] = field(default_factory=list)
    clock: Callable[[], float] = lambda: 1_790_000_000.0

    def check(self, account: Account | None = None) -> SyncReport:
        account = account or self.account
        way = backend(self.store, account, self.password, self.ca_file)
        sync = Pop3Sync(self.store, account, self.events.append, StopToken(), clock=self.clock)
        return sync.run(way.open)

    def messages(self) -> list[LocalMessage]:
        return self.store.local_messages.list(self.account.id)

    def local(self, raw: bytes) -> int:
        """The UID of the message here that has these bytes."""
        return next(one.uid for one in self.messages() if self.store.blobs.content(one.blob_id) == raw)

    def contents(self) -> list[bytes]:
        """What is here, byte for byte, sorted."""
        return sorted(self.store.blobs.content(message.blob_id) for message in self.messages())
