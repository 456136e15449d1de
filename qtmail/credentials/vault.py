"""The file with the passwords, for computers without a password store: locked by a master password.

                 ┌────────── create, unlock ──────────┐
                 │                                    v
no file ──────> LOCKED <──lock, or the file     UNLOCKED ──> read, write, delete, change_master
    ^             │       has another key───────────  │
    └── set_aside ┴──────── damaged ──────────────────┘

The file is read anew for each question: another process (a command beside the window) may have written it.
Writers take turns by a lock on a file beside it. A damaged file is moved aside, never written over. While it
is unlocked its key is in memory; the master password is not.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from qtmail.credentials.places import Place
from qtmail.credentials.sealing import (
    Cost,
    Key,
    SealDamaged,
    SealTooNew,
    WrongPassphrase,
    key_for,
    new_key,
    seal,
    unseal,
)
from qtmail.domain.passphrase import check_passphrase
from qtmail.errors import KeyringFailed, VaultLocked
from qtmail.log import logger
from qtmail.process_lock import ProcessLock
from qtmail.whole_file import replace_file

VAULT_NAME = "secrets.vault"
_KIND = "passwords"
_LOCK_PATIENCE = 10.0
"""Seconds; a turn takes less than one."""
_LARGEST = 16 * 1024 * 1024
"""Bytes; thousands of accounts take less."""

_log = logger("vault")


class Vault:
    """Safe to use from several threads and processes. May take a second: never on the GUI thread.

    Args:
        path: of the file, which need not be there yet.
        cost: what making the key of a new file is to cost.
    """

    def __init__(self, path: Path, cost: Cost | None = None) -> None:
        self._path = path
        self._cost = cost
        self._key: Key | None = None
        self._lock = threading.RLock()
        self._turn = ProcessLock(path.with_name(f"{path.name}.lock"))

    def __repr__(self) -> str:
        return f"<Vault {self._path.name}, {'locked' if self._key is None else 'unlocked'}>"

    @property
    def exists(self) -> bool:
        return self._path.exists()

    @property
    def locked(self) -> bool:
        """Whether there is a file, and its master password is needed."""
        return self._key is None and self.exists

    # -- opening and closing

    def create(self, master: str) -> None:
        """Make the file, empty and unlocked.

        Raises UsageError where the master password is too weak, KeyringFailed where there is a file already
        or it cannot be written.
        """
        check_passphrase(master)
        with self._alone():
            if self.exists:
                raise KeyringFailed(
                    "There is a file with passwords already.", advice="Unlock it with its master password."
                )
            self._save({}, new_key(master, self._cost))

    def unlock(self, master: str) -> None:
        """Raises VaultLocked where this is not the master password, KeyringFailed where the file is gone,
        damaged or unreadable.
        """
        with self._lock:
            sealed = self._sealed()
            try:
                key = key_for(sealed, master, _KIND)
                unseal(sealed, key, _KIND)
            except WrongPassphrase:
                raise VaultLocked(
                    "This is not the master password of the file with the passwords.",
                    advice="Enter it again; capitals matter.",
                ) from None
            except (SealDamaged, SealTooNew) as error:
                raise self._unreadable(sealed, error) from error
            self._key = key

    def lock(self) -> None:
        """Forget the key."""
        with self._lock:
            self._key = None

    def change_master(self, old: str, new: str) -> None:
        """Lock the file with another master password from now on.

        Raises VaultLocked where the old one is wrong, UsageError where the new one is too weak,
        KeyringFailed.
        """
        check_passphrase(new)
        with self._alone():
            self.unlock(old)
            self._save(self._load(), new_key(new, self._cost))

    def set_aside(self) -> Path | None:
        """Start again without the passwords: the file is kept under another name, which is returned."""
        with self._alone():
            self._key = None
            return self._move_aside("old") if self.exists else None

    # -- what is in it

    def read(self, place: Place) -> str | None:
        """Raises VaultLocked, KeyringFailed; as all methods do."""
        with self._lock:
            return self._load().get(place)

    def write(self, place: Place, text: str) -> None:
        with self._alone():
            self._save(self._load() | {place: text})

    def delete(self, places: set[Place]) -> None:
        with self._alone():
            passwords = self._load()
            left = {place: text for place, text in passwords.items() if place not in places}
            if left != passwords:
                self._save(left)

    # -- inside

    def _load(self) -> dict[Place, str]:
        if self._key is None:
            raise _locked()
        sealed = self._sealed()
        try:
            content = unseal(sealed, self._key, _KIND)
            return {(service, user): text for service, user, text in json.loads(content)}
        except WrongPassphrase:
            self._key = None  # another process locked it with a new master password
            raise _locked() from None
        except (SealDamaged, SealTooNew) as error:
            raise self._unreadable(sealed, error) from error

    def _save(self, passwords: dict[Place, str], new_key: Key | None = None) -> None:
        key = new_key or self._key
        assert key is not None
        content = json.dumps([[*place, text] for place, text in sorted(passwords.items())]).encode()
        try:
            replace_file(self._path, seal(content, key, _KIND))
        except OSError as error:
            raise _unwritable(error) from error
        self._key = key

    def _sealed(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(_LARGEST)  # of a larger one, which is not ours, that much fails to open
        except FileNotFoundError:
            self._key = None
            raise KeyringFailed(
                "The file with the passwords is no longer there.", advice="Enter the passwords again."
            ) from None
        except OSError as error:
            raise KeyringFailed(
                "The file with the passwords could not be read.",
                advice=f"Check the permissions of {self._path.name} in the profile folder.",
                detail=str(error),
            ) from error

    def _unreadable(self, sealed: bytes, error: SealDamaged | SealTooNew) -> KeyringFailed:
        """What to say of a file with this content; a damaged one is out of the way after that."""
        self._key = None
        if isinstance(error, SealTooNew):
            return KeyringFailed(
                "The file with the passwords was made by a later version of qtmail.",
                advice="Start that version; until then, enter the passwords for this session.",
                detail=str(error),
            )
        with self._alone():
            # Another process may have been here first, and the file be a new one.
            aside = self._move_aside("damaged") if self._sealed() == sealed else self._path
        return KeyringFailed(
            f"The file with the passwords is damaged; it is kept as {aside.name}.",
            advice="Put a backup of it in its place, or enter the passwords again.",
            detail=str(error),
        )

    def _move_aside(self, why: str) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = self._path.with_name(f"{self._path.name}.{why}-{stamp}")
        try:
            self._path.rename(aside)
        except OSError as error:
            raise _unwritable(error) from error
        _log.warning("%s was set aside as %s", self._path.name, aside.name)
        return aside

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread of one process at a time."""
        with self._lock:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                ours = self._turn.acquire(_LOCK_PATIENCE)
            except OSError as error:
                raise _unwritable(error) from error
            if not ours:
                raise KeyringFailed(
                    "Another qtmail has been writing the file with the passwords for too long.",
                    advice="Try again.",
                )
            try:
                yield
            finally:
                self._turn.release()


def _locked() -> VaultLocked:
    return VaultLocked("The file with the passwords is locked.", advice="Enter its master password to go on.")


def _unwritable(error: OSError) -> KeyringFailed:
    return KeyringFailed(
        "The file with the passwords could not be written.",
        advice="Check that the disk is not full and that you may write into the profile folder.",
        detail=str(error),
    )
