"""Keyrings for tests; chosen, as a user would choose one, by PYTHON_KEYRING_BACKEND."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import NamedTemporaryFile

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class FileKeyring(KeyringBackend):
    """Keeps passwords in clear in the test's own home directory, so that child processes see them too."""

    priority = 0.1  # never chosen by itself

    def __init__(self, home: Path | None = None) -> None:
        super().__init__()
        self._home = home

    @property
    def _path(self) -> Path:
        return (self._home or Path.home()) / "test-keyring.json"

    def _load(self) -> dict[str, str]:
        return dict(json.loads(self._path.read_text("utf-8"))) if self._path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._load().get(f"{service}\n{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._save(self._load() | {f"{service}\n{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        passwords = self._load()
        if passwords.pop(f"{service}\n{username}", None) is None:
            raise PasswordDeleteError("no such password")
        self._save(passwords)

    def _save(self, passwords: dict[str, str]) -> None:
        """At once: other threads and processes must not read half of it."""
        with NamedTemporaryFile("w", dir=self._path.parent, delete=False, encoding="utf-8") as file:
            json.dump(passwords, file)
        Path(file.name).replace(self._path)


class LockedKeyring(KeyringBackend):
    """A keyring that is there but will not open, like GNOME's without a display to ask on."""

    priority = 0.1

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the collection is locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("the collection is locked")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("the collection is locked")
