"""The wish of a terminal or a session manager that the program ends (SIGINT, SIGTERM, SIGHUP).

Ending on the spot would lose what was typed since the last pause, and leave temporary files. But Qt's loop
does not return to Python by itself, so a handler in Python would wait for the next click. The interpreter
therefore also writes a byte into a socket when a signal comes (`signal.set_wakeup_fd`), and the loop looks
at that.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSocketNotifier

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""Those that ask a program to end; Windows has no SIGHUP."""


@contextmanager
def ending_signals(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` in the event loop when the first such signal comes; the next ends the process at once, and
    so does any after the block.

    Signals that are ignored stay so: `nohup` and shells say by that what is not meant for the program.
    """
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]

    def use(handler: Callable[[int, object], None] | signal.Handlers, wakeup: int) -> None:
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        for number in heeded:
            signal.signal(number, handler)

    def hear() -> None:
        notifier.setEnabled(False)
        use(signal.SIG_DFL, -1)
        end()

    ear, mouth = socket.socketpair()
    with ear, mouth:
        mouth.setblocking(False)
        notifier = QSocketNotifier(ear.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(hear)
        use(_note, mouth.fileno())
        try:
            yield
        finally:
            use(signal.SIG_DFL, -1)
            notifier.setEnabled(False)


def _note(_number: int, _frame: object) -> None:
    """The byte in the socket says it all; without a handler in Python there would be none."""
