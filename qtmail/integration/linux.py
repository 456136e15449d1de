"""Linux and other systems with freedesktop.org desktops: start at sign-in, and the default mail program."""

from __future__ import annotations

from qtmail.errors import Retry, SystemRefused
from qtmail.integration.autostart import (
    GNOME_SWITCH,
    add_autostart,
    autostarts,
    own_autostart,
    remove_autostart,
)
from qtmail.integration.default_apps import default_app, make_default
from qtmail.integration.desktop_entry import ENTRY, exec_words, lost_program
from qtmail.integration.key_file import KeyFile
from qtmail.integration.own_entry import DESKTOP_ID, ensure_entry, is_written_here, renew_lost_entry, starting
from qtmail.integration.program import APP_ID
from qtmail.integration.refusal import refusing
from qtmail.integration.system import Made

MAILTO = "x-scheme-handler/mailto"
MESSAGE = "message/rfc822"

_IN_TRAY = "--tray"
_ADVICE = "Check that your home directory can be written to and is not full."


class LinuxIntegration:
    """Files in the user's directories, as the specifications of freedesktop.org lay down."""

    def starts_at_sign_in(self) -> bool:
        """Whether the desktop of this session starts qtmail at sign-in."""
        return autostarts(DESKTOP_ID)

    def start_at_sign_in(self, wanted: bool, *, in_tray: bool) -> None:
        """Write or remove the user's autostart entry. Raises SystemRefused."""
        if not wanted:
            with refusing("The start at sign-in could not be undone.", advice=_ADVICE):
                remove_autostart(DESKTOP_ID)
            return
        with refusing("The start at sign-in could not be arranged.", advice=_ADVICE):
            add_autostart(DESKTOP_ID, _entry_at_sign_in(in_tray=in_tray))

    def is_default_mail_program(self) -> bool:
        """Whether mailto: links open in qtmail."""
        return default_app(MAILTO) == DESKTOP_ID

    def make_default_mail_program(self) -> Made:
        """Name qtmail in the user's mimeapps.list, and write a desktop entry if it has none. Raises
        SystemRefused.
        """
        with refusing("qtmail could not be made the default mail program.", advice=_ADVICE):
            ensure_entry()
            make_default(DESKTOP_ID, (MAILTO, MESSAGE))
        return Made.DONE

    def follow_program(self) -> None:
        """Let what an earlier copy of this program arranged lead to this one, where that copy is gone: newer
        AppImages have other names, and folders are moved. Raises SystemRefused.
        """
        with refusing("qtmail could not put right what starts it.", advice=_ADVICE):
            renew_lost_entry()
            entry = own_autostart(DESKTOP_ID)
            if is_written_here(entry) and lost_program(entry):
                in_tray = _IN_TRAY in exec_words(entry.get(ENTRY, "Exec") or "")
                add_autostart(DESKTOP_ID, starting(entry, *([_IN_TRAY] if in_tray else [])))


class FlatpakIntegration:
    """In the sandbox of Flatpak neither can be arranged or known: the directories in which the desktop keeps
    these settings are not shown there. A portal on D-Bus takes requests for a start at sign-in, but does not
    say afterwards how things stand; for default programs there is none.
    """

    def starts_at_sign_in(self) -> None:
        """Not known."""

    def start_at_sign_in(self, wanted: bool, *, in_tray: bool) -> None:
        """Raises SystemRefused."""
        raise SystemRefused(
            "qtmail runs in a Flatpak sandbox and cannot arrange what starts at sign-in.",
            advice="Add qtmail to the startup applications in the settings of your desktop.",
            retry=Retry.NEVER,
        )

    def is_default_mail_program(self) -> None:
        """Not known."""

    def make_default_mail_program(self) -> Made:
        """Raises SystemRefused."""
        raise SystemRefused(
            "qtmail runs in a Flatpak sandbox and cannot choose the default mail program.",
            advice="Choose qtmail under “Default Applications” in the settings of your desktop.",
            retry=Retry.NEVER,
        )


def _entry_at_sign_in(*, in_tray: bool) -> KeyFile:
    entry = KeyFile()
    for key, value in (
        ("Type", "Application"),
        ("Name", "qtmail"),
        ("Icon", APP_ID),
        ("Terminal", "false"),
        (GNOME_SWITCH, "true"),
    ):
        entry.set(ENTRY, key, value)
    return starting(entry, *([_IN_TRAY] if in_tray else []))
