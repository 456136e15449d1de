"""Breaking a session off from another thread, whatever it speaks."""

from __future__ import annotations

from typing import Any

from qtmail.engine.stopping import StopToken
from qtmail.protocols.session import Session


class SessionHolder:
    """The session a thread is using now."""

    def __init__(self, stop: StopToken) -> None:
        self._stop = stop
        self._session: Session[Any] | None = None

    def hold(self, session: Session[Any]) -> None:
        self._session = session
        if self._stop.stopped:
            session.abort()

    def release(self) -> None:
        self._session = None

    def abort(self) -> None:
        """Break off whatever the session is doing; called from another thread after the stop token was
        set.
        """
        if (session := self._session) is not None:
            session.abort()
