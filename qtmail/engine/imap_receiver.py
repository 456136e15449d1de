"""Keeps one IMAP account in step, over two sessions that meet only in queues, wakes and the store: *sync*
walks the folders, *watch* attends to the user and rests in IDLE.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing

from qtmail.domain.events import Connection, Problem
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.attendant import Attendant, Errand
from qtmail.engine.backend import Backend
from qtmail.engine.draft_mirror import DraftMirror
from qtmail.engine.filing import Filing
from qtmail.engine.reporting import Listener, trouble_in
from qtmail.engine.session_loop import SessionLoop
from qtmail.engine.stopping import StopToken, wait_by_clock
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.wake import Wake
from qtmail.store.store import Store

LEAST_REST_SECONDS = 1.0
"""Between two passes over an account's folders, whatever intervals were chosen for them."""


class ImapReceiver:
    """The receiving half of an account's work; see engine.backend.Receiver."""

    SYNC = "sync"

    def __init__(
        self,
        store: Store,
        backend: Backend[ImapSession],
        *,
        monitor: AccountMonitor,
        listener: Listener,
        stop: StopToken,
        alone: Callable[[], bool],
    ) -> None:
        """`alone`: see engine.backend.Incoming."""
        self._monitor = monitor
        self._stop = stop
        self._sync_wake = threading.Event()
        self._watch_wake = Wake()
        self._sync = AccountSync(store, backend.account, listener, stop)
        self._attendant = Attendant(
            store,
            backend.account,
            sync=self._sync,
            monitor=monitor,
            wake=self._watch_wake,
            stop=stop,
            chores=(
                Filing(store, backend.account, listener, alone=alone),
                DraftMirror(store, backend.account, listener),
            ),
            on_written=self._sync_wake.set,
        )
        self._retries = {name: threading.Event() for name in (self.SYNC, Attendant.NAME)}
        self._walking = self._loop(self.SYNC, backend, self._keep_in_step)
        self._watching = self._loop(Attendant.NAME, backend, self._attendant.attend, self._attendant.give_up)

    @property
    def duties(self) -> Mapping[str, Callable[[], None]]:
        return {self.SYNC: self._walking.run, Attendant.NAME: self._watch}

    def look_now(self) -> None:
        for retry in self._retries.values():
            retry.set()
        self._sync_wake.set()
        self._watch_wake.set()

    def nudge(self) -> None:
        self._attendant.nudge()

    def request(self, errand: Errand) -> None:
        problem = self._monitor.standing(Attendant.NAME)
        if problem is None:
            self._attendant.request(errand)
        else:
            errand.failed(_no_line(problem))

    def crashed(self, duty: str, fault: QtmailError) -> None:
        if duty == Attendant.NAME:
            self._attendant.give_up(fault)

    def abort(self) -> None:
        self._walking.holder.abort()
        self._watching.holder.abort()

    def _loop(
        self,
        name: str,
        backend: Backend[ImapSession],
        duty: Callable[[ImapSession], None],
        on_failure: Callable[[QtmailError], None] = lambda error: None,
    ) -> SessionLoop:
        return SessionLoop(
            name,
            backend,
            duty,
            monitor=self._monitor,
            retry=self._retries[name],
            stop=self._stop,
            on_failure=on_failure,
        )

    def _watch(self) -> None:
        with closing(self._watch_wake):  # by this thread, which may be left behind at shutdown
            self._watching.run()
        self._attendant.give_up(_ended())

    def _keep_in_step(self, session: ImapSession) -> None:
        asked = True  # by the user, or by what happened
        while True:
            self._stop.check()
            if self._sync_wake.is_set():  # cleared only then: who sets it a moment later is heard next time
                self._sync_wake.clear()
                asked = True
            self._monitor.set(self.SYNC, Connection.SYNCING)
            report = self._sync.run(session, due_only=not asked)
            self._monitor.heard(session.last_heard)
            self._monitor.set(self.SYNC, Connection.WATCHING, problem=trouble_in(report))
            self._attendant.nudge()
            asked = False
            wait_by_clock(self._sync_wake, max(LEAST_REST_SECONDS, self._sync.seconds_to_next()))


def _no_line(problem: Problem) -> QtmailError:
    return QtmailError(
        "This message is not on this computer yet, and there is no connection to its server.",
        advice=problem.sentence,
        layer=Layer.CONNECTION,
        retry=Retry.LATER,
    )


def _ended() -> QtmailError:
    return QtmailError(
        "The account was changed while this was under way.", advice="Try again.", layer=Layer.MESSAGE
    )
