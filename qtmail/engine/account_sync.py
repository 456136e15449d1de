"""One pass over one account: replay what the user changed, walk the folders, keep recent bodies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.events import SyncReport
from qtmail.domain.folder import Folder, FolderStatus, RemoteFolder, SpecialUse
from qtmail.engine.bodies import BodyFetcher
from qtmail.engine.folder_sync import FolderSync
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.replay_queue import ReplayQueue
from qtmail.engine.reporting import Listener, ProgressMeter, SyncTally
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store

log = logger("sync")

ORDER = (SpecialUse.INBOX, SpecialUse.DRAFTS, SpecialUse.SENT, None, SpecialUse.ARCHIVE, SpecialUse.FLAGGED)
"""Folders in the order in which people miss them; those not named (all mail, junk, trash) come last."""

RESYNCS = 3
"""How often a folder is synced again at once because the server announced changes meanwhile."""

PREFETCH_LIMIT = 2000
"""Bodies fetched ahead in one pass over a folder under the policy RECENT."""

NO_LIMIT = 2**31

KEEP_BYTES = 2 * 1024**3
"""What the bodies of older mail may take on the disk under the policy RECENT before the oldest are
dropped.
"""

DAY = 86400


class FolderLocks:
    """Keeps two threads of one account from walking the same folder at once."""

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def hold(self, folder_id: int, *, wait: bool) -> Iterator[bool]:
        """Yield whether the folder is ours; with `wait` False another thread's walk is left to finish
        alone.
        """
        with self._guard:
            lock = self._locks.setdefault(folder_id, threading.Lock())
        acquired = lock.acquire(blocking=wait)
        try:
            yield acquired
        finally:
            if acquired:
                lock.release()


class AccountSync:
    """Syncs one account over sessions that are handed in."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        stop: StopToken,
        locks: FolderLocks | None = None,
    ) -> None:
        self._store = store
        self._account = account
        self._listener = listener
        self._stop = stop
        self._locks = locks or FolderLocks()

    def run(
        self, session: ImapSession, *, only: str | None = None, bodies: BodyPolicy | None = None
    ) -> SyncReport:
        """One pass.

        Args:
            only: the path of the one folder to sync, or None for all.
            bodies: which bodies to keep; None: as the account says.

        Raises:
            ServerRefused: `only` names no folder of the account, or the folder list was refused.
            ConnectionFailed, ProtocolViolation: the session is lost; what was stored stays.
            Stopped: the work was asked to stop.
        """
        tally = SyncTally(self._account.id)
        before = session.counters
        ReplayQueue(self._store, self._account.id, self._listener).run(session)
        walk = self._folders(session, only)
        for folder, status in walk:
            self._stop.check()
            self.sync_folder(session, folder, status, tally)
        policy = bodies or self._account.sync.bodies
        if policy is not BodyPolicy.NONE:
            for folder, _ in walk:
                self._stop.check()
                self._prefetch(session, folder, policy, tally)
        if policy is BodyPolicy.RECENT:
            self._make_room()
        cost = session.counters - before
        return tally.report(cost.bytes_received, cost.bytes_sent, cost.round_trips)

    def sync_folder(
        self,
        session: ImapSession,
        folder: Folder,
        status: FolderStatus | None,
        tally: SyncTally,
        *,
        wait: bool = True,
    ) -> None:
        """Bring one folder in step; a folder the server refuses is noted and left, the others go on."""
        with self._locks.hold(folder.id, wait=wait) as ours:
            if not ours:
                return
            try:
                for _ in range(RESYNCS):
                    FolderSync(
                        self._store,
                        session,
                        self._account,
                        folder,
                        listener=self._listener,
                        tally=tally,
                        stop=self._stop,
                    ).run(status)
                    if not session.take_updates():
                        break
                    status = None
            except ServerRefused as refusal:
                log.warning("%s: %s (%s)", folder.path, refusal, refusal.detail)
                tally.problems.append(_about(folder, refusal))

    def _folders(self, session: ImapSession, only: str | None) -> list[tuple[Folder, FolderStatus | None]]:
        remote = session.list_folders()
        known = self._store.folders.list(self._account.id)
        if _loses_mail(known, remote):
            log.warning("%s: folders with mail seem gone; asking again", self._account.name)
            again = session.list_folders()
            remote = [*again, *(folder for folder in remote if folder.wire_name not in _names(again))]
        for gone in (folder for folder in known if folder.wire_name not in _names(remote)):
            empty_folder(self._store, gone.id)
        with self._store.cache_transaction() as tx:
            self._store.folders.reconcile(tx, self._account.id, remote)
        status = {folder.wire_name: folder.status for folder in remote}
        folders = [folder for folder in self._store.folders.list(self._account.id) if folder.selectable]
        if only is not None:
            folders = [folder for folder in folders if folder.path == only]
            if not folders:
                raise ServerRefused(f"“{self._account.name}” has no folder “{only}”.")
        return [(folder, status.get(folder.wire_name)) for folder in sorted(folders, key=_importance)]

    def _prefetch(self, session: ImapSession, folder: Folder, policy: BodyPolicy, tally: SyncTally) -> None:
        """Keep the bodies the policy asks for, newest first."""
        everything = policy is BodyPolicy.ALL
        since = None if everything else self._recent_since()
        wanted = self._store.bodies.missing(
            folder.id, since=since, limit=NO_LIMIT if everything else PREFETCH_LIMIT
        )
        if not wanted:
            return
        limit = (
            max((size for _, size, _ in wanted), default=0)
            if everything
            else self._account.sync.prefetch_bytes
        )
        fetcher = BodyFetcher(self._store, session, whole_up_to=limit, stop=self._stop)
        meter = ProgressMeter(self._listener, self._account.id, "messages", folder.path, len(wanted))
        try:
            selected = session.ensure_selected(folder.wire_name)
            if selected.uid_validity == self._store.folders.sync_state(folder.id).uid_validity:
                tally.bodies_fetched += fetcher.prefetch(wanted, meter.advance)
        except ServerRefused as refusal:
            tally.problems.append(_about(folder, refusal))
        finally:
            meter.finish()

    def _make_room(self) -> None:
        """Drop the contents of old mail when they have grown past the limit; they can be fetched again."""
        if self._store.bodies.total_bytes() > KEEP_BYTES:
            with self._store.cache_transaction() as tx:
                self._store.bodies.evict(tx, self._recent_since(), KEEP_BYTES)

    def _recent_since(self) -> int:
        return int(time.time()) - self._account.sync.recent_days * DAY


def _loses_mail(known: Sequence[Folder], remote: Sequence[RemoteFolder]) -> bool:
    names = _names(remote)
    return any(folder.message_count and folder.wire_name not in names for folder in known)


def _about(folder: Folder, refusal: ServerRefused) -> str:
    """The refusal in words that name the folder."""
    return str(refusal) if refusal.layer is Layer.FOLDER else f"{folder.path}: {refusal}"


def _names(folders: Sequence[RemoteFolder]) -> set[bytes]:
    return {folder.wire_name for folder in folders}


def _importance(folder: Folder) -> tuple[int, str]:
    rank = ORDER.index(folder.special_use) if folder.special_use in ORDER else len(ORDER)
    return rank, folder.path
