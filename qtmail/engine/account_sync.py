"""One pass over one account: replay what the user changed, walk the folders, keep recent bodies."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.events import Problem, SyncReport
from qtmail.domain.folder import Folder, FolderStatus, RemoteFolder, SpecialUse, shown_path
from qtmail.engine.folder_rules import FolderRules, as_chosen
from qtmail.engine.folder_sync import FolderSync
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.journal import Journal
from qtmail.engine.prefetcher import Prefetcher
from qtmail.engine.replay_queue import ReplayQueue
from qtmail.engine.reporting import Listener, SyncTally
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, Retry, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store

log = logger("sync")

ORDER = (SpecialUse.INBOX, SpecialUse.DRAFTS, SpecialUse.SENT, None, SpecialUse.ARCHIVE, SpecialUse.FLAGGED)
"""Folders in the order in which people miss them; those not named (all mail, junk, trash) come last."""

RESYNCS = 3
"""How often a folder is synced again at once because the server announced changes meanwhile."""


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
    """Syncs one account over sessions that are handed in; shared by the threads of that account."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        stop: StopToken,
    ) -> None:
        self._store = store
        self._account = account
        self._listener = listener
        self._stop = stop
        self._locks = FolderLocks()
        self._rules = FolderRules(store, account)
        self._journal = Journal(store, account.id)
        self._breaks: Counter[int] = Counter()  # by folder: passes in a row that ended in it
        self._prefetcher = Prefetcher(store, account, listener, stop)
        self._replay = ReplayQueue(store, self._journal, account.id, listener)
        self._alerts: set[str] = set()

    def run(
        self,
        session: ImapSession,
        *,
        only: str | None = None,
        bodies: BodyPolicy | None = None,
        due_only: bool = False,
    ) -> SyncReport:
        """One pass.

        Args:
            only: the path of the one folder to sync, or None for all.
            bodies: which bodies to keep; None: as the account and its folders say.
            due_only: leave folders alone that were looked at recently enough.

        Raises:
            ServerRefused: `only` names no folder of the account, or the folder list was refused.
            ConnectionFailed, ProtocolViolation: the session is lost; what was stored stays.
            Stopped: the work was asked to stop.
        """
        tally = SyncTally(self._account.id)
        before = session.counters
        self.replay(session)
        folders = self._walk(session, only, tally, due_only=due_only)
        policies = [(folder, bodies or self._rules.bodies(folder)) for folder in folders]
        for folder, policy in policies:
            while policy is not BodyPolicy.NONE and self._prefetch(session, folder, policy, tally):
                if self._rules.seconds_to_next() <= 0.0:
                    # To fetch everything may take hours, and new mail does not wait for it.
                    self._walk(session, only, tally, due_only=due_only)
        if BodyPolicy.RECENT in {policy for _, policy in policies}:
            self._prefetcher.make_room()
        cost = session.counters - before
        return tally.report(cost.bytes_received, cost.bytes_sent, cost.round_trips)

    def has_news(self, session: ImapSession) -> bool:
        """Whether the server announced changes in the open folder.

        What it wants the user to read (ALERT, RFC 9051 section 7.1) is told, each text once.
        """
        updates = session.take_updates()
        for text in updates.alerts:
            if text not in self._alerts:
                self._alerts.add(text)
                sentence = f"{self._account.server.host} says: {text}"
                self._listener(Problem(self._account.id, sentence, retry=Retry.NEVER))
        return bool(updates)

    def seconds_to_next(self) -> float:
        """How long no folder needs to be looked at."""
        return self._rules.seconds_to_next()

    def _walk(
        self, session: ImapSession, only: str | None, tally: SyncTally, *, due_only: bool
    ) -> list[Folder]:
        walk = self._folders(session, only)
        self._rules.refresh([folder for folder, _ in walk])
        if due_only:
            walk = [(folder, status) for folder, status in walk if self._rules.is_due(folder)]
        tally.folders = len(walk)
        for folder, status in walk:
            self._stop.check()
            self._breaks[folder.id] += 1  # taken back once it is through
            self.sync_folder(session, folder, status, tally)
            self._rules.walked(folder)
            del self._breaks[folder.id]
        return [folder for folder, _ in walk]

    def replay(self, session: ImapSession) -> None:
        """Send the user's pending changes to the server. Raises what `ReplayQueue.run` raises."""
        self._replay.run(session)

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
                        self._journal,
                        self._account,
                        folder,
                        listener=self._listener,
                        tally=tally,
                        stop=self._stop,
                    ).run(status)
                    if not self.has_news(session):
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
        self._stop.check()  # after long silence of the server the account may have been removed
        remote = as_chosen(remote, self._store.accounts.special_folders(self._account.id))
        for gone in (folder for folder in known if folder.wire_name not in _names(remote)):
            empty_folder(self._store, gone.id)
        with self._store.cache_transaction() as tx:
            self._store.folders.reconcile(tx, self._account.id, remote)
        status = {folder.wire_name: folder.status for folder in remote}
        folders = self._store.folders.list(self._account.id)
        if only is not None:
            folder = self._store.folders.find(self._account.id, only)
            if folder is None:
                raise ServerRefused(f"“{self._account.name}” has no folder “{only}”.")
            folders = [folder]
        folders = [folder for folder in folders if folder.selectable]
        return [(folder, status.get(folder.wire_name)) for folder in sorted(folders, key=self._turn)]

    def _turn(self, folder: Folder) -> tuple[bool, int, str]:
        """Folders by importance; one in which the line broke again and again comes last, or the others would
        never get their turn.
        """
        rank = ORDER.index(folder.special_use) if folder.special_use in ORDER else len(ORDER)
        return self._breaks[folder.id] > 1, rank, folder.path

    def _prefetch(self, session: ImapSession, folder: Folder, policy: BodyPolicy, tally: SyncTally) -> bool:
        """Fetch bodies ahead; returns whether to go on with this folder."""
        self._stop.check()
        try:
            return self._prefetcher.run(session, folder, policy, tally)
        except ServerRefused as refusal:
            tally.problems.append(_about(folder, refusal))
            return False


def _loses_mail(known: Sequence[Folder], remote: Sequence[RemoteFolder]) -> bool:
    names = _names(remote)
    return any(folder.message_count and folder.wire_name not in names for folder in known)


def _about(folder: Folder, refusal: ServerRefused) -> str:
    """The refusal in words that name the folder."""
    return str(refusal) if refusal.layer is Layer.FOLDER else f"{shown_path(folder.path)}: {refusal}"


def _names(folders: Sequence[RemoteFolder]) -> set[bytes]:
    return {folder.wire_name for folder in folders}
