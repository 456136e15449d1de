"""Which system this is."""

from __future__ import annotations

import sys

from qtmail.integration.linux import FlatpakIntegration, LinuxIntegration
from qtmail.integration.program import Packaging, packaging
from qtmail.integration.system import SystemIntegration


def this_system() -> SystemIntegration:
    """What the system that runs this program lets it arrange. Knows nothing before it is asked."""
    if sys.platform == "win32":
        from qtmail.integration.windows import WindowsIntegration  # noqa: PLC0415 - only there

        return WindowsIntegration()
    elif sys.platform == "darwin":
        from qtmail.integration.macos import MacIntegration  # noqa: PLC0415 - only there

        return MacIntegration()
    else:
        return FlatpakIntegration() if packaging() is Packaging.FLATPAK else LinuxIntegration()


def follow_program() -> None:
    """See to it that what was arranged still leads to this program. To be called once after each start, off
    the GUI thread. Only on Linux do programs move. Raises SystemRefused.
    """
    system = this_system()
    if isinstance(system, LinuxIntegration):
        system.follow_program()
