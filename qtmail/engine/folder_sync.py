"""Brings the cache of one folder in step with the server, carrying out what `sync_plan` decides.

Everything is written in short transactions, newest messages first, so that the folder can be read while the
work goes on; whatever ends the work early (stop, lost line, refused command) leaves a state from which the
next run resumes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, FolderStatus, SyncState
from qtmail.domain.message import FlagChange, RemoteMessage
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.reporting import Listener, ProgressMeter, SyncTally
from qtmail.engine.stopping import HEAVY_LANE, StopToken
from qtmail.engine.sync_plan import (
    PLAIN_FLAG_WINDOW,
    WINDOW,
    Difference,
    Method,
    Plan,
    RemoteState,
    believable,
    compare_uids,
    newest_first,
    plan_sync,
    worth_selecting,
)
from qtmail.log import logger
from qtmail.mime.headers import attachment_hint, envelope_from_header
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_values import Selected
from qtmail.protocols.uid_set import UidSet, format_uid_set
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store

log = logger("sync")


class FolderSync:
    """One run over one folder with one session; use a new object for each run."""

    def __init__(
        self,
        store: Store,
        session: ImapSession,
        account: Account,
        folder: Folder,
        *,
        listener: Listener,
        tally: SyncTally,
        stop: StopToken,
    ) -> None:
        self._store = store
        self._session = session
        self._account = account
        self._folder = folder
        self._listener = listener
        self._tally = tally
        self._stop = stop

    def run(self, status: FolderStatus | None = None) -> None:
        """Bring the folder in step.

        Args:
            status: its STATUS from the folder list; where it shows that nothing changed, the folder is not
            selected.

        Raises:
            ServerRefused: the folder cannot be selected; the session can go on.
            ConnectionFailed, ProtocolViolation: the session is lost; the next run resumes.
            Stopped: the work was asked to stop.
        """
        self._tally.folders += 1
        state = self._store.folders.sync_state(self._folder.id)
        if not worth_selecting(status, state):
            return
        self._tally.folders_selected += 1
        selected = self._session.select(self._folder.wire_name, state)
        remote = _remote_state(selected)
        plan = plan_sync(remote, state)
        if plan.reset:
            self._forget_all()
        self._carry_out(plan, selected, remote)
        if not self._adds_up(remote):
            log.info("%s: counts differ after %s; comparing UIDs", self._folder.path, plan.method.name)
            self._compare_all(remote)
        self._save_state(remote, complete=self._adds_up(remote))

    def _carry_out(self, plan: Plan, selected: Selected, remote: RemoteState) -> None:
        match plan.method:
            case Method.NOTHING:
                pass
            case Method.QRESYNC:
                self._drop_vanished(selected.vanished, remote)
                self._apply_flags(selected.changed)
                self._fetch_new(plan.new_from, remote)
            case Method.CONDSTORE:
                self._apply_flags(self._session.fetch_flags("1:*", changed_since=plan.flags_since))
                self._fetch_new(plan.new_from, remote)
            case Method.COMPARE:
                self._compare_all(remote)
                self._compare_recent_flags()
            case Method.FIRST:
                self._first_walk(plan, remote)

    # -- the ways to learn what changed
    # ------------------------------------------------------------------------

    def _first_walk(self, plan: Plan, remote: RemoteState) -> None:
        """Fetch every header that is missing, and what else changed since an interrupted walk began."""
        begun = self._store.folders.sync_state(self._folder.id)
        if begun.uid_validity is None:
            # Remember the change mark of the beginning: what changes during a walk of minutes must not be
            # missed.
            self._save_state(remote, complete=False)
        self._compare_all(remote)
        if plan.flags_since is not None:
            self._apply_flags(self._session.fetch_flags("1:*", changed_since=plan.flags_since))
        elif begun.uid_validity is not None:
            self._compare_recent_flags()

    def _compare_all(self, remote: RemoteState) -> None:
        on_server = self._session.search_all_uids() if remote.exists else array("I")
        cached = self._store.messages.uids(self._folder.id)
        difference = compare_uids(on_server, cached)
        if not believable(len(difference.gone), len(cached), len(on_server)):
            difference = self._ask_again(difference.gone, cached)
        self._remove(difference.gone)
        self._fetch_headers(difference.missing)

    def _ask_again(self, gone: Sequence[int], cached: Sequence[int]) -> Difference:
        """Drop only what two answers, the second after a fresh SELECT, agree on."""
        log.warning(
            "%s: %d of %d messages seem gone; asking again", self._folder.path, len(gone), len(cached)
        )
        self._session.select(self._folder.wire_name, None)
        second = compare_uids(self._session.search_all_uids(), cached)
        return Difference(second.missing, array("I", sorted(set(gone) & set(second.gone))))

    def _fetch_new(self, new_from: int | None, remote: RemoteState) -> None:
        if new_from is None or not remote.exists:
            return
        if remote.uid_next is not None and remote.uid_next - new_from <= WINDOW:
            self._fetch_headers(range(new_from, remote.uid_next))
            return
        cached = set(self._store.messages.uids(self._folder.id))
        self._fetch_headers(
            [uid for uid in self._session.search_all_uids() if uid >= new_from and uid not in cached]
        )

    def _compare_recent_flags(self) -> None:
        """Without CONDSTORE: compare the flags of the newest messages, and of all when the folder is
        small.
        """
        cached = self._store.messages.uids(self._folder.id)
        if not cached:
            return
        low = cached[-PLAIN_FLAG_WINDOW] if len(cached) > PLAIN_FLAG_WINDOW else cached[0]
        self._apply_flags(self._session.fetch_flags(f"{low}:{cached[-1]}"))

    def _adds_up(self, remote: RemoteState) -> bool:
        """Whether the cache now holds as many messages as the server says.

        Every shortcut, and every single answer, is trusted only as far as this holds. A folder where it does
        not, even after a full comparison (mail was expunged meanwhile, or the server lies), stays incomplete:
        the next run compares again instead of believing that nothing changed.
        """
        cached = self._store.folders.get(self._folder.id)
        return cached is not None and cached.message_count == remote.exists

    # -- writing
    # ------------------------------------------------------------------------------------------------

    def _fetch_headers(self, uids: Sequence[int]) -> None:
        if not uids:
            return
        meter = ProgressMeter(self._listener, self._account.id, "headers", self._folder.path, len(uids))
        try:
            windows = (format_uid_set(window) for window in newest_first(uids))
            for batch in self._session.fetch_headers(windows):
                self._stop.check()
                self._add(batch)
                meter.advance(len(batch))
        finally:
            meter.finish()

    def _add(self, batch: Sequence[RemoteMessage]) -> None:
        with HEAVY_LANE:
            messages = [_new_message(remote) for remote in batch]
        with self._store.cache_transaction() as tx:
            self._tally.messages_added += len(self._store.messages.add(tx, self._folder.id, messages))

    def _apply_flags(self, changes: Sequence[FlagChange]) -> None:
        if not changes:
            return
        guarded = self._store.operations.pending_uids(self._account.id, self._folder.wire_name)
        with self._store.cache_transaction() as tx:
            self._tally.flags_changed += self._store.messages.apply_flags(
                tx, self._folder.id, changes, guarded=guarded
            )

    def _drop_vanished(self, vanished: UidSet, remote: RemoteState) -> None:
        if not vanished:
            return
        cached = self._store.messages.uids(self._folder.id)
        gone = vanished.among(cached)
        if believable(len(gone), len(cached), remote.exists):
            self._remove(gone)
        else:
            self._compare_all(remote)

    def _remove(self, uids: Iterable[int]) -> None:
        uids = list(uids)
        if not uids:
            return
        with self._store.cache_transaction() as tx:
            self._tally.messages_removed += self._store.messages.remove(tx, self._folder.id, uids)

    def _forget_all(self) -> None:
        log.warning("%s: UIDVALIDITY changed; fetching the folder anew", self._folder.path)
        empty_folder(self._store, self._folder.id)
        with self._store.cache_transaction() as tx:
            self._store.folders.save_sync_state(tx, self._folder.id, SyncState())

    def _save_state(self, remote: RemoteState, *, complete: bool) -> None:
        state = SyncState(
            remote.uid_validity, remote.uid_next, remote.highest_modseq, remote.exists, complete
        )
        with self._store.cache_transaction() as tx:
            self._store.folders.save_sync_state(tx, self._folder.id, state)


def _remote_state(selected: Selected) -> RemoteState:
    return RemoteState(
        selected.uid_validity,
        selected.exists,
        selected.uid_next,
        selected.highest_modseq,
        selected.qresync_used,
    )


def _new_message(remote: RemoteMessage) -> NewMessage:
    return NewMessage(remote, envelope_from_header(remote.header), attachment_hint(remote.header))
