"""What desktops hand over on the command line: mailto: links, paths, and addresses of files (RFC 8089)."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from urllib.parse import unquote

from qtmail.errors import UsageError

_FILE_URL = re.compile(r"file:(?://([^/\\]*))?(?=[/\\])", re.IGNORECASE)
_WINDOWS = os.name == "nt"
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")
_SHARE = re.compile(r"[/\\](?:[/\\]|\?)")
"""How Windows names what may be on another computer, shares above all."""


def as_paths_and_links(words: Sequence[str]) -> list[str]:
    """The words of the command line, each as `as_path_or_link` makes it.

    Raises:
        UsageError: as there; or on Windows a link comes together with the path of another computer. Windows
            puts the link into the command as it is, so that one with quotes in it becomes several words.
    """
    found = [as_path_or_link(word) for word in words]
    if _WINDOWS and any(map(is_mail_link, found)):
        for word in filter(_SHARE.match, found):
            raise _on_another_computer(word)
    return found


def is_mail_link(word: str) -> bool:
    """Whether it is an address to write to (RFC 6068)."""
    return word.lower().startswith("mailto:")


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
            raise _no_address(word)
        return word
    host, encoded = found[1] or "", word[found.end() :]
    # Any byte may stand in a file name, also those that are not UTF-8: as Python itself names such files.
    path = unquote(encoded, errors="surrogateescape")
    if not _is_this_computer(host) or path.startswith(("//", "\\\\", "/\\", "\\/")):
        raise _on_another_computer(word)
    if "\0" in path or (_WINDOWS and not _DRIVE.match(path)):
        raise _no_address(word)
    return path[1:] if _WINDOWS else path


def _on_another_computer(word: str) -> UsageError:
    return UsageError(
        f"“{word}” is on another computer, and is not opened from there.",
        advice="Copy the file to this computer and open it then.",
    )


def _no_address(word: str) -> UsageError:
    return UsageError(f"“{word}” is not the address of a file.", advice="Name the file by its path.")


def _is_this_computer(host: str) -> bool:
    return host.lower() in ("", "localhost", socket.gethostname().lower())
