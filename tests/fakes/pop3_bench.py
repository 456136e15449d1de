"""A POP3 account, its store, and the server in memory that its mail is fetched from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from qtmail.domain.account import Account, Pop3Keep, Pop3Policy, Security, ServerSettings
from qtmail.domain.events import SyncReport
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.engine.local_mail import LocalMail, home_of
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.reporting import Event
from qtmail.engine.stopping import StopToken
from qtmail.errors import ConnectionFailed
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store
from tests.fakes.memory_pop3 import MemoryPop3Server

NOW = 1_790_000_000
SERVER = ServerSettings("pop.example.org", 995, Security.TLS, "ann")


def pop3_account(**policy: object) -> Account:
    return Account(
        0,
        "Ann",
        "ann@example.org",
        "Ann",
        None,
        pop3=SERVER,
        pop3_policy=Pop3Policy(**policy),  # type: ignore[arg-type]
    )


@dataclass
class Pop3Bench:
    """What a test needs to say what comes, what the user does and what is where.

    Attributes:
        now: seconds since the epoch, moved by the test.
    """

    store: Store
    account: Account
    server: MemoryPop3Server = field(default_factory=MemoryPop3Server)
    events: list[Event] = field(default_factory=list)
    stop: StopToken = field(default_factory=StopToken)
    now: int = NOW
    _sync: Pop3Sync | None = None

    @classmethod
    def make(cls, store: Store, **policy: object) -> Pop3Bench:
        with store.user_transaction() as tx:
            account = store.accounts.add(tx, pop3_account(**policy))
        return cls(store, account)

    def set_policy(self, keep: Pop3Keep, **policy: int) -> None:
        """The user changes what stays on the server."""
        self.account = replace(self.account, pop3_policy=Pop3Policy(keep, **policy))  # type: ignore[arg-type]
        with self.store.user_transaction() as tx:
            self.store.accounts.update(tx, self.account)
        self.restart()

    def restart(self) -> None:
        """The program is started again."""
        self._sync = None

    def check(self) -> SyncReport:
        """Look for mail."""
        if self._sync is None:
            self._sync = Pop3Sync(
                self.store, self.account, self.events.append, self.stop, clock=lambda: self.now
            )
        return self._sync.run(self.server.session)  # type: ignore[arg-type]

    def cut(self, after: int) -> bool:
        """Look for mail over a line that breaks; returns whether it did."""
        self.server.cut_after = after
        try:
            self.check()
        except ConnectionFailed:
            return True
        finally:
            self.server.cut_after = None
        return False

    # -- what is here

    @property
    def home(self) -> Account:
        return home_of(self.store, self.account)

    @property
    def local(self) -> LocalMail:
        return LocalMail(self.store, self.home)

    def messages(self) -> list[LocalMessage]:
        """All messages here, in the order in which they came."""
        return self.store.local_messages.list(self.home.id)

    def raw(self, message: LocalMessage) -> bytes:
        return self.store.blobs.content(message.blob_id)

    def contents(self) -> list[bytes]:
        return [self.raw(message) for message in self.messages()]

    def shown(self) -> list[int]:
        """The UIDs that the inbox shows."""
        folder = next(
            folder
            for folder in self.store.folders.list(self.home.id)
            if folder.special_use is SpecialUse.INBOX
        )
        return list(self.store.messages.uids(folder.id))

    def known(self, uidl: bytes) -> Pop3Message | None:
        rows = self.store.pop3_messages.list(self.account.id)
        return next((row for row in rows if row.uidl == uidl), None)

    # -- what the user does

    def put_into_trash(self, message: LocalMessage) -> None:
        with self.store.user_transaction() as tx:
            trash = self.store.local_folders.ensure(tx, self.home.id, SpecialUse.TRASH)
            self.store.local_messages.move(tx, self.home.id, [message.uid], self.home.id, trash)

    def remove(self, message: LocalMessage) -> None:
        """Delete it for good."""
        with self.store.user_transaction() as tx:
            self.store.local_messages.remove(tx, self.home.id, [message.uid])

    def flag(self, message: LocalMessage) -> None:
        with self.store.user_transaction() as tx:
            self.store.local_messages.set_flags(tx, self.home.id, [message.uid], Flag.FLAGGED, Flag.NONE)

    def want(self, message: LocalMessage, wish: Pop3Wish) -> None:
        with self.store.user_transaction() as tx:
            self.store.pop3_messages.want(tx, [message.uid], wish)
