"""What the window asks about accounts that are there, for `FakeMailService`: changes are made to the list of
accounts, everything else is kept to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qtmail.domain.account import Account, FolderPolicy, Pop3Policy
from qtmail.domain.account_settings import Exemption, Imported, SettingsFile
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import FolderSettings, SpecialUse
from qtmail.domain.oauth import Permission
from qtmail.domain.removal import Removal
from qtmail.engine.doctor_report import report_text
from qtmail.errors import QtmailError, VaultLocked
from qtmail.workers.bridge import EngineBridge


class FakeSettingsRequests:
    """The part of the fake mail service that the account settings ask.

    Attributes:
        folders: what `folder_settings` answers, by account.
        allowed_exemptions: what `exemptions` answers; withdrawn: what was taken back.
        folder_policies, special_folders: what was decided about folders, in order.
        deletions: what `server_deletions` answers; asked_deletions: the rules it was asked about.
        removals: what `removal` answers, by account; removed: (id, keep_mail, drop_unsent).
        permissions: (id, permission, remember) of each `keep_permission`.
        master_password: the one that opens the file with the passwords; vault_forgotten: it was put aside.
        checks, computer_checks: checks of connections, and of this computer, that wait for their verdicts.
        exported: (path, passphrase, preferences); imported: (path, passphrase); imported_exemptions: whether
            the last one was to bring what the file allows servers.
        settings_file, import_result: what reading and importing a file answer; a fault is told as one.
    """

    bridge: EngineBridge
    _accounts: list[Account]

    def __init__(self) -> None:
        super().__init__()
        self.folders: dict[int, list[FolderSettings]] = {}
        self.allowed_exemptions: dict[int, list[Exemption]] = {}
        self.withdrawn: list[Exemption] = []
        self.folder_policies: list[tuple[int, bytes, FolderPolicy]] = []
        self.special_folders: list[tuple[int, SpecialUse, bytes]] = []
        self.deletions: int | None = None
        self.asked_deletions: list[tuple[int, Pop3Policy]] = []
        self.removals: dict[int, Removal] = {}
        self.removed: list[tuple[int, bool, bool]] = []
        self.permissions: list[tuple[int, Permission, bool]] = []
        self.master_password = "open sesame"
        self.vault_forgotten = False
        self.imported_exemptions = False
        self.checks: list[tuple[int, Callable[[list[Verdict]], None]]] = []
        self.computer_checks: list[Callable[[list[Verdict]], None]] = []
        self.exported: list[tuple[Path, str | None, Mapping[str, str]]] = []
        self.imported: list[tuple[Path, str | None]] = []
        self.settings_file: SettingsFile | QtmailError = SettingsFile(())
        self.import_result: Imported | QtmailError = Imported(())

    # -- accounts

    def update_account(self, account: Account) -> None:
        self._accounts[:] = [account if one.id == account.id else one for one in self._accounts]
        self._tell_accounts()

    def set_enabled(self, account_id: int, enabled: bool) -> None:
        account = next(one for one in self._accounts if one.id == account_id)
        self.update_account(replace(account, enabled=enabled))

    def arrange_accounts(self, account_ids: Sequence[int]) -> None:
        order = list(account_ids)
        self._accounts.sort(key=lambda one: order.index(one.id))
        self._tell_accounts()

    def removal(self, account_id: int, done: Callable[[Removal], None]) -> None:
        account = next(one for one in self._accounts if one.id == account_id)
        done(self.removals.get(account_id, Removal(account, 0, 0, 0)))

    def remove_account(self, account_id: int, *, keep_mail: bool = True, drop_unsent: bool = False) -> None:
        self.removed.append((account_id, keep_mail, drop_unsent))
        self._accounts[:] = [one for one in self._accounts if one.id != account_id]
        self._tell_accounts()

    def keep_permission(self, account_id: int, permission: Permission, *, remember: bool) -> None:
        self.permissions.append((account_id, permission, remember))

    def has_vault(self) -> bool:
        return bool(self.master_password)

    def unlock_vault(
        self, master_password: str, done: Callable[[], None], failed: Callable[[QtmailError], None]
    ) -> None:
        if master_password == self.master_password:
            done()
        else:
            failed(VaultLocked("This is not the master password.", advice="Enter it again."))

    def change_master_password(
        self, old: str, new: str, done: Callable[[], None], failed: Callable[[QtmailError], None]
    ) -> None:
        def change() -> None:
            self.master_password = new
            done()

        self.unlock_vault(old, change, failed)

    def forget_vault(self, done: Callable[[], None], failed: Callable[[QtmailError], None]) -> None:
        self.vault_forgotten = True
        done()

    def check_connection(self, account_id: int, done: Callable[[list[Verdict]], None]) -> None:
        self.checks.append((account_id, done))

    def check_computer(self, done: Callable[[list[Verdict]], None]) -> None:
        self.computer_checks.append(done)

    def connection_report(self, account: Account, verdicts: Sequence[Verdict], toolkit: str) -> str:
        return report_text(account, verdicts, toolkit=toolkit)

    # -- folders, servers

    def folder_settings(self, account_id: int, done: Callable[[list[FolderSettings]], None]) -> None:
        done(self.folders.get(account_id, []))

    def set_folder_policy(self, account_id: int, wire_name: bytes, policy: FolderPolicy) -> None:
        self.folder_policies.append((account_id, wire_name, policy))

    def choose_special_folder(self, account_id: int, use: SpecialUse, wire_name: bytes) -> None:
        self.special_folders.append((account_id, use, wire_name))

    def exemptions(self, account_id: int, done: Callable[[list[Exemption]], None]) -> None:
        done(self.allowed_exemptions.get(account_id, []))

    def withdraw(self, exemption: Exemption) -> None:
        self.withdrawn.append(exemption)

    def server_deletions(
        self, account_id: int, policy: Pop3Policy, done: Callable[[int | None], None]
    ) -> None:
        self.asked_deletions.append((account_id, policy))
        done(self.deletions)

    # -- settings in a file

    def export_settings(
        self,
        path: Path,
        *,
        passphrase: str | None,
        preferences: Mapping[str, str],
        done: Callable[[Path], None],
        failed: Callable[[QtmailError], None],
    ) -> None:
        self.exported.append((path, passphrase, preferences))
        done(path)

    def read_settings(
        self, path: Path, done: Callable[[SettingsFile], None], failed: Callable[[QtmailError], None]
    ) -> None:
        answer = self.settings_file
        if isinstance(answer, QtmailError):
            failed(answer)
        else:
            done(answer)

    def import_settings(
        self,
        path: Path,
        passphrase: str | None,
        done: Callable[[Imported], None],
        failed: Callable[[QtmailError], None],
        *,
        exemptions: bool = False,
    ) -> None:
        self.imported.append((path, passphrase))
        self.imported_exemptions = exemptions
        answer = self.import_result
        if isinstance(answer, QtmailError):
            failed(answer)
            return
        self._accounts.extend(answer.added)
        self._tell_accounts()
        done(answer)

    def _tell_accounts(self) -> None:
        self.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.ACCOUNTS})))
