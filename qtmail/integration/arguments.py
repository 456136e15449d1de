"""What desktops hand over on the command line: mailto: links, paths, and addresses of files (RFC 8089)."""

from __future__ import annotations

import os
import re
import socket
from urllib.parse import unquote

from qtmail.errors import UsageError

_FILE_URL = re.compile(r"file:(?://([^/\\]*))?(?=[/\\])", re.IGNORECASE)
_WINDOWS = os.name == "nt"
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")


def as_path_or_link(word: str) -> str:
    """A word of the command line with a file: address turned into a path of this system; others stay.

    A desktop entry with %U gets files as addresses.

    Raises:
        UsageError: the address names another computer, or holds what no path can hold. To open what lies
            elsewhere could sign in there in the user's name, without a question (SMB on Windows).
    """
    found = _FILE_URL.match(word)
    if found is None:
        if word.lower().startswith("file:"):
            raise UsageError(f"“{word}” is not the address of a file.", advice="Name the file by its path.")
        return word
    host, encoded = found[1] or "", word[found.end() :]
    # Any byte may stand in a file name, also those that are not UTF-8: as Python itself names such files.
    path = unquote(encoded, errors="surrogateescape")
    if not _is_this_computer(host) or path.startswith(("//", "\\\\", "/\\", "\\/")):
        raise UsageError(
            f"“{word}” is on another computer, and is not opened from there.",
            advice="Copy the file to this computer and open it then.",
        )
    if "\0" in path:
        raise UsageError(f"“{word}” is not the address of a file.", advice="Name the file by its path.")
    return path[1:] if _WINDOWS and _DRIVE.match(path) else path


def _is_this_computer(host: str) -> bool:
    return host.lower() in ("", "localhost", socket.gethostname().lower())
