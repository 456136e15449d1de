"""macOS: a launch agent starts qtmail at sign-in, and Launch Services knows the default mail program.

Apple's newer way, SMAppService, can only be called from Objective-C. A launch agent shows in the same list,
*Login Items*, under the name of the bundle that it is associated with.
"""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from qtmail.errors import Retry, SystemRefused
from qtmail.integration.desktop_file import write_desktop_file
from qtmail.integration.launch_services import LaunchServices, SystemLaunchServices
from qtmail.integration.program import APP_ID, command, is_frozen, is_program, working_directory
from qtmail.integration.refusal import refusing
from qtmail.integration.system import Made

MAILTO = "mailto"
MESSAGE = "com.apple.mail.email"
"""The type of .eml files: macOS declares it, with public.email-message above it."""

_ADVICE = "Check that your home folder can be written to and is not full."


class MacIntegration:
    """Property lists in the user's Library, and Launch Services."""

    def __init__(self, services: LaunchServices | None = None) -> None:
        self._given = services

    def starts_at_sign_in(self) -> bool:
        """Whether there is a launch agent that starts a program that is there. Whether the user turned it off
        under Login Items is known to macOS alone.
        """
        try:
            agent = plistlib.loads(_agent_path().read_bytes())
        except (OSError, ValueError, ExpatError, AttributeError, RecursionError):
            return False  # plistlib raises the last two for a date that is none, and for a list in itself
        return isinstance(agent, dict) and _starts(agent)

    def start_at_sign_in(self, wanted: bool, *, in_tray: bool) -> None:
        """Write or remove the launch agent; it counts from the next sign-in on. Raises SystemRefused."""
        if wanted:
            with refusing("The start at sign-in could not be arranged.", advice=_ADVICE):
                write_desktop_file(_agent_path(), plistlib.dumps(_agent(in_tray=in_tray)))
        else:
            with refusing("The start at sign-in could not be undone.", advice=_ADVICE):
                _agent_path().unlink(missing_ok=True)

    def is_default_mail_program(self) -> bool | None:
        """Whether mailto: links open in qtmail; None where Launch Services is missing."""
        try:
            found = self._services().handler_of_scheme(MAILTO)
        except OSError:
            return None
        # Ids of bundles are compared without case, and some versions give them in lower case.
        return found is not None and found.lower() == APP_ID.lower()

    def make_default_mail_program(self) -> Made:
        """Have Launch Services do it; ASKED where macOS asks the user first. Raises SystemRefused."""
        if not runs_from_bundle():
            raise SystemRefused(
                "Only an application in the Applications folder can be the default mail program of macOS.",
                advice="Install qtmail from its disk image, and choose it there.",
                retry=Retry.ASK_USER,
            )
        with refusing(
            "macOS would not make qtmail the default mail program.",
            advice="Move qtmail to the Applications folder, open it from there, and try again.",
        ):
            services = self._services()
            services.set_handler_of_scheme(MAILTO, APP_ID)
            services.set_handler_of_type(MESSAGE, APP_ID)
        return Made.DONE if self.is_default_mail_program() else Made.ASKED

    def _services(self) -> LaunchServices:
        """Raises OSError."""
        if self._given is None:
            self._given = SystemLaunchServices()
        return self._given


def runs_from_bundle() -> bool:
    """Whether this program is an application bundle: qtmail.app/Contents/MacOS/qtmail."""
    return is_frozen() and Path(sys.executable).parts[-3:-1] == ("Contents", "MacOS")


def _agent_path() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{APP_ID}.plist"


def _agent(*, in_tray: bool) -> dict[str, Any]:
    """A property list as launchd.plist(5) describes it. It is for sessions with a screen (Aqua) only, and not
    started again when the user quits.
    """
    agent: dict[str, Any] = {
        "Label": APP_ID,
        "ProgramArguments": command(*(["--tray"] if in_tray else [])),
        "RunAtLoad": True,
        "LimitLoadToSessionType": "Aqua",
        "ProcessType": "Interactive",
        "AssociatedBundleIdentifiers": APP_ID,
    }
    if directory := working_directory():
        agent["WorkingDirectory"] = str(directory)
    return agent


def _starts(agent: dict[str, Any]) -> bool:
    words = agent.get("ProgramArguments")
    there = isinstance(words, list) and bool(words) and is_program(str(words[0]))
    return there and agent.get("RunAtLoad") is True and agent.get("Disabled") is not True
