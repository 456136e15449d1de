"""Windows 10 and 11: the Run key, and the registration of a mail program.

What opens mailto: links only the user decides, on a page of the Settings; programs that write the choice
themselves are turned away by a hash, and since 2024 by a driver. A program can only register what it can do
(“Default Programs”) and open that page.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from qtmail.errors import Retry, SystemRefused
from qtmail.integration.program import APP_ID, command, is_program, working_directory
from qtmail.integration.refusal import refusing
from qtmail.integration.registry import Hive, Registry
from qtmail.integration.system import Made

NAME = "qtmail"
"""Of the value in the Run key, and among the registered applications."""
MAILTO_CLASS = "qtmail.mailto.1"
MESSAGE_CLASS = "qtmail.eml.1"
"""What Windows calls a ProgID. The set-up program registers the same names."""

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
RUN_SWITCHES = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where the Task Manager notes what the user turned off."""
APPLICATIONS = r"Software\RegisteredApplications"
CLIENT = r"Software\Clients\Mail\qtmail"
CAPABILITIES = CLIENT + r"\Capabilities"
CLASSES = r"Software\Classes"
MAILTO_CHOICE = r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations\mailto"

_PARAMETERS = {Hive.USER: "registeredAppUser", Hive.MACHINE: "registeredAppMachine"}
"""By which the Settings know where a program is registered."""
_ASSOCIATIONS_CHANGED = 0x08000000
"""SHCNE_ASSOCCHANGED."""
_LONGEST_COMMAND = 260
"""Characters of a value of the Run key; what is longer is not started."""
_ADVICE = "Ask whoever looks after this computer, or try again after signing in anew."


class WindowsIntegration:
    """The registry, for the user who is signed in."""

    def __init__(
        self, registry: Registry | None = None, open_page: Callable[[str], None] | None = None
    ) -> None:
        """Args:
        open_page: shows a page of the Settings by its address; raises OSError.
        """
        self._registry = registry or _system_registry()
        self._open_page = open_page or _open_page

    def starts_at_sign_in(self) -> bool:
        """Whether Windows starts qtmail: it is in the Run key, its program is there, and the Task Manager's
        switch is on. Raises SystemRefused.
        """
        with refusing("Windows does not say what starts at sign-in.", advice=_ADVICE):
            wanted = self._registry.get(Hive.USER, RUN, NAME)
            switch = self._registry.get(Hive.USER, RUN_SWITCHES, NAME)
        return isinstance(wanted, str) and _program_is_there(wanted) and not _is_off(switch)

    def start_at_sign_in(self, wanted: bool, *, in_tray: bool) -> None:
        """Write or remove the value in the Run key; the Task Manager's switch goes on again. Raises
        SystemRefused.
        """
        line = _command_line(*(["--tray"] if in_tray else []))
        with refusing("Windows would not change what starts at sign-in.", advice=_ADVICE):
            if wanted:
                _check_source()
                _check_length(line)
                self._registry.set(Hive.USER, RUN, NAME, line)
            else:
                self._registry.remove(Hive.USER, RUN, NAME)
            self._registry.remove(Hive.USER, RUN_SWITCHES, NAME)

    def is_default_mail_program(self) -> bool:
        """Whether mailto: links open in qtmail. Raises SystemRefused."""
        with refusing("Windows does not say which is the default mail program.", advice=_ADVICE):
            return self._chosen() == MAILTO_CLASS and self._registered() is not None

    def make_default_mail_program(self) -> Made:
        """Open the page on which the user decides; a program that no set-up registered is registered first.
        Raises SystemRefused.
        """
        with refusing("The settings for default programs could not be opened.", advice=_ADVICE):
            hive = self._registered() or self._register()
            # Windows 10 does not know the parameter, and shows the page about all programs.
            self._open_page(f"ms-settings:defaultapps?{_PARAMETERS[hive]}={NAME}")
        return Made.ASKED

    def _chosen(self) -> str | bytes | None:
        """The class that mailto: links open with. Windows 11 writes it to a new place since version 24H2, and
        from 25H2 on leaves the old one as it was.
        """
        for place in (r"\UserChoiceLatest\ProgId", r"\UserChoice"):
            if chosen := self._registry.get(Hive.USER, MAILTO_CHOICE + place, "ProgId"):
                return chosen
        return None

    def _registered(self) -> Hive | None:
        """Where qtmail is registered, with a program that is there; the user's own hides the other."""
        for hive in _PARAMETERS:
            opening = self._registry.get(hive, rf"{CLASSES}\{MAILTO_CLASS}\shell\open\command", "")
            if isinstance(opening, str):
                known = self._registry.get(hive, APPLICATIONS, NAME)
                return hive if known and _program_is_there(opening) else None
        return None

    def _register(self) -> Hive:
        """Register this program, for the user."""
        _check_source()
        for key, name, value in _registration():
            self._registry.set(Hive.USER, key, name, value)
        return Hive.USER


def _registration() -> Iterator[tuple[str, str, str]]:
    """(key, name, value) of all that Windows wants to know of a mail program: what the set-up writes too."""
    # Quotes in a link stay as they are, so that it can hold further words: after "--" none is an option.
    opening, icon = f'{_command_line("--")} "%1"', f"{command()[0]},0"
    for name, title in ((MAILTO_CLASS, "URL:Mail address"), (MESSAGE_CLASS, "Mail message")):
        key = rf"{CLASSES}\{name}"
        yield key, "", title
        yield rf"{key}\Application", "ApplicationName", NAME
        yield rf"{key}\Application", "AppUserModelID", APP_ID
        yield rf"{key}\DefaultIcon", "", icon
        yield rf"{key}\shell\open\command", "", opening
    yield rf"{CLASSES}\{MAILTO_CLASS}", "URL Protocol", ""
    yield rf"{CLASSES}\.eml\OpenWithProgids", MESSAGE_CLASS, ""
    yield CLIENT, "", NAME
    yield rf"{CLIENT}\DefaultIcon", "", icon
    yield rf"{CLIENT}\shell\open\command", "", _command_line()
    yield CAPABILITIES, "ApplicationName", NAME
    yield CAPABILITIES, "ApplicationDescription", "Read, write and keep your mail"
    yield CAPABILITIES, "ApplicationIcon", icon
    yield rf"{CAPABILITIES}\Startmenu", "Mail", NAME
    yield rf"{CAPABILITIES}\URLAssociations", "mailto", MAILTO_CLASS
    yield rf"{CAPABILITIES}\FileAssociations", ".eml", MESSAGE_CLASS
    yield APPLICATIONS, NAME, CAPABILITIES


def _command_line(*arguments: str) -> str:
    """A command for the registry. The program is always in quotes, by which the set-up knows its own."""
    program, *rest = command(*arguments)
    return " ".join([f'"{program}"', *([subprocess.list2cmdline(rest)] if rest else [])])


def _check_source() -> None:
    """Raises SystemRefused where the command works in one directory only: the registry cannot say which."""
    if working_directory() is not None:
        raise SystemRefused(
            "qtmail runs from its source, and Windows could not start it from there.",
            advice="Install it first, for example with pipx.",
            retry=Retry.ASK_USER,
        )


def _check_length(line: str) -> None:
    """Raises SystemRefused where Windows would pass the command over."""
    if len(line) > _LONGEST_COMMAND:
        raise SystemRefused(
            "The path of qtmail is too long: Windows would not start it at sign-in.",
            advice="Move the program to a folder with a shorter path.",
            retry=Retry.ASK_USER,
        )


def _program_is_there(line: str) -> bool:
    """Whether the program that a command line begins with exists; with spaces in it, it is quoted."""
    program = line[1:].partition('"')[0] if line.startswith('"') else line.partition(" ")[0]
    return is_program(os.path.expandvars(program))


def _is_off(switch: str | bytes | None) -> bool:
    """What the Task Manager wrote: an odd first byte means off, and no value at all on."""
    return isinstance(switch, bytes) and switch[:1] != b"" and switch[0] % 2 == 1


def _system_registry() -> Registry:
    if sys.platform == "win32":
        from qtmail.integration.registry import WindowsRegistry  # noqa: PLC0415 - exists only there

        return WindowsRegistry()
    raise AssertionError("Windows only")


def _open_page(address: str) -> None:
    if sys.platform == "win32":
        ctypes.windll.shell32.SHChangeNotify(_ASSOCIATIONS_CHANGED, 0, None, None)
        os.startfile(address)
