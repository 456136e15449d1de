"""The store: everything qtmail keeps on this computer, in two databases that deserve different promises.

`user.db` holds what exists nowhere else (accounts, drafts, outgoing mail, pending operations): it is never
deleted, and a commit survives a power failure. `cache.db` holds what servers hold too: when it is damaged it
is set aside, and the next sync fills a new one.

A write happens in a transaction, which notes what it changed; when it is committed, whoever subscribed is
told once. Where both databases take part, open the transaction on `user.db` first: one order for all, so that
no two threads can wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from qtmail.domain.events import StoreChange
from qtmail.log import logger
from qtmail.store import health
from qtmail.store.accounts import Accounts
from qtmail.store.blobs import Blobs
from qtmail.store.bodies import Bodies
from qtmail.store.correspondents import Correspondents
from qtmail.store.database import Database
from qtmail.store.drafts import Drafts
from qtmail.store.facts import Facts
from qtmail.store.filings import Filings
from qtmail.store.folders import Folders
from qtmail.store.identities import Identities, Templates
from qtmail.store.local_folders import LocalFolders
from qtmail.store.local_messages import LocalMessages
from qtmail.store.local_view import LocalView
from qtmail.store.messages import Messages
from qtmail.store.opening import make_private, open_cache, open_user
from qtmail.store.operations import Operations
from qtmail.store.outbox import Outbox
from qtmail.store.pop3_messages import Pop3Messages
from qtmail.store.senders import Senders
from qtmail.store.transaction import Transaction

Listener = Callable[[StoreChange], None]

_log = logger("store")


class Store:
    """Both databases of one profile, for any number of threads and processes.

    Attributes:
        notes: sentences for the user about what `open` had to repair.
        accounts, identities, templates, facts, operations, senders, drafts, outbox, blobs, filings,
            local_folders, local_messages, pop3_messages: in user.db.
        correspondents: in both.
        folders, messages, bodies, local_view: in cache.db.
    """

    def __init__(self, user: Database, cache: Database, notes: tuple[str, ...] = ()) -> None:
        self.notes = notes
        self.accounts = Accounts(user)
        self.operations = Operations(user)
        self.senders = Senders(user)
        self.identities = Identities(user)
        self.templates = Templates(user)
        self.facts = Facts(user)
        self.drafts = Drafts(user)
        self.outbox = Outbox(user)
        self.blobs = Blobs(user)
        self.correspondents = Correspondents(user, cache)
        self.filings = Filings(user)
        self.local_folders = LocalFolders(user)
        self.local_messages = LocalMessages(user)
        self.pop3_messages = Pop3Messages(user)
        self.folders = Folders(cache)
        self.messages = Messages(cache)
        self.bodies = Bodies(cache)
        self.local_view = LocalView(cache)
        self._user = user
        self._cache = cache
        self._listeners: list[Listener] = []
        self._listeners_lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path) -> Store:
        """Open the store of the profile in `directory`, making, migrating and repairing what must be.

        Raises StoreFailed when user.db is damaged or newer than this program, or the directory is unusable.
        """
        make_private(directory)
        user = open_user(directory / "user.db")
        try:
            cache, notes = open_cache(directory / "cache.db", user)
        except BaseException:
            user.close()
            raise
        return cls(user, cache, notes)

    @property
    def directory(self) -> Path:
        """The profile's folder."""
        return self._user.path.parent

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every commit that changed something, on the committing thread.

        Returns a function that ends the subscription.
        """
        with self._listeners_lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._listeners_lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    @contextmanager
    def cache_transaction(self) -> Iterator[Transaction]:
        """A write transaction on cache.db, on this thread. Keep it under 50 ms: others wait."""
        with self._transaction(self._cache) as transaction:
            yield transaction

    @contextmanager
    def user_transaction(self) -> Iterator[Transaction]:
        """A write transaction on user.db, on this thread; committed means on the disk."""
        with self._transaction(self._user) as transaction:
            yield transaction

    def close_thread(self) -> None:
        """Close the calling thread's connections. Happens by itself when a thread ends."""
        self._user.close_thread()
        self._cache.close_thread()

    def close(self) -> None:
        """Close all connections. Threads that still use the store get StoreFailed."""
        self._user.close()
        self._cache.close()

    def check(self) -> list[str]:
        """What is wrong with the databases, in words; empty when they are sound. Reads every page: slow."""
        found = []
        for database in (self._user, self._cache):
            with database.reading() as connection:
                found += [f"{database.path.name}: {verdict}" for verdict in health.verdicts(connection)]
        return [*found, *self.folders.wrong_counts()]

    @contextmanager
    def _transaction(self, database: Database) -> Iterator[Transaction]:
        with database.writing() as connection:
            transaction = Transaction(connection)
            yield transaction
        if transaction.change is not None:
            self._publish(transaction.change)

    def _publish(self, change: StoreChange) -> None:
        with self._listeners_lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(change)
            except Exception:  # noqa: BLE001
                # The commit stands whatever a listener makes of it; who wrote must not pay for its bugs.
                _log.exception("a listener failed on %s", change)
