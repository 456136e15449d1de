"""What must hold before a window can open; told in a sentence, where Qt itself would abort."""

from __future__ import annotations

import os
import sys

import PySide6


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
