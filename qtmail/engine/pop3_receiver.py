"""Fetches the mail of one POP3 account, on one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.attendant import Errand
from qtmail.engine.backend import Backend
from qtmail.engine.pop3_loop import Pop3Loop
from qtmail.engine.pop3_sync import Pop3Sync
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError
from qtmail.protocols.pop3 import Pop3Session


class Pop3Receiver:
    """The receiving half of an account's work; see engine.backend.Receiver."""

    def __init__(
        self, backend: Backend[Pop3Session], sync: Pop3Sync, *, monitor: AccountMonitor, stop: StopToken
    ) -> None:
        self._wake = threading.Event()
        self._retry = threading.Event()
        self._loop = Pop3Loop(
            backend.account,
            backend,
            sync,
            monitor=monitor,
            wake=self._wake,
            retry=self._retry,
            stop=stop,
        )

    @property
    def duties(self) -> Mapping[str, Callable[[], None]]:
        return {Pop3Loop.NAME: self._loop.run}

    def look_now(self) -> None:
        self._retry.set()
        self._wake.set()

    def nudge(self) -> None:
        """The server keeps no flags, drafts or sent mail: there is nothing to tell it."""

    def request(self, errand: Errand) -> None:
        """The server gives messages only to those who look for mail: what is not here cannot be had."""
        errand.failed(QtmailError("This message is no longer on this computer.", layer=Layer.MESSAGE))

    def crashed(self, duty: str, fault: QtmailError) -> None:
        """Nobody waits for anything."""

    def abort(self) -> None:
        self._loop.abort()
