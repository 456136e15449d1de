"""Passwords and refresh tokens: in the system's keyring, in a file behind a master password, or in memory for
this session.

Nothing here may be called on the GUI thread: a locked keyring asks the user to unlock it and blocks until
they did. Where there is no keyring, passwords last for the session, and `unusable_reason` says so in words;
or the user has a file made (`create_vault`), which from then on goes before the keyring.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qtmail.credentials.places import (
    PasswordStore,
    Place,
    find_place,
    incoming_purpose,
    one_password,
    place_of,
    places_of,
)
from qtmail.credentials.system_keyring import SESSION_ONLY, SystemKeyring
from qtmail.credentials.vault import VAULT_NAME, Vault
from qtmail.domain.account import Account
from qtmail.errors import KeyringFailed, VaultLocked

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


class Credentials:
    """The passwords of accounts, by server and user name, and the permission an account has from its OAuth
    provider (purpose "oauth"). Safe to use from several threads.

    Args:
        backend: the keyring to use instead of the one the user configured.
        profile: the folder in which a file with passwords may be; None: there is none, nor can be.
    """

    def __init__(self, backend: KeyringBackend | None = None, *, profile: Path | None = None) -> None:
        self._keyring = SystemKeyring(backend)
        self._vault = Vault(profile / VAULT_NAME) if profile is not None else None
        self._session: dict[Place, str] = {}
        self._owed: set[Place] = set()
        self._session_lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Credentials with {len(self._session)} session passwords>"

    def usable(self) -> bool:
        """Whether passwords can be remembered beyond this session."""
        return not self.unusable_reason()

    def unusable_reason(self) -> str:
        """Why passwords cannot be remembered, as a sentence for the user; "" when they can, if need be after
        a master password was entered.
        """
        return "" if self.vault_exists else self._keyring.unusable_reason()

    # -- the file behind a master password

    @property
    def vault_exists(self) -> bool:
        return self._vault is not None and self._vault.exists

    @property
    def vault_locked(self) -> bool:
        """Whether there is a file with passwords, and its master password is needed."""
        return self._vault is not None and self._vault.locked

    def create_vault(self, master: str) -> None:
        """From now on passwords are remembered in a file that this master password locks.

        Raises UsageError where it is too easy to guess, KeyringFailed where there is a file, or cannot be.
        """
        self._the_vault().create(master)

    def unlock(self, master: str) -> None:
        """Raises VaultLocked where this is not the master password, KeyringFailed where there is no file that
        can be read; what was to be remembered meanwhile is put into it.
        """
        self._the_vault().unlock(master)
        self._pay()

    def lock(self) -> None:
        """Ask for the master password again; what is known for this session stays known."""
        if self._vault is not None:
            self._vault.lock()

    def change_master(self, old: str, new: str) -> None:
        """Raises VaultLocked where the old one is wrong, UsageError where the new one is too easy to guess,
        KeyringFailed.
        """
        self._the_vault().change_master(old, new)

    def forget_vault(self) -> Path | None:
        """Start again without the passwords in the file; it is kept under the name that is returned.

        Raises KeyringFailed.
        """
        return self._the_vault().set_aside()

    # -- passwords

    def get(self, account: Account, purpose: str = "imap") -> str | None:
        """The password for one of an account's servers ("imap", "pop3", "smtp"), or None when none is known.

        An SMTP server without a password of its own gets that of the server mail comes from, if it is the
        same user's in the same domain.

        Raises KeyringFailed when the keyring is locked or fails, VaultLocked.
        """
        found = self._find(place_of(account, purpose))
        if found is None and purpose == "smtp" and one_password(account):
            found = self._find(place_of(account, incoming_purpose(account)))
        return found

    def all(self, account: Account) -> dict[str, str]:
        """Everything that is known of an account, by purpose. Raises KeyringFailed, VaultLocked."""
        found = {purpose: self._find(place) for purpose, place in places_of(account).items()}
        return {purpose: text for purpose, text in found.items() if text is not None}

    def user(self, account: Account, purpose: str) -> str:
        """Whose password, or permission, it is."""
        return place_of(account, purpose)[1]

    def remember(self, account: Account, password: str, purpose: str = "imap") -> None:
        """Keep a password beyond this session.

        Raises KeyringFailed, and the session password is unchanged; or VaultLocked, and it is kept in memory
        until the file is unlocked.
        """
        self._keep(place_of(account, purpose), password)

    def replace(self, account: Account, password: str, purpose: str) -> None:
        """Put a new password where the old one is: in memory, or in the keyring.

        Raises KeyringFailed; the new one is then kept in memory, and the next goes to the keyring again.
        """
        place = place_of(account, purpose)
        with self._session_lock:
            stored = place not in self._session or place in self._owed
            self._session[place] = password
            if stored:
                self._owed.add(place)
        if stored:
            self._keep(place, password)

    def session(self, account: Account, password: str, purpose: str = "imap") -> None:
        """Keep a password in memory until the program ends; it goes before the one in the keyring."""
        place = place_of(account, purpose)
        with self._session_lock:
            self._session[place] = password
            self._owed.discard(place)

    def carry_over(self, before: Account, after: Account, *, keep_for: Iterable[Account] = ()) -> None:
        """An account moved to other servers: its passwords go along, where the user is called the same. What
        it no longer uses is dropped, unless one of `keep_for` does.

        Raises KeyringFailed, and nothing is dropped; what could not be stored is kept in memory.
        """
        for old_purpose, new_purpose in (
            (incoming_purpose(before), incoming_purpose(after)),
            ("smtp", "smtp"),
        ):
            old, new = find_place(before, old_purpose), find_place(after, new_purpose)
            if old is None or new is None or old == new or old[1] != new[1]:
                continue
            password = self._find(old)
            if password is None or self._find(new) is not None:
                continue
            with self._session_lock:
                session_only = old in self._session and old not in self._owed
                self._session[new] = password
            if not session_only:
                self._keep(new, password)
        self.forget(before, keep_for=(after, *keep_for))

    def unmoved(self, before: Account, after: Account) -> bool:
        """Whether all that an account signed in with is where it was, after its settings were changed; asks
        no keyring.
        """
        return _all_places([before]) <= _all_places([after])

    def shares(self, account: Account, purpose: str, others: Iterable[Account]) -> bool:
        """Whether one of the others uses the same password, or permission, for whatever purpose."""
        return find_place(account, purpose) in _all_places(others)

    def forget(self, account: Account, *, keep_for: Iterable[Account] = ()) -> None:
        """Drop all passwords of an account, and its permission, wherever they are.

        Args:
            keep_for: what one of these uses as well stays.

        Raises KeyringFailed when the keyring is locked or fails, VaultLocked.
        """
        places = _all_places([account]) - _all_places(keep_for)
        if not places:
            return
        with self._session_lock:
            for place in places:
                self._session.pop(place, None)
            self._owed -= places
        self._delete(places)

    # -- inside

    def _stores(self) -> list[PasswordStore]:
        """Where passwords outlive the session; the first is where new ones go."""
        stores: list[PasswordStore] = []
        if self._vault is not None and self._vault.exists:
            stores.append(self._vault)
        if not self._keyring.unusable_reason():
            stores.append(self._keyring)
        return stores

    def _find(self, place: Place) -> str | None:
        with self._session_lock:
            if place in self._session:
                return self._session[place]
        found = (store.read(place) for store in self._stores())
        return next((text for text in found if text is not None), None)

    def _keep(self, place: Place, password: str) -> None:
        stores = self._stores()
        if not stores:
            raise KeyringFailed(self._keyring.unusable_reason(), advice=SESSION_ONLY)
        try:
            stores[0].write(place, password)
        except VaultLocked:
            with self._session_lock:
                self._session[place] = password
                self._owed.add(place)
            raise
        with self._session_lock:
            self._session.pop(place, None)
            self._owed.discard(place)

    def _delete(self, places: set[Place]) -> None:
        for store in self._stores():
            store.delete(places)

    def _pay(self) -> None:
        """Put into the file what was to be remembered while it was locked."""
        with self._session_lock:
            owed = {place: self._session[place] for place in self._owed if place in self._session}
        for place, password in owed.items():
            self._keep(place, password)

    def _the_vault(self) -> Vault:
        if self._vault is None:
            raise KeyringFailed("Without a profile folder there can be no file with passwords.")
        return self._vault


def _all_places(accounts: Iterable[Account]) -> set[Place]:
    return {place for account in accounts for place in places_of(account).values()}
