"""Passphrases and master passwords that the command line is given; never as an argument, which every process
of the computer may read.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from qtmail.credentials import Credentials
from qtmail.errors import FileFailed, UsageError

MASTER_PASSWORD_FILE = "QTMAIL_MASTER_PASSWORD_FILE"
"""The environment variable that names a file with the master password, for commands nobody sits before."""


def open_credentials(profile: Path) -> Credentials:
    """The passwords of a profile. If they are in a file behind a master password, it is unlocked with that of
    `QTMAIL_MASTER_PASSWORD_FILE`, or the user is asked for it; where nobody can be asked it stays locked.

    Raises FileFailed, and VaultLocked where it is not the master password.
    """
    credentials = Credentials(profile=profile)
    if credentials.vault_locked:
        if named := os.environ.get(MASTER_PASSWORD_FILE):
            credentials.unlock(_first_line(Path(named)))
        elif _is_terminal():
            credentials.unlock(getpass.getpass("Master password: "))
    return credentials


def read_secret(what: str) -> str:
    """A passphrase that is there already: asked for on a terminal, else the first line of standard input.

    Args:
        what: what to ask for ("Passphrase").

    Raises UsageError when it is empty.
    """
    try:
        text = getpass.getpass(f"{what}: ") if _is_terminal() else sys.stdin.buffer.readline().decode()
    except UnicodeDecodeError:
        raise UsageError(f"{what}: what was entered is not UTF-8.") from None
    text = text.rstrip("\r\n")
    if not text:
        raise UsageError(f"{what}: nothing was entered.")
    return text


def read_new_secret(what: str) -> str:
    """As `read_secret`, for a new one: asked for twice on a terminal."""
    text = read_secret(what)
    if _is_terminal() and read_secret(f"{what}, once more") != text:
        raise UsageError("The two are not alike.", advice="Enter it again.")
    return text


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _first_line(path: Path) -> str:
    try:
        return path.expanduser().read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise FileFailed(
            f"The file with the master password, {path.name}, could not be read.",
            advice=f"Set {MASTER_PASSWORD_FILE} to a file of UTF-8 text.",
            detail=str(error),
        ) from error
