"""The folder of an account that serves a purpose: found in the cache, else on the server, else made."""

from __future__ import annotations

from collections.abc import Iterable

from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse
from qtmail.engine.folder_rules import as_chosen
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store


class SpecialFolder:
    """The way to one account's folder for one purpose.

    Servers that do not say what a folder is for are understood by well-known names (protocols.imap_names).
    """

    def __init__(self, store: Store, account_id: int, use: SpecialUse, name: str) -> None:
        """`name`: what to call it where there is none."""
        self._store = store
        self._account_id = account_id
        self._use = use
        self._name = name
        self._told: dict[bytes, bytes] = {}  # by what was wanted: what the server said before the cache knew

    def wire_name(self, session: ImapSession, wanted: bytes = b"") -> bytes:
        """Its wire name; that of the folder `wanted`, if it is there.

        Raises ServerRefused when the server neither has one nor lets one be made.
        """
        cached = self._among(self._store.folders.list(self._account_id), wanted)
        if cached is not None:
            return cached
        if wanted not in self._told:
            chosen = self._store.accounts.special_folders(self._account_id)
            listed = self._among(as_chosen(session.list_folders(), chosen), wanted)
            self._told[wanted] = listed or session.create_folder(self._name, self._use)
        return self._told[wanted]

    def forget(self) -> None:
        """It was refused: what the server said of it before may not hold any more."""
        self._told.clear()

    def _among(self, folders: Iterable[Folder | RemoteFolder], wanted: bytes) -> bytes | None:
        usable = [folder for folder in folders if folder.selectable]
        if any(folder.wire_name == wanted for folder in usable):
            return wanted
        return next((folder.wire_name for folder in usable if folder.special_use is self._use), None)
