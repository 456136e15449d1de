"""All settings in one file: what the window may ask. Every method returns at once; answers come on the GUI
thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from qtmail.domain.account_settings import Imported, SettingsFile
from qtmail.errors import KeyringFailed
from qtmail.workers.account_requests import AccountRequests
from qtmail.workers.setup_requests import Failed


class SettingsRequests(AccountRequests):
    """The part of the mail service that is about files with settings."""

    # Few need these, and they take 20 ms to import: not at every start.

    def export_settings(
        self,
        path: Path,
        *,
        passphrase: str | None,
        preferences: Mapping[str, str],
        done: Callable[[Path], None],
        failed: Failed,
    ) -> None:
        """Write all settings into a file, with the passwords under a passphrase, or, if that is None, without
        them.
        """
        from qtmail.engine.settings_file import export_settings  # noqa: PLC0415 - see above

        def export() -> Path:
            export_settings(
                self._store, self._credentials, path, passphrase=passphrase, preferences=preferences
            )
            return path

        self._passwords.submit(export, done, failed)  # where the keyring may take its time

    def read_settings(self, path: Path, done: Callable[[SettingsFile], None], failed: Failed) -> None:
        """What is in a file, before anything of it is taken."""
        from qtmail.engine.settings_file import read_settings  # noqa: PLC0415 - see above

        self.background.submit(lambda: read_settings(self._store, path), done, failed)

    def import_settings(
        self,
        path: Path,
        passphrase: str | None,
        done: Callable[[Imported], None],
        failed: Failed,
        *,
        exemptions: bool = False,
    ) -> None:
        """Add what is in a file and not here yet, and start the accounts that came; a password that cannot be
        kept is used for this session and said so.

        Args:
            exemptions: also what the file allows servers beyond the usual; the user has seen it.
        """
        from qtmail.engine.settings_file import import_settings  # noqa: PLC0415 - see above

        unkept: list[KeyringFailed] = []

        def take() -> Imported:
            return import_settings(
                self._store,
                self._credentials,
                path,
                passphrase,
                exemptions=exemptions,
                unkept=unkept.append,
            )

        def taken(result: Imported) -> None:
            for account in result.added:
                self._start_account(account)
            for error in unkept[:1]:  # the others say the same
                self._say(error)
            done(result)

        self._passwords.submit(take, taken, failed)
