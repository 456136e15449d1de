from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import SyncReport
from qtmail.domain.folder import Folder
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.reporting import Event
from qtmail.engine.stopping import StopToken
from qtmail.store.store import Store
from tests.fakes.memory_imap import MemoryServer, MemorySession


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "profile")
    yield store
    store.close()


@pytest.fixture
def account(store: Store) -> Account:
    settings = ServerSettings("imap.example.org", 993, Security.TLS, "ann")
    account = Account(0, "Ann", "ann@example.org", "Ann", settings, sync=SyncPolicy(bodies=BodyPolicy.NONE))
    with store.user_transaction() as tx:
        return store.accounts.add(tx, account)


@dataclass
class Bench:
    """An account, its cache and the server in memory that it is synced with."""

    store: Store
    account: Account
    server: MemoryServer = field(default_factory=MemoryServer)
    events: list[Event] = field(default_factory=list)
    stop: StopToken = field(default_factory=StopToken)

    def sync(self, session: MemorySession | None = None, bodies: BodyPolicy | None = None) -> SyncReport:
        sync = AccountSync(self.store, self.account, self.events.append, self.stop)
        return sync.run(session or self.server.session(), bodies=bodies)  # type: ignore[arg-type]

    def folder(self, path: str = "INBOX") -> Folder:
        folder = self.store.folders.find(self.account.id, path)
        assert folder is not None
        return folder

    def cached(self, path: str = "INBOX") -> dict[int, int]:
        """UID → flags of what the cache holds."""
        flags = self.store.messages.flags(self.folder(path).id, 0, 2**32 - 1)
        return {uid: int(value) for uid, (value, _) in flags.items()}

    def on_server(self, name: bytes = b"INBOX") -> dict[int, int]:
        return {uid: int(message.flags) for uid, message in self.server.folders[name].messages.items()}


@pytest.fixture
def bench(store: Store, account: Account) -> Bench:
    return Bench(store, account)
