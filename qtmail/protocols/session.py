"""What sessions of all protocols have in common: one line, what it has cost, and its end."""

from __future__ import annotations

from typing import Generic, TypeVar

from qtmail.protocols.door import Conversation, ServerDoor
from qtmail.protocols.imap_values import Counters
from qtmail.protocols.wake import Wake
from qtmail.protocols.way_in import WayIn

D = TypeVar("D", bound=Conversation)


class Session(Generic[D]):
    """One connection to one server, once. Used by one thread; `abort` by any."""

    _door: ServerDoor[D]

    def __init__(self) -> None:
        self._stop = Wake()
        self._opened: D | None = None

    @property
    def counters(self) -> Counters:
        """What the session has cost so far, a certificate looked at in vain not counted."""
        return self._opened.stream.counters if self._opened else Counters()

    @property
    def last_heard(self) -> float:
        """Seconds since the epoch when the server last said anything; 0.0 before."""
        return self._opened.stream.last_heard if self._opened else 0.0

    @property
    def closed(self) -> bool:
        """True before `connect`, and once the line is closed or broken."""
        return self._opened is None or self._opened.stream.closed

    @property
    def way_in(self) -> WayIn:
        """How far `connect` came, whether it succeeded or not."""
        return self._door.way_in

    @property
    def tls_version(self) -> str:
        """The protocol that encrypts the line ("TLSv1.3"), or "" on a clear one."""
        return self.way_in.tls_version

    def close(self) -> None:
        """Close the line without a word. Only on the thread that uses the session."""
        if self._opened is not None:
            self._opened.stream.close()
        self._stop.close()

    def abort(self) -> None:
        """Make the call that is under way, and every later one, raise Stopped. From any thread."""
        self._stop.set()
