"""Keeps the bodies that an account's policy asks for on this computer before they are opened.

A message that cannot be had must neither stop the others nor be asked for again at each pass. One that the
server leaves out or refuses is noted as failed. One that breaks the line cannot be told from its neighbours,
which are asked for in the same breath; so after a line broke, the folder is tried one message at a time, and
the message at which it breaks again is noted. A failed message is still fetched when it is opened.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.folder import Folder
from qtmail.engine.bodies import BodyFetcher
from qtmail.engine.reporting import Listener, ProgressMeter, SyncTally
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store

log = logger("bodies")

LIMIT = 2000
"""Messages fetched ahead in one run over a folder."""
LARGE_LIMIT = 100
"""So many of them may be large ones, under the policy RECENT: the text of each costs two round trips."""
CAREFUL_LIMIT = 100
"""Messages fetched one at a time, in a folder where the line broke before."""
REFUSALS = 3
"""Single refusals believed in one pass: a server that refuses more is in trouble, and not each message."""
WHOLE_BYTES = 16 * 1024 * 1024
"""Under the policy ALL, messages up to this size are fetched whole, larger ones part by part: a message is
held in memory while it is stored.
"""
KEEP_BYTES = 2 * 1024**3
"""What the bodies of one account may take on the disk under the policy RECENT before those of older mail are
dropped, the oldest first.
"""
DROP_STEP = 200
"""Bodies dropped in one transaction, while other writers wait."""
DAY = 86400

Wanted = tuple[int, int, int]
"""UID, size in bytes, message id."""


class Prefetcher:
    """Fetches bodies ahead for one account, in one thread; lives as long as the account runs."""

    def __init__(self, store: Store, account: Account, listener: Listener, stop: StopToken) -> None:
        self._store = store
        self._account = account
        self._listener = listener
        self._stop = stop
        self._broken: set[int] = set()  # folders in which the line broke

    def run(self, session: ImapSession, folder: Folder, policy: BodyPolicy, tally: SyncTally) -> bool:
        """Fetch what the policy asks for of one folder, newest first, up to LIMIT messages.

        Returns whether another run will fetch more of what the policy ALL asks for.

        Raises ServerRefused when the server gives nothing of it, ConnectionFailed when the session is lost.
        """
        wanted = self._wanted(folder, policy)
        if not wanted:
            return False
        selected = session.ensure_selected(folder.wire_name)
        if selected.uid_validity != self._store.folders.sync_state(folder.id).uid_validity:
            return False  # renumbered since it was synced: these UIDs are of other messages now
        meter = ProgressMeter(self._listener, self._account.id, "messages", folder.path, len(wanted))
        limit = self._whole_up_to(policy)
        fetcher = BodyFetcher(self._store, session, whole_up_to=limit, stop=self._stop)
        everything = policy is BodyPolicy.ALL
        work = _Pass(self._store, session, fetcher, limit, everything, tally, meter, self._stop)
        try:
            if folder.id in self._broken:
                work.carefully(wanted)
                self._broken.discard(folder.id)
            else:
                work.quickly(wanted)
        except QtmailError:
            if session.closed:
                self._broken.add(folder.id)
            raise
        finally:
            meter.finish()
        return policy is BodyPolicy.ALL and work.came > 0

    def make_room(self) -> None:
        """Drop the contents of old mail when they have grown past the limit; they can be fetched again."""
        bodies = self._store.bodies
        if bodies.total_bytes() <= KEEP_BYTES:
            return
        old = bodies.to_evict(self._account.id, older_than=self._recent_since(), keep_bytes=KEEP_BYTES)
        for start in range(0, len(old), DROP_STEP):
            self._stop.check()
            with self._store.cache_transaction() as tx:
                bodies.drop(tx, old[start : start + DROP_STEP])

    def _wanted(self, folder: Folder, policy: BodyPolicy) -> list[Wanted]:
        if policy is BodyPolicy.ALL:
            return self._store.bodies.missing(folder.id, since=None, limit=LIMIT)
        wanted = self._store.bodies.missing(folder.id, since=self._recent_since(), limit=LIMIT)
        large = [item for item in wanted if item[1] > self._account.sync.prefetch_bytes]
        put_off = set(large[LARGE_LIMIT:])
        return [item for item in wanted if item not in put_off]

    def _whole_up_to(self, policy: BodyPolicy) -> int:
        usual = self._account.sync.prefetch_bytes
        return max(usual, WHOLE_BYTES) if policy is BodyPolicy.ALL else usual

    def _recent_since(self) -> int:
        return int(time.time()) - self._account.sync.recent_days * DAY


@dataclass
class _Pass:
    """One pass over the folder that is open."""

    store: Store
    session: ImapSession
    fetcher: BodyFetcher
    whole_up_to: int
    everything: bool
    tally: SyncTally
    meter: ProgressMeter
    stop: StopToken
    came: int = 0
    refusals: int = 0

    def quickly(self, wanted: Sequence[Wanted]) -> None:
        """Small messages many at a time, then singly what was refused with others, and the large ones."""
        left = {uid: message_id for uid, size, message_id in wanted if size <= self.whole_up_to}
        try:
            for come in self.fetcher.keep_whole(left.copy()):
                self._count(len(come))
                for uid in come:
                    del left[uid]
        except ServerRefused as refusal:
            log.warning("bodies refused, asking for each alone: %s", refusal.detail)
        else:
            while left:
                uid, message_id = left.popitem()
                self._give_up(message_id, self.fetcher.why_not_given(uid))
        self._singly([item for item in wanted if item[0] in left or item[1] > self.whole_up_to])

    def carefully(self, wanted: Sequence[Wanted]) -> None:
        """One at a time; where the line breaks, it broke at this message."""
        self._singly(wanted[:CAREFUL_LIMIT], blame=True)

    def _singly(self, wanted: Sequence[Wanted], *, blame: bool = False) -> None:
        for item in wanted:
            self.stop.check()
            try:
                self._keep(*item)
            except QtmailError as error:
                self.refusals += 1
                if blame or not self.session.closed:
                    self._give_up(item[2], error)
                if self.session.closed:
                    raise
            if self.refusals >= REFUSALS:
                return

    def _keep(self, uid: int, size: int, message_id: int) -> None:
        self.fetcher.keep(uid, message_id, size)
        if self.everything and size > self.whole_up_to:
            self.fetcher.keep_rest(uid, message_id)
        self._count(1)

    def _count(self, fetched: int) -> None:
        self.came += fetched
        self.tally.bodies_fetched += fetched
        self.meter.advance(fetched)

    def _give_up(self, message_id: int, error: QtmailError) -> None:
        log.warning("message %d is not fetched ahead: %s (%s)", message_id, error, error.detail)
        with self.store.cache_transaction() as tx:
            self.store.bodies.mark_failed(tx, message_id, error.sentence)
