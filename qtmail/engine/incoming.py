"""The way new mail comes to an account: the one place that knows which protocol its server speaks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.events import SyncReport
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.backend import Backend, Incoming, Pass, Receiver
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.imap_receiver import ImapReceiver
from qtmail.engine.reporting import Listener
from qtmail.engine.secrets import Secrets
from qtmail.engine.stopping import StopToken
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store


def incoming(
    account: Account, store: Store, *, secrets: Secrets, trust: TlsTrust, protocol_log: ProtocolLog
) -> Incoming | None:
    """The way to the server that an account's mail comes from; None where there is none."""
    if account.imap is not None:
        return ImapIncoming(
            store, ImapBackend(account, secrets=secrets, trust=trust, protocol_log=protocol_log)
        )
    if account.pop3 is not None:
        # Few have such an account, and its protocol takes 15 ms to import: not at every start.
        from qtmail.engine.pop3_backend import Pop3Backend  # noqa: PLC0415 - see above
        from qtmail.engine.pop3_incoming import Pop3Incoming  # noqa: PLC0415 - see above

        return Pop3Incoming(
            store, Pop3Backend(account, secrets=secrets, trust=trust, protocol_log=protocol_log)
        )
    return None


class ImapIncoming:
    """Mail stays on the server, and is kept in step here; see engine.backend.Incoming."""

    def __init__(self, store: Store, backend: Backend[ImapSession]) -> None:
        self._store = store
        self._backend = backend

    def one_pass(self, listener: Listener, stop: StopToken) -> Pass:
        return _ImapPass(self._backend, AccountSync(self._store, self._backend.account, listener, stop))

    def receiver(
        self, monitor: AccountMonitor, listener: Listener, stop: StopToken, *, alone: Callable[[], bool]
    ) -> Receiver:
        return ImapReceiver(
            self._store, self._backend, monitor=monitor, listener=listener, stop=stop, alone=alone
        )


class _ImapPass:
    def __init__(self, backend: Backend[ImapSession], sync: AccountSync) -> None:
        self._backend = backend
        self._sync = sync

    def run(self, *, only: str | None = None, bodies: BodyPolicy | None = None) -> SyncReport:
        with closing(self._backend.open()) as session:
            report = self._sync.run(session, only=only, bodies=bodies)
            session.logout()
        return report
