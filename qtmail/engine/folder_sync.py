"""Brings the cache of one folder in step with the server, carrying out what `sync_plan` decides.

Everything is written in short transactions, newest messages first, so that the folder can be read while the
work goes on; whatever ends the work early (stop, lost line, refused command) leaves a state from which the
next run resumes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, FolderStatus, SyncState, shown_path
from qtmail.domain.message import FlagChange, RemoteMessage
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.journal import Journal, Told
from qtmail.engine.reporting import Listener, ProgressMeter, SyncTally
from qtmail.engine.stopping import StopToken, heavy_lane
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
from qtmail.errors import Layer, ServerRefused
from qtmail.log import logger
from qtmail.mime.summary import summarise_header
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_values import Selected
from qtmail.protocols.uid_set import LAST_UID, UidSet, format_uid_set
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store

log = logger("sync")

FLAG_STEP = 2000
"""Messages whose flags are stored in one transaction: some 30 ms, while other writers wait."""


class FolderSync:
    """One run over one folder with one session; use a new object for each run."""

    def __init__(
        self,
        store: Store,
        session: ImapSession,
        journal: Journal,
        account: Account,
        folder: Folder,
        *,
        listener: Listener,
        tally: SyncTally,
        stop: StopToken,
    ) -> None:
        self._store = store
        self._session = session
        self._journal = journal
        self._account = account
        self._folder = folder
        self._listener = listener
        self._tally = tally
        self._stop = stop
        self._uid_validity = 0  # until the folder is selected
        self._refusal: ServerRefused | None = None

    def run(self, status: FolderStatus | None = None) -> None:
        """Bring the folder in step.

        Args:
            status: its STATUS from the folder list; where it shows that nothing changed, the folder is not
            selected.

        Raises:
            ServerRefused: the folder cannot be selected, or some messages are not given (all else is in step
            then); the session can go on.
            ConnectionFailed, ProtocolViolation: the session is lost; the next run resumes.
            Stopped: the work was asked to stop.
        """
        state = self._store.folders.sync_state(self._folder.id)
        if not worth_selecting(status, state):
            return
        self._tally.folders_selected += 1
        with self._journal.walking(self._folder.wire_name):
            self._walk(state)
        if self._refusal is not None:
            raise self._refusal

    def _walk(self, state: SyncState) -> None:
        selected = self._session.select(self._folder.wire_name, state)
        if not selected.uid_validity:
            raise _unnumbered(self._folder)
        remote = _remote_state(selected)
        self._uid_validity = remote.uid_validity
        plan = plan_sync(remote, state)
        if plan.reset:
            self._forget_all()
        self._carry_out(plan, selected, remote)
        if self._refusal is None and not self._adds_up(remote):
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
        # What another process stores between the two answers must not look as if it were gone.
        cached = self._store.messages.uids(self._folder.id)
        on_server = self._session.search_all_uids() if remote.exists else array("I")
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
        self._session.select(self._folder.wire_name)
        second = compare_uids(self._session.search_all_uids(), cached)
        return Difference(second.missing, array("I", sorted(set(gone) & set(second.gone))))

    def _fetch_new(self, new_from: int | None, remote: RemoteState) -> None:
        if new_from is None or not remote.exists:
            return
        new: Sequence[int]
        if remote.uid_next is not None and remote.uid_next - new_from <= WINDOW:
            new = range(new_from, remote.uid_next)
        else:
            new = [uid for uid in self._session.search_all_uids() if uid >= new_from]
        # A sync that was cut short has stored some already, and the user may have changed their flags since.
        cached = self._store.messages.flags(self._folder.id, new_from, LAST_UID)
        self._fetch_headers([uid for uid in new if uid not in cached])

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

    def _fetch_headers(self, uids: Sequence[int]) -> None:
        if not uids:
            return
        meter = ProgressMeter(self._listener, self._account.id, "headers", self._folder.path, len(uids))
        try:
            self._fetch_windows(uids, list(newest_first(uids)), meter)
        except ServerRefused as refusal:
            self._refusal = refusal  # told at the end: flags and other news do not wait for it
        finally:
            meter.finish()

    def _fetch_windows(
        self, uids: Sequence[int], windows: Sequence[Sequence[int]], meter: ProgressMeter
    ) -> None:
        """Fetch and store the headers of these UIDs, given in windows.

        A server may refuse a whole window because of one message that it cannot read itself. What is missing
        then is asked for again in smaller windows, until only that message is left out; but once several
        windows are refused and nothing comes at all, the server is taken at its word.
        """
        missing = set(uids)
        try:
            for batch in self._session.fetch_headers(map(format_uid_set, windows)):
                self._stop.check()
                come = {message.uid: message for message in batch if message.uid in missing}
                self._add(list(come.values()))
                missing.difference_update(come)
                meter.advance(len(come))
        except ServerRefused:
            if len(windows) == len(uids) or (len(windows) > 1 and len(missing) == len(uids)):
                raise
            rest = sorted(missing)
            self._fetch_windows(rest, list(newest_first(rest, max(1, len(rest) // 10))), meter)

    def _add(self, batch: Sequence[RemoteMessage]) -> None:
        with heavy_lane(self._stop):
            summaries = [summarise_header(remote.header) for remote in batch]
        with self._store.cache_transaction() as tx:
            messages = list(map(NewMessage, self._with_the_users_changes(batch), summaries))
            self._tally.messages_added += len(self._store.messages.add(tx, self._folder.id, messages))

    def _apply_flags(self, changes: Sequence[FlagChange]) -> None:
        for start in range(0, len(changes), FLAG_STEP):
            self._stop.check()
            step = changes[start : start + FLAG_STEP]
            with self._store.cache_transaction() as tx:
                self._tally.flags_changed += self._store.messages.apply_flags(
                    tx, self._folder.id, self._with_the_users_changes(step)
                )

    def _with_the_users_changes(self, told: Sequence[Told]) -> list[Told]:
        return self._journal.on_top(self._folder.wire_name, self._uid_validity, told)

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


def _unnumbered(folder: Folder) -> ServerRefused:
    return ServerRefused(
        f"The server does not say how it numbers the messages of the folder {shown_path(folder.path)}, "
        "so they cannot be kept in step.",
        advice="What is here stays as it is.",
        detail="SELECT was answered without a usable UIDVALIDITY",
        layer=Layer.FOLDER,
    )
