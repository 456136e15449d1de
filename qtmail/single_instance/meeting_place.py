"""Where the first start on a profile listens, and how later ones learn of it."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ADDRESS_NAME = "window.address"
_SOCKET_NAME = "window.socket"
_LONGEST_ADDRESS = 4096


class MeetingPlace:
    """A file in the profile holds the address the first start listens at.

    Only the user can write there, so the address can be believed. One that is left from a process that died,
    or half written, leads to nobody.
    """

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._file = profile / _ADDRESS_NAME
        self._folder: Path | None = None
        """The one that was made outside of the profile."""

    def candidates(self) -> Iterator[str]:
        """Names to listen under, the best first; those after it are for when it does not work.

        In the profile, which every start can see, also out of a container; elsewhere if that path is too long
        for a socket (unix(7): 104 to 108 bytes) or the disk cannot hold one. Names elsewhere are new each
        time: nobody can have taken them before. Raises OSError.
        """
        if sys.platform == "win32":
            yield f"qtmail-{secrets.token_hex(16)}"
            return
        yield str(self._profile.resolve() / _SOCKET_NAME)
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
        usable = runtime.is_absolute() and runtime.is_dir()
        self._folder = Path(tempfile.mkdtemp(prefix="qtmail-", dir=runtime if usable else None))
        yield str(self._folder / _SOCKET_NAME)

    def publish(self, address: str) -> None:
        """Raises OSError."""
        self._file.write_bytes(os.fsencode(address))

    def address(self) -> str:
        """Where the first start listens; "" if that is not known yet, or another user's process does."""
        try:
            with self._file.open("rb") as file:
                address = os.fsdecode(file.read(_LONGEST_ADDRESS))
            ours = sys.platform == "win32" or _is_own_socket(address)
        except (OSError, ValueError):  # ValueError: zeros, as a crash of the system leaves them
            return ""
        return address if ours else ""

    def forget(self) -> None:
        """Nobody listens here any more: remove what says so, and the folder made outside of the profile.

        One that a dead process made there is left to the system, which clears such places: the profile may be
        a copy, and what its file names be in use.
        """
        with suppress(OSError):
            self._file.unlink()
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / _SOCKET_NAME).unlink(missing_ok=True)
                self._folder.rmdir()


def _is_own_socket(address: str) -> bool:
    """Whether this user made it. Qt takes a relative name for one in the folder that all users share.

    Raises OSError, and ValueError for what cannot be a path.
    """
    return Path(address).is_absolute() and os.lstat(address).st_uid == os.geteuid()
