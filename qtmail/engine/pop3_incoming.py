"""The way new mail comes to a POP3 account."""

from __future__ import annotations

from collections.abc import Callable

from qtmail.domain.account import BodyPolicy
from qtmail.domain.events import SyncReport
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.backend import Backend, Pass, Receiver
from qtmail.engine.pop3_receiver import Pop3Receiver
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.reporting import Listener
from qtmail.engine.stopping import StopToken
from qtmail.errors import ServerRefused
from qtmail.protocols.pop3 import Pop3Session
from qtmail.store.store import Store

INBOX = "INBOX"


class Pop3Incoming:
    """Mail is fetched, and is kept here; see engine.backend.Incoming."""

    def __init__(self, store: Store, backend: Backend[Pop3Session]) -> None:
        self._store = store
        self._backend = backend

    def one_pass(self, listener: Listener, stop: StopToken) -> Pass:
        return _Pop3Pass(self._backend, Pop3Sync(self._store, self._backend.account, listener, stop))

    def receiver(
        self, monitor: AccountMonitor, listener: Listener, stop: StopToken, *, alone: Callable[[], bool]
    ) -> Receiver:
        sync = Pop3Sync(self._store, self._backend.account, listener, stop)
        return Pop3Receiver(self._backend, sync, monitor=monitor, stop=stop)


class _Pop3Pass:
    def __init__(self, backend: Backend[Pop3Session], sync: Pop3Sync) -> None:
        self._backend = backend
        self._sync = sync

    def run(self, *, only: str | None = None, bodies: BodyPolicy | None = None) -> SyncReport:
        if only is not None and only.upper() != INBOX:
            raise ServerRefused(f"“{self._backend.account.name}” has no folder “{only}” on its server.")
        return self._sync.run(self._backend.open)
