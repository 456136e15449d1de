"""Files the copy of what was sent in Sent: one copy, whoever puts it there, and never "filed" by hope.

    accepted ──found there: the server files by itself──────────────────> filed
       │ not found
       ├─ a server that files by itself gets a minute to do it
       └─ APPEND ──APPENDUID, or found afterwards──> filed ──a minute later: two?──> ours is expunged
            ├─ line lost: nobody knows; the next run searches before it appends again
            └─ refused: told once, tried again later

Before each APPEND it is noted in user.db that one begins. So a copy that is found without one is known to be
the server's, and the server is remembered as one that files by itself. With such a server an item that is
uncertain is resolved by its copy (uncertain_items).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from qtmail.domain.account import Account
from qtmail.domain.events import Problem
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import OutboxItem
from qtmail.engine.filing_notes import FilingNotes
from qtmail.engine.reporting import Listener, problem_of
from qtmail.engine.retry import Backoff
from qtmail.engine.sent_folder import SentFolder, find_copies
from qtmail.engine.uncertain_items import UncertainItems
from qtmail.errors import QtmailError, Retry, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_values import AppendedUid
from qtmail.store.filings import FiledCopy
from qtmail.store.store import Store

log = logger("filing")

SERVER_SECONDS = 60
"""How long a server that files by itself may take, and how long after our own copy a second one is looked
for.
"""
LOOK_SECONDS = 10
"""How often such a server is looked after meanwhile."""
UPLOAD_SECONDS = 30
"""How long another process that appends the same item is left alone. A longer upload ends in two copies at
worst, of which one is removed at the last look.
"""
HOPELESS_SECONDS = 3600
"""How long to wait after a refusal that will most likely be repeated."""


class Filing:
    """Files what one account sent, over whichever of its sessions asks, one at a time."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        *,
        alone: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            alone: whether no other process can be filing, as while this one holds the outbox's lock: an
                attempt that a dead one began is then taken up at once.
            clock: seconds since the epoch.

        Raises ValueError for an account without an IMAP server.
        """
        if account.imap is None:
            raise ValueError(f"account {account.id} has no IMAP server")
        self._store = store
        self._account = account
        self._listener = listener
        self._alone = alone
        self._clock = clock
        self._turn = threading.Lock()
        self._begun: set[int] = set()  # items of which an APPEND of ours began and the end is not known
        self._told: set[int] = set()
        self._backoffs: dict[int, Backoff] = {}
        self._notes = FilingNotes(store, account)
        self._sent = SentFolder(store, account)
        self._uncertain = UncertainItems(store, account, self._sent, clock)

    def run(self, session: ImapSession) -> int:
        """File what is due; returns how many items were filed.

        Raises ConnectionFailed or ProtocolViolation when the session is lost: what was not proved stays as it
        is, and the next run looks first.
        """
        if not self._turn.acquire(blocking=False):
            return 0
        try:
            self._uncertain.run(session)
            filed = sum(
                self._file(session, item) for item in self._notes.accepted() if self._due(item) <= self._now()
            )
            self._look_again(session)
        finally:
            self._turn.release()
        return filed

    def next_time(self) -> int | None:
        """Seconds since the epoch when `run` has something to do next, which may be past; None: nothing."""
        looks = (self._uncertain.next_time(), self._store.filings.next_time(self._account.id))
        times = [int(look) for look in looks if look is not None]
        return min([*times, *map(self._due, self._notes.accepted())], default=None)

    def _due(self, item: OutboxItem) -> int:
        """When to try it; an attempt that was broken off is taken up at once."""
        at_once = item.id in self._begun or (self._alone() and self._notes.broken_off(item))
        return 0 if at_once else item.next_try

    def _now(self) -> int:
        return int(self._clock())

    # -- one item ----------------------------------------------------------------------------------

    def _file(self, session: ImapSession, item: OutboxItem) -> bool:
        """File one item; a fault that concerns this one alone is noted with it."""
        try:
            filed = self._look_and_file(session, item)
        except QtmailError as error:
            if session.closed:
                raise
            self._put_off_after(item, error)
            return False
        if filed:
            self._begun.discard(item.id)
            self._told.discard(item.id)
            self._backoffs.pop(item.id, None)
        return filed

    def _look_and_file(self, session: ImapSession, item: OutboxItem) -> bool:
        folder = self._sent.wire_name(session, item)
        copy = self._notes.copy_of(item, folder)
        found = self._sent.copies(session, folder, item)
        if found:
            self._found(session, item, copy, found)
            return True
        if copy.check_at is not None:
            self._believe(item)
            return True
        sent_at = item.sent_at if item.sent_at is not None else item.queued_at
        if self._notes.server_files and self._now() < sent_at + SERVER_SECONDS:
            self._notes.put_off(item, self._now() + LOOK_SECONDS)
            return False
        return self._append(session, item, copy)

    def _found(self, session: ImapSession, item: OutboxItem, copy: FiledCopy, found: Sequence[int]) -> None:
        """A copy is there: the server's own, or ours of which the answer was lost."""
        if not copy.appends:
            self._notes.filed(item, None)
            self._notes.learn_server_files()
            return
        validity = session.ensure_selected(copy.folder).uid_validity
        self._prove(item, copy, AppendedUid(validity, found[0]))

    def _append(self, session: ImapSession, item: OutboxItem, copy: FiledCopy) -> bool:
        size = self._store.blobs.size(item.blob_id)  # before the line is in the middle of a literal
        begun = self._notes.begin(item, copy, self._now() + UPLOAD_SECONDS)
        if begun is None:
            return False
        self._begun.add(item.id)
        pieces = self._store.blobs.pieces(item.blob_id)
        try:
            where = session.append(copy.folder, pieces, size, Flag.SEEN, item.sent_at)
        except ServerRefused:
            self._notes.refused(begun)
            raise
        if where is None:
            begun = self._notes.taken_unseen(item, begun, self._now() + SERVER_SECONDS)
            where = self._find(session, item, copy.folder)
        if where is None:
            self._begun.discard(item.id)
            return False
        self._prove(item, begun, where)
        return True

    def _find(self, session: ImapSession, item: OutboxItem, folder: bytes) -> AppendedUid | None:
        """Where the copy went that a server without UIDPLUS has just taken."""
        found = self._sent.copies(session, folder, item)
        validity = session.ensure_selected(folder).uid_validity
        return AppendedUid(validity, found[-1]) if found else None

    def _prove(self, item: OutboxItem, copy: FiledCopy, where: AppendedUid) -> None:
        """Our copy is there; later it is looked whether the server has put one of its own beside it."""
        ours = replace(
            copy, uid_validity=where.uid_validity, uid=where.uid, check_at=self._now() + SERVER_SECONDS
        )
        self._notes.filed(item, ours)

    def _believe(self, item: OutboxItem) -> None:
        """Never append twice what a server has said to have taken, even if its search does not find it."""
        self._notes.filed(item, None)
        sentence = f"The server took your message {_name(item)} into Sent, but does not find it there."
        advice = "Look whether it is there. The message itself was sent."
        self._listener(Problem(self._account.id, sentence, advice, retry=Retry.NEVER))

    def _put_off_after(self, item: OutboxItem, error: QtmailError) -> None:
        """Note why it could not be filed and try again later; the user is told once."""
        log.warning("item %d not filed: %s (%s)", item.id, error, error.detail)
        self._begun.discard(item.id)
        self._sent.forget()
        delay = self._backoffs.setdefault(item.id, Backoff()).failed()
        if error.retry is Retry.NEVER:
            delay = max(delay, HOPELESS_SECONDS)
        words = f"It was sent, but it is not in Sent yet: {error.sentence}"
        self._notes.put_off(item, self._now() + int(delay), words, error.advice)
        if item.id not in self._told:
            self._told.add(item.id)
            sentence = f"Your message {_name(item)} was sent, but it is not in Sent yet: {error.sentence}"
            self._listener(replace(problem_of(error, self._account.id), sentence=sentence))

    # -- the last look -----------------------------------------------------------------------------

    def _look_again(self, session: ImapSession) -> None:
        """Look whether the server has put a second copy beside ours meanwhile."""
        for copy in self._store.filings.due(self._account.id, self._now()):
            try:
                self._leave_one(session, copy)
            except QtmailError as error:
                if session.closed:
                    raise
                log.warning("not looked for a second copy in %r: %s", copy.folder, error)
            with self._store.user_transaction() as tx:
                self._store.filings.drop(tx, copy.item_id)

    def _leave_one(self, session: ImapSession, copy: FiledCopy) -> None:
        found = find_copies(session, copy.folder, copy.message_id)
        if len(found) < 2 or copy.uid not in found:
            return
        if session.ensure_selected(copy.folder).uid_validity != copy.uid_validity:
            return  # renumbered: that UID is of another message now
        session.expunge(copy.folder, [copy.uid])
        if copy.appends == 1:  # else the second may be ours, too, of an attempt whose answer was lost
            self._notes.learn_server_files()


def _name(item: OutboxItem) -> str:
    return f"“{item.subject}”" if item.subject else "without a subject"
