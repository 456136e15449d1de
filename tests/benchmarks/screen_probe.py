"""Starts a program and measures, by looking at the screen, when its window is there and complete.

The program is not touched, so one that is frozen can be measured like any other. The last line on standard
output is a JSON object with seconds since the program was started: `window` (something is on the screen) and
`painted` (nearly all of the picture it comes to rest with).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

LOOK = 0.01
"""Seconds between two looks at the screen."""
REST = 1.5
"""Seconds without a change after which the picture counts as final."""
TIME_LIMIT = 60.0
PIECE = 64
"""Bytes (16 pixels of a line) that are compared at once."""
COMPLETE = 0.98
"""Part of the final picture that makes a window complete: a clock or a counter may still change."""
STOP_LIMIT = 10.0


def watch(command: list[str]) -> dict[str, float]:
    """Run the program until its picture has come to rest, then end it.

    Raises:
        ChildProcessError: the program ended by itself.
        TimeoutError: nothing came to rest in TIME_LIMIT.
    """
    empty = picture()
    started = time.monotonic()
    process = subprocess.Popen(command)
    try:
        changes = _changes(process, started, empty)
    finally:
        process.terminate()
        process.wait(STOP_LIMIT)
    final = changes[-1][1]
    painted = next(seconds for seconds, seen in changes if likeness(seen, final) >= COMPLETE)
    return {"window": changes[0][0], "painted": painted}


def _changes(process: subprocess.Popen[bytes], started: float, before: bytes) -> list[tuple[float, bytes]]:
    """Each new picture with the second it was first seen in, until there are no more."""
    changes: list[tuple[float, bytes]] = []
    while (now := time.monotonic() - started) < TIME_LIMIT:
        if process.poll() is not None:
            raise ChildProcessError(f"the program ended with {process.returncode}")
        seen = picture()
        if seen != before:
            changes.append((now, seen))
            before = seen
        elif changes and now - changes[-1][0] > REST:
            return changes
        time.sleep(LOOK)
    raise TimeoutError(f"no window came to rest in {TIME_LIMIT:.0f} s")


def picture() -> bytes:
    """All pixels of the screen, four bytes each."""
    QCoreApplication.processEvents()
    image = QGuiApplication.primaryScreen().grabWindow(0).toImage()  # named: its pixels go with it
    return bytes(image.constBits())


def likeness(one: bytes, other: bytes) -> float:
    """The part of two pictures of one size that is equal, 0 to 1."""
    pieces = range(0, len(other), PIECE)
    return sum(one[at : at + PIECE] == other[at : at + PIECE] for at in pieces) / len(pieces)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    application = QGuiApplication(sys.argv[:1])
    print(json.dumps(watch(arguments.command)), flush=True)
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
