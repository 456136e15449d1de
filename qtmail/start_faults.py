"""What keeps a window from opening, and how that is told: in a sentence, also where Qt itself would abort."""

from __future__ import annotations

import os
import sys

import PySide6

from qtmail.errors import QtmailError

_NOBODY_LOOKS = ("offscreen", "minimal")
"""Platforms of Qt without a screen."""


def broken_libraries(
    python: tuple[int, ...] = sys.version_info[:2], qt: str = PySide6.__version__
) -> str | None:
    """A sentence if this pair of Python and PySide6 cannot work, else None.

    PySide6 6.12.0 drops a reference of None in every call that returns it, on CPython before 3.12: the
    program would abort after some 7,000 calls.
    """
    if qt.split("+")[0] == "6.12.0" and python < (3, 12):
        return (
            f"PySide6 6.12.0 does not work with Python {'.'.join(map(str, python[:2]))}. "
            "Install another version of PySide6 (“pip install 'PySide6!=6.12.0'”) or Python 3.12 or later."
        )
    return None


def missing_display() -> str | None:
    """A sentence if there is no screen to open a window on, else None; Qt itself would abort."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return None
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    return (
        "There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
        "“qtmail --self-test” works without one, and so do the commands: see “qtmail --help”."
    )


def tell_at_start(error: QtmailError) -> int:
    """Say why the program ends: on standard error, and in a box where nobody reads that.

    Returns the exit status.
    """
    print(f"qtmail: {error}", file=sys.stderr)
    if not (sys.stderr and sys.stderr.isatty()) and broken_libraries() is None and missing_display() is None:
        _show_box(error)
    return 1


def _show_box(error: QtmailError) -> None:
    from PySide6.QtWidgets import QApplication, QMessageBox  # noqa: PLC0415 - only where a start failed

    qt = QApplication.instance() or QApplication(["qtmail"])
    if isinstance(qt, QApplication) and qt.platformName() not in _NOBODY_LOOKS:
        QMessageBox.critical(None, "qtmail could not start", str(error))
