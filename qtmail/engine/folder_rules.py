"""What the folders of one account do otherwise than it: what the user chose them for, what is kept of them,
how often they are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from qtmail.domain.account import Account, BodyPolicy, FolderPolicy
from qtmail.domain.folder import Folder, FolderSettings, RemoteFolder, SpecialUse
from qtmail.store.store import Store

CHOOSABLE = (
    SpecialUse.DRAFTS,
    SpecialUse.SENT,
    SpecialUse.ARCHIVE,
    SpecialUse.JUNK,
    SpecialUse.TRASH,
)
"""What the user may choose another folder for than the server does."""

_AS_THE_ACCOUNT = FolderPolicy()


class FolderRules:
    """The rules of one account's folders, for the thread that walks them."""

    def __init__(self, store: Store, account: Account, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._account = account
        self._clock = clock
        self._policies: dict[bytes, FolderPolicy] = {}
        self._walked: dict[int, float] = {}  # by folder id: when it was last brought in step
        self._intervals: dict[int, int] = {}

    def refresh(self, folders: Collection[Folder]) -> None:
        """Learn what the user has changed meanwhile, and forget folders that are gone.

        Raises StoreFailed.
        """
        self._policies = self._store.accounts.folder_policies(self._account.id)
        self._walked = {folder.id: self._walked[folder.id] for folder in folders if folder.id in self._walked}
        self._intervals = {folder.id: self._interval(folder) for folder in folders}

    def bodies(self, folder: Folder) -> BodyPolicy:
        """Which bodies of a folder are kept."""
        return self._policy(folder).bodies or self._account.sync.bodies

    def walked(self, folder: Folder) -> None:
        """A folder was looked at."""
        self._walked[folder.id] = self._clock()

    def is_due(self, folder: Folder) -> bool:
        """Whether it is time to look at a folder again."""
        return self._seconds_left(folder.id) <= 0.0

    def seconds_to_next(self) -> float:
        """How long no folder is due; the account's interval while it has none."""
        left = (self._seconds_left(folder_id) for folder_id in self._intervals)
        return max(0.0, min(left, default=float(self._account.sync.poll_seconds)))

    def _seconds_left(self, folder_id: int) -> float:
        if folder_id not in self._walked:
            return 0.0
        since = self._clock() - self._walked[folder_id]
        # By the clock on the wall, which goes on while the computer sleeps; where it was set back, now.
        return self._intervals[folder_id] - since if since >= 0.0 else 0.0

    def _interval(self, folder: Folder) -> int:
        return self._policy(folder).poll_seconds or self._account.sync.poll_seconds

    def _policy(self, folder: Folder) -> FolderPolicy:
        return self._policies.get(folder.wire_name, _AS_THE_ACCOUNT)


def as_chosen(remote: Iterable[RemoteFolder], chosen: Mapping[SpecialUse, bytes]) -> list[RemoteFolder]:
    """What a server listed, with the user's word on which folder is for what.

    A chosen folder that is not there changes nothing. The inbox stays the inbox (RFC 9051 section 5.1).
    """
    folders = list(remote)
    names = {
        folder.wire_name
        for folder in folders
        if folder.selectable and folder.special_use is not SpecialUse.INBOX
    }
    by_name = {name: use for use, name in chosen.items() if use in CHOOSABLE and name in names}
    uses = set(by_name.values())

    def use_of(folder: RemoteFolder) -> SpecialUse | None:
        if folder.wire_name in by_name:
            return by_name[folder.wire_name]
        return None if folder.special_use in uses else folder.special_use

    return [replace(folder, special_use=use_of(folder)) for folder in folders]


def folder_settings(store: Store, account_id: int) -> list[FolderSettings]:
    """The folders of an account with their rules, in the order of their paths."""
    policies = store.accounts.folder_policies(account_id)
    chosen = {name: use for use, name in store.accounts.special_folders(account_id).items()}
    return [
        FolderSettings(folder, policies.get(folder.wire_name, _AS_THE_ACCOUNT), chosen.get(folder.wire_name))
        for folder in store.folders.list(account_id)
        if folder.selectable
    ]


def choose_special_folder(store: Store, account_id: int, use: SpecialUse, wire_name: bytes) -> None:
    """Use a folder for a purpose from now on; b"": the one the server names, from the next sync on.

    Raises ValueError for a purpose that is not one of CHOOSABLE.
    """
    if use not in CHOOSABLE:
        raise ValueError(f"no folder can be chosen for {use}")
    with store.user_transaction() as tx:
        for other, name in store.accounts.special_folders(account_id).items():
            if wire_name and name == wire_name:  # a folder is for one purpose
                store.accounts.choose_special_folder(tx, account_id, other, b"")
        store.accounts.choose_special_folder(tx, account_id, use, wire_name)
    known = [
        RemoteFolder(
            folder.wire_name,
            folder.path,
            folder.delimiter,
            folder.special_use,
            folder.selectable,
            folder.subscribed,
        )
        for folder in store.folders.list(account_id)
    ]
    with store.cache_transaction() as tx:
        store.folders.reconcile(tx, account_id, as_chosen(known, store.accounts.special_folders(account_id)))
