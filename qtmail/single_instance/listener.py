"""The first start listens to later ones, in the GUI thread.

Only processes of the same user can connect. Even so nothing they say is believed: a line that is too long,
too slow or not what `wanted.request` makes is logged, refused, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from qtmail.log import logger
from qtmail.single_instance.wanted import MOST_BYTES, Misunderstood, Wanted, answer, read_request

_SAY_SECONDS = 5.0
"""How long a start may take to say what it wants, which is all it does."""
_MOST_AT_ONCE = 32
"""Conversations. Each takes a file descriptor, which the connections to mail servers need too; and a
QLocalServer that gets none is closed for good."""

log = logger("instance")


class Listener(QObject):
    """Takes over what later starts want opened."""

    def __init__(self, open_: Callable[[Wanted], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = open_
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)

    def listen(self, place: str) -> bool:
        """Listen there, where a dead process may have left its socket; returns whether that works."""
        QLocalServer.removeServer(place)
        return self._server.listen(place)

    @property
    def address(self) -> str:
        """What a later start connects to."""
        return self._server.fullServerName()

    @property
    def problem(self) -> str:
        """Why it cannot listen."""
        return self._server.errorString()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self.findChildren(_Conversation)) < _MOST_AT_ONCE:
                _Conversation(socket, self._open)
            else:  # a line that breaks: an ordinary start tries again
                socket.abort()
                socket.deleteLater()


class _Conversation(QObject):
    """What one later start says, up to the end of its line; it ends with the socket it belongs to."""

    def __init__(self, socket: QLocalSocket, open_: Callable[[Wanted], None]) -> None:
        super().__init__(socket)
        self._socket = socket
        self._open = open_
        self._said = b""
        self._limit = QTimer(self, singleShot=True, interval=int(_SAY_SECONDS * 1000))
        self._limit.timeout.connect(lambda: self._refuse("it took too long to say what it wants"))
        self._limit.start()
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(self._read)
        self._read()  # what came before somebody listened

    def _read(self) -> None:
        if not self._limit.isActive():
            return  # answered
        self._said += bytes(self._socket.read(MOST_BYTES + 1 - len(self._said)).data())
        line, end, _ = self._said.partition(b"\n")
        if end:
            self._take(line)
        elif len(self._said) > MOST_BYTES:
            self._refuse("it said too much")

    def _take(self, line: bytes) -> None:
        try:
            wanted = read_request(line)
        except Misunderstood as error:
            self._refuse(str(error))
            return
        self._answer(answer())
        self._open(wanted)

    def _refuse(self, why: str) -> None:
        log.warning("refused what another process wanted: %s", why)
        self._answer(answer(why))

    def _answer(self, line: bytes) -> None:
        self._limit.stop()
        self._socket.write(line)
        self._socket.flush()
        self._socket.disconnectFromServer()
