"""What a system lets a program arrange for itself; each has its own way (linux.py, windows.py, macos.py).

The calls read and write small files or settings of the system: some milliseconds, but not on the GUI thread.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol


class Made(Enum):
    """What came of the wish to be the default mail program."""

    DONE = auto()
    ASKED = auto()
    """The system's own page is open: there the user decides."""


class SystemIntegration(Protocol):
    """The system, for this user. All raise `SystemRefused` where it will not."""

    def starts_at_sign_in(self) -> bool | None:
        """Whether qtmail is started when the user signs in; None where this cannot be arranged from here."""

    def start_at_sign_in(self, wanted: bool, *, in_tray: bool) -> None:
        """Arrange it or undo it; `in_tray`: without a window."""

    def is_default_mail_program(self) -> bool | None:
        """Whether mailto: links open in qtmail; None where this cannot be known."""

    def make_default_mail_program(self) -> Made:
        """Have mailto: links and message files opened by qtmail."""
