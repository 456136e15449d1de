"""A system that keeps in memory what it is asked to arrange."""

from __future__ import annotations

from qtmail.errors import SystemRefused
from qtmail.integration.system import Made


class FakeSystem:
    """Stands where `integration.system.SystemIntegration` stands.

    Attributes:
        starts, default: how things stand; None where that cannot be known.
        in_tray: how a start at sign-in is arranged.
        makes: what comes of the wish to be the default mail program.
        refusal: raised by every change, where it is set.
    """

    def __init__(
        self, *, starts: bool | None = False, default: bool | None = False, makes: Made = Made.DONE
    ) -> None:
        self.starts, self.default, self.makes = starts, default, makes
        self.in_tray = False
        self.refusal: SystemRefused | None = None

    def starts_at_sign_in(self) -> bool | None:
        return self.starts

    def start_at_sign_in(self, wanted: bool, *, in_tray: bool) -> None:
        self._may_refuse()
        self.starts, self.in_tray = wanted, in_tray

    def is_default_mail_program(self) -> bool | None:
        return self.default

    def make_default_mail_program(self) -> Made:
        self._may_refuse()
        if self.makes is Made.DONE:
            self.default = True
        return self.makes

    def _may_refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal
