"""What the system says to the program as a whole."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from PySide6.QtCore import QCoreApplication, QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from qtmail.qt_application import QtApplication

def ask(where):
    QCoreApplication.sendEvent(app, QFileOpenEvent(where))

app = QtApplication(sys.argv[:1])
ask(QUrl("mailto:early@example.org?subject=a%20b"))
QCoreApplication.sendEvent(app, QEvent(QEvent.Type.Quit))
app.deliver_to(print, lambda: print("quit"))
ask("/letters/a.eml")
ask(QUrl("https://example.org/"))
QCoreApplication.sendEvent(app, QEvent(QEvent.Type.User))
QCoreApplication.sendEvent(app, QEvent(QEvent.Type.Quit))
"""


def test_it_tells_what_is_to_be_opened_and_of_the_wish_to_end() -> None:
    """In a process of its own: there is one application in each."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["mailto:early@example.org?subject=a%20b", "/letters/a.eml", "quit"]
