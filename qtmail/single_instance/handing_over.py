"""A later start tells the first one what it was asked to open."""

from __future__ import annotations

import ctypes
import sys
import time

from PySide6.QtNetwork import QLocalSocket

from qtmail.errors import Layer, QtmailError
from qtmail.log import logger
from qtmail.single_instance.wanted import MOST_BYTES, MOST_ITEMS, Misunderstood, Wanted, read_answer, request

_LONGEST_ANSWER = 4096
_ANY_PROCESS = -1
"""ASFW_ANY (AllowSetForegroundWindow, Windows)."""

log = logger("instance")


def hand_over(address: str, wanted: Wanted, patience: float) -> bool:
    """Ask whoever listens at `address` to open what is wanted, waiting for at most `patience` seconds.

    Returns whether it was taken over; if not, nobody listens there, or the line broke.

    Raises:
        QtmailError: it was refused, or is too much for one request.
    """
    line = request(wanted)
    if len(line) > MOST_BYTES or len(wanted.open) > MOST_ITEMS:
        raise QtmailError(
            "This is too much to open at once.",
            advice=f"Open up to {MOST_ITEMS} messages.",
            layer=Layer.USAGE,
        )
    _give_way()
    said = _converse(address, line, time.monotonic() + patience)
    if not said.endswith(b"\n"):
        return False
    try:
        refusal = read_answer(said)
    except Misunderstood as error:
        refusal = str(error)
    if refusal:
        raise QtmailError(
            "The qtmail that is running did not take over what this one was asked to open.",
            advice="Close it, perhaps it is another version, and start qtmail again.",
            detail=refusal,
            layer=Layer.SYSTEM,
        )
    return True


def _converse(address: str, line: bytes, until: float) -> bytes:
    """Send a line and return the one that comes back, or less if the line broke or the time was up."""

    def left() -> int:
        return max(0, int((until - time.monotonic()) * 1000))

    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(left()):
        log.info("nobody listens: %s", socket.errorString())
        return b""
    socket.write(line)
    said = b""
    while not said.endswith(b"\n") and len(said) < _LONGEST_ANSWER and socket.waitForReadyRead(left()):
        said += bytes(socket.readLine(_LONGEST_ANSWER).data())
    socket.abort()
    return said


def _give_way() -> None:
    """Let the first start bring its window to the front. Windows allows that only to the program the user
    started last, which is this one, and to those it names.
    """
    if sys.platform == "win32":
        ctypes.windll.user32.AllowSetForegroundWindow(_ANY_PROCESS)
