"""The session that attends to the user and to the inbox.

It rests in IDLE on the inbox. Two things take it out: the server announces something (then the inbox is
brought in step), or the user wants something now (a message opened, a flag set), which must not wait behind a
long sync; then it leaves IDLE, does it, and rests again. A first sync of 100,000 headers runs meanwhile on
the other session.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qtmail.domain.account import Account
from qtmail.domain.events import Connection
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.reporting import SyncTally
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap import IDLE_SECONDS, ImapSession
from qtmail.protocols.wake import Wake
from qtmail.store.store import Store

log = logger("watch")

POLL_SECONDS = 60.0
"""How often the inbox is asked after on a server without IDLE."""

LOOK_SECONDS = 10.0
"""How often it is looked whether there is an inbox that can be opened by now."""

LONGEST_REST_SECONDS = 3600.0
"""How long it rests when nothing is due; looking again costs nothing."""

BREATH_SECONDS = 1.0
"""The least time between two syncs of the inbox: mail may come in bursts, and some servers announce the same
again whenever IDLE begins.
"""

TRIES = 2
"""A line that went dead while the computer slept is noticed by the first errand; that one deserves a second
try.
"""


@dataclass(slots=True)
class Errand:
    """Something the user waits for: `run` does it with a live session, `failed` tells that it cannot be
    done.
    """

    run: Callable[[ImapSession], None]
    failed: Callable[[QtmailError], None]
    tries: int = 0


class Chore(Protocol):
    """Something to be put on the server whenever there is a line: drafts, copies of what was sent."""

    def run(self, session: ImapSession) -> int:
        """Do what is due; returns how many messages were put there."""
        ...

    def next_time(self) -> int | None:
        """When something is due next, in seconds since the epoch, which may be past; None: nothing waits."""
        ...


class Attendant:
    """The duty of the attending session; errands come from any thread."""

    NAME = "watch"

    def __init__(
        self,
        store: Store,
        account: Account,
        *,
        sync: AccountSync,
        monitor: AccountMonitor,
        wake: Wake,
        stop: StopToken,
        chores: Sequence[Chore] = (),
        on_written: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_written`: chores put messages into folders, which want to be synced."""
        self._store = store
        self._account = account
        self._chores = chores
        self._on_written = on_written
        self._sync = sync
        self._monitor = monitor
        self._wake = wake
        self._stop = stop
        self._errands: deque[Errand] = deque()  # appended to by any thread, taken from by one
        self._idle_refused = False
        self._synced = float("-inf")

    def request(self, errand: Errand) -> None:
        """Do something as soon as the session is free; errands are done in the order they came."""
        self._errands.append(errand)
        self._wake.set()

    def nudge(self) -> None:
        """The journal has something to replay."""
        self._wake.set()

    def attend(self, session: ImapSession) -> None:
        """Serve with this session until it is lost or the stop token is set."""
        in_step = False
        while True:
            self._stop.check()
            self._wake.clear()
            self._run_errands(session)
            self._sync.replay(session)
            self._run_chores(session)
            in_step = self._keep_inbox(session, in_step)
            self._monitor.set(self.NAME, Connection.WATCHING)
            news = self._rest(session) if in_step else self._wake.wait(LOOK_SECONDS)
            in_step = in_step and not news

    def give_up(self, error: QtmailError) -> None:
        """There is no line and none to be had now: tell every waiting errand so, instead of letting the user
        wait for it.
        """
        while self._errands:
            self._errands.popleft().failed(error)

    def _run_errands(self, session: ImapSession) -> None:
        while self._errands:
            self._stop.check()
            errand = self._errands[0]  # until it is settled, so that whatever happens somebody is told
            errand.tries += 1
            try:
                errand.run(session)
            except QtmailError as error:
                if session.closed and errand.tries < TRIES:
                    raise
                errand.failed(error)
                self._errands.popleft()
                if session.closed:
                    raise
            else:
                self._errands.popleft()

    def _run_chores(self, session: ImapSession) -> None:
        if sum(chore.run(session) for chore in self._chores):
            self._on_written()

    def _seconds_to_chore(self) -> float:
        times = [when for chore in self._chores if (when := chore.next_time()) is not None]
        # Not sooner: what is still due right after it was done is waiting for something else.
        return max(BREATH_SECONDS, min(times) - time.time()) if times else LONGEST_REST_SECONDS

    def _keep_inbox(self, session: ImapSession, in_step: bool) -> bool:
        """Have the inbox selected and in step; returns False while there is none that can be watched."""
        inbox = self._inbox()
        if inbox is None:
            return False
        if not in_step or session.selected_folder != inbox.wire_name:
            self._wake.wait(self._synced + BREATH_SECONDS - time.monotonic())
            self._sync.sync_folder(session, inbox, None, SyncTally(self._account.id), wait=False)
            self._synced = time.monotonic()
        try:
            session.ensure_selected(inbox.wire_name)
        except ServerRefused as refusal:
            log.warning("%s: the inbox cannot be opened: %s", self._account.name, refusal.detail)
            return False
        return True

    def _rest(self, session: ImapSession) -> bool:
        """Wait until the server has news (returns True) or someone on this side wants something (False)."""
        rest_until = time.time() + self._seconds_to_chore()
        while not self._wake.is_set and (left := rest_until - time.time()) > 0:
            if session.supports_idle and not self._idle_refused:
                self._idle(session, left)
            elif not self._wake.wait(min(POLL_SECONDS, left)):
                session.noop()
            self._monitor.heard(session.last_heard)
            if self._sync.has_news(session):
                return True
        return False

    def _idle(self, session: ImapSession, seconds: float) -> None:
        try:
            session.idle(self._wake, min(seconds, IDLE_SECONDS))
        except ServerRefused as refusal:
            log.warning("%s: IDLE refused, asking instead: %s", self._account.name, refusal.detail)
            self._idle_refused = True

    def _inbox(self) -> Folder | None:
        return next(
            (
                folder
                for folder in self._store.folders.list(self._account.id)
                if folder.special_use is SpecialUse.INBOX
            ),
            None,
        )
