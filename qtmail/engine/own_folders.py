"""Folders on this computer that the user makes, renames and removes."""

from __future__ import annotations

from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse, shown_path
from qtmail.engine.folder_names import NameRefused, check_path, is_below, same_path
from qtmail.engine.local_projection import LocalProjection
from qtmail.errors import Layer, QtmailError, UsageError
from qtmail.store.local_folders import DELIMITER
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction


def create_folder(store: Store, account_id: int, path: str) -> Folder:
    """Make a folder, and those above it that are missing.

    Raises NameRefused where it cannot be called so or is there already, and UsageError for an account whose
    folders are on a server.
    """
    account = store.accounts.get(account_id)
    if account is None or not account.keeps_mail_here:
        raise UsageError("Folders can be made only where mail is kept on this computer.")
    path = check_path(path)
    with store.user_transaction() as tx:
        folders = store.local_folders.list(account_id)
        _refuse_taken(path, folders)
        wire_name = _add(store, tx, account_id, path, folders)
    LocalProjection(store).show_folders(account_id)
    return _shown(store, account_id, wire_name)


def rename_folder(store: Store, folder_id: int, path: str) -> None:
    """Call a folder otherwise, or put it elsewhere in the tree, with all that is below it.

    Raises NameRefused where it cannot be called so, and QtmailError when it is gone or must keep its name.
    """
    path = check_path(path)
    with store.user_transaction() as tx:
        account_id, folder, folders = _own(store, folder_id)
        if is_below(path, folder.path):
            raise NameRefused(f"“{shown_path(folder.path)}” cannot be put into itself.")
        branch = _branch(folder, folders)
        others = [one for one in folders if one not in branch]
        _refuse_taken(path, others)
        if above := path.rpartition(DELIMITER)[0]:
            if not any(same_path(one.path, above) for one in others):
                _add(store, tx, account_id, above, others)
            path = _spelled(path, others)
        for one in branch:
            moved = check_path(path + one.path[len(folder.path) :])
            store.local_folders.rename(tx, account_id, one.wire_name, moved)
    LocalProjection(store).show_folders(account_id)


def remove_folder(store: Store, folder_id: int) -> int:
    """Remove a folder and those below it; their messages go to the trash. Returns how many did.

    Raises QtmailError when it is gone or is needed.
    """
    with store.user_transaction() as tx:
        account_id, folder, folders = _own(store, folder_id)
        trash = store.local_folders.ensure(tx, account_id, SpecialUse.TRASH)
        moved = 0
        for one in _branch(folder, folders):
            moved += store.local_messages.move_folder(tx, account_id, one.wire_name, account_id, trash)
            store.local_folders.remove(tx, account_id, one.wire_name)
    LocalProjection(store).show(account_id)
    return moved


def _own(store: Store, folder_id: int) -> tuple[int, RemoteFolder, list[RemoteFolder]]:
    """The account of a folder that the user made, the folder, and all folders of the account."""
    shown = store.folders.get(folder_id)
    folders = store.local_folders.list(shown.account_id) if shown is not None else []
    folder = next((one for one in folders if shown and one.wire_name == shown.wire_name), None)
    if shown is None or folder is None:
        raise QtmailError("The folder is no longer there.", layer=Layer.FOLDER)
    if any(one.special_use for one in _branch(folder, folders)):
        raise UsageError(f"qtmail needs the folder “{shown_path(folder.path)}”; it stays as it is.")
    return shown.account_id, folder, folders


def _branch(folder: RemoteFolder, folders: list[RemoteFolder]) -> list[RemoteFolder]:
    """A folder and those below it."""
    name = folder.wire_name
    return [one for one in folders if one.wire_name == name or is_below(one.path, folder.path)]


def _refuse_taken(path: str, folders: list[RemoteFolder]) -> None:
    taken = next((one for one in folders if same_path(one.path, path)), None)
    if taken is not None:
        raise NameRefused(f"There is already a folder “{shown_path(taken.path)}”.")


def _add(store: Store, tx: Transaction, account_id: int, path: str, folders: list[RemoteFolder]) -> bytes:
    """Make a folder, those above it first; returns its wire name."""
    above = path.rpartition(DELIMITER)[0]
    if above and not any(same_path(one.path, above) for one in folders):
        _add(store, tx, account_id, above, folders)
    return store.local_folders.add(tx, account_id, _spelled(path, folders)).wire_name


def _spelled(path: str, folders: list[RemoteFolder]) -> str:
    """A path with the folders above it spelled as they are."""
    above, _, name = path.rpartition(DELIMITER)
    if not above:
        return path
    known = next((one.path for one in folders if same_path(one.path, above)), None)
    return f"{known if known is not None else _spelled(above, folders)}{DELIMITER}{name}"


def _shown(store: Store, account_id: int, wire_name: bytes) -> Folder:
    return next(one for one in store.folders.list(account_id) if one.wire_name == wire_name)
