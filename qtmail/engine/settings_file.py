"""All settings in one file: written to be kept or taken to another computer, read with care."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qtmail.credentials import Credentials
from qtmail.credentials.places import Place, places_of
from qtmail.domain.account import Account
from qtmail.domain.account_settings import AcceptedCertificate, Imported, SettingsFile
from qtmail.domain.events import ChangeKind
from qtmail.domain.passphrase import check_passphrase
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.settings_json import AccountEntry, Settings, from_json, to_json
from qtmail.engine.settings_secrets import has_passwords, put_passwords, take_passwords
from qtmail.errors import FileFailed, KeyringFailed, Retry
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction
from qtmail.whole_file import replace_file

_LARGEST = 64 * 1024 * 1024
"""Bytes."""


def export_settings(
    store: Store,
    credentials: Credentials,
    path: Path,
    *,
    passphrase: str | None = None,
    preferences: Mapping[str, str] | None = None,
) -> None:
    """Write all settings into a file that only this user can read; one that is there is replaced.

    Args:
        passphrase: put the passwords into it, sealed with this; None: leave them out.
        preferences: how the window is set up.

    Raises:
        UsageError: the passphrase is too easy to guess.
        KeyringFailed, VaultLocked: the passwords cannot be read.
        FileFailed: the file cannot be written.
    """
    if passphrase is not None:
        check_passphrase(passphrase)
    document = to_json(_collect(store, preferences or {}))
    if passphrase is not None:
        put_passwords(document, _passwords(store, credentials), passphrase)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise FileFailed(
            f"The settings could not be written into {path.name}.",
            advice="Choose another folder, or check that the disk is not full.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error


def read_settings(store: Store, path: Path) -> SettingsFile:
    """What a file holds, and what of it is here already; nothing is changed.

    Raises FileFailed, in words, where it cannot be read or makes no sense.
    """
    document = _document(path)
    settings = from_json(document)
    here = _addresses(store.accounts.list())
    return SettingsFile(
        accounts=tuple(_without_numbers(entry.account) for entry in settings.accounts),
        known=frozenset(
            entry.account.address for entry in settings.accounts if entry.account.address.casefold() in here
        ),
        has_secrets=has_passwords(document),
        preferences=settings.preferences,
        exemptions=settings.exemptions,
    )


def import_settings(
    store: Store,
    credentials: Credentials,
    path: Path,
    passphrase: str | None = None,
    *,
    exemptions: bool = False,
    unkept: Callable[[KeyringFailed], None] = lambda error: None,
) -> Imported:
    """Add what a file holds and is not here yet; what is here stays as it is.

    Args:
        passphrase: of the passwords; None: the accounts come without.
        exemptions: also accept the certificates, and allow the passwords in clear text, that the file names.
            Whoever made the file can read mail on its way with these: only after the user saw them.
        unkept: told where a password lasts for this session only.

    Raises FileFailed where the file or the passphrase is wrong, and StoreFailed; nothing was added then.
    """
    document = _document(path)
    settings = from_json(document)
    passwords = take_passwords(document, passphrase) if passphrase and has_passwords(document) else {}
    with store.user_transaction() as tx:
        added, left = _add_accounts(store, tx, settings.accounts)
        _add_rest(store, tx, settings, exemptions=exemptions)
    bare = [account for account in added if not _keep(credentials, account, passwords, unkept)]
    return Imported(tuple(added), tuple(left), tuple(account.name for account in bare))


# -- out


def _collect(store: Store, preferences: Mapping[str, str]) -> Settings:
    accounts = store.accounts.list()
    numbers = {account.id: number for number, account in enumerate(accounts, 1)}
    return Settings(
        accounts=tuple(_entry(store, account, numbers) for account in accounts),
        templates=tuple(store.templates.list()),
        trusted_senders=tuple(sorted(store.senders.trusted())),
        exemptions=store.accounts.exemptions(),
        preferences=preferences,
    )


def _entry(store: Store, account: Account, numbers: Mapping[int, int]) -> AccountEntry:
    return AccountEntry(
        _renumbered(account, numbers),
        tuple(store.identities.list(account.id)),
        store.accounts.folder_policies(account.id),
        store.accounts.special_folders(account.id),
    )


def _renumbered(account: Account, numbers: Mapping[int, int]) -> Account:
    """The account by another number, and with it the one its mail goes to."""
    home = numbers.get(account.pop3_policy.deliver_to, 0)
    policy = replace(account.pop3_policy, deliver_to=home)
    return replace(account, id=numbers.get(account.id, 0), pop3_policy=policy)


def _without_numbers(account: Account) -> Account:
    return _renumbered(account, {})


# -- in


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise FileFailed(
            f"{path.name} could not be read.", advice="Choose another file.", detail=str(error)
        ) from error
    try:
        if len(content) > _LARGEST:
            raise ValueError("too large")
        document = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FileFailed(
            f"{path.name} is not a file with settings, or it is damaged.",
            advice="Choose a file that qtmail exported.",
            detail=f"{type(error).__name__}: {error}",
        ) from error
    return document if isinstance(document, dict) else {}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _addresses(accounts: Iterable[Account]) -> dict[str, int]:
    """The ids of accounts, by address."""
    return {account.address.casefold(): account.id for account in accounts}


def _add_accounts(
    store: Store, tx: Transaction, entries: Iterable[AccountEntry]
) -> tuple[list[Account], list[str]]:
    """Store the accounts that are not here yet; returns them, and the addresses of the others."""
    here = _addresses(store.accounts.list())
    new: list[Account] = []
    left: list[str] = []
    ids: dict[int, int] = {}
    for entry in entries:
        address = entry.account.address.casefold()
        if address in here:
            left.append(entry.account.address)
        else:
            here[address] = _add(store, tx, entry)
            new.append(entry.account)
        ids[entry.account.id] = here[address]
    added = [_renumbered(account, ids) for account in new]
    for account in added:
        if account.pop3_policy.deliver_to:  # which may have come after it
            store.accounts.update(tx, account)
    return added, left


def _add(store: Store, tx: Transaction, entry: AccountEntry) -> int:
    """Store an account with what belongs to it; returns its id."""
    account = store.accounts.add(tx, _without_numbers(entry.account))
    if entry.identities:
        store.identities.set(tx, account.id, entry.identities)
    for wire_name, policy in entry.folders.items():
        store.accounts.set_folder_policy(tx, account.id, wire_name, policy)
    for use, wire_name in entry.special_folders.items():
        store.accounts.choose_special_folder(tx, account.id, use, wire_name)
    tx.changed(ChangeKind.IDENTITIES)
    return account.id


def _add_rest(store: Store, tx: Transaction, settings: Settings, *, exemptions: bool) -> None:
    known = {(one.name, one.subject, one.html) for one in store.templates.list()}
    for template in settings.templates:
        if (template.name, template.subject, template.html) not in known:
            store.templates.add(tx, template)
    for address in settings.trusted_senders:
        store.senders.trust(tx, address)
    for exemption in settings.exemptions if exemptions else ():
        if isinstance(exemption, AcceptedCertificate):
            store.accounts.trust(tx, exemption.host, exemption.port, exemption.sha256)
        else:
            store.accounts.allow_clear(tx, exemption.host, exemption.port)


# -- passwords


def _passwords(store: Store, credentials: Credentials) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for account in store.accounts.list():
        places = places_of(account)
        found |= {places[purpose]: text for purpose, text in credentials.all(account).items()}
    return found


def _keep(
    credentials: Credentials,
    account: Account,
    passwords: Mapping[Place, str],
    unkept: Callable[[KeyringFailed], None],
) -> bool:
    """Keep what the file has of an account; returns whether it can sign in now."""
    found = {purpose: passwords[place] for purpose, place in places_of(account).items() if place in passwords}
    for purpose, text in found.items():
        try:
            credentials.session(account, text, purpose)
            credentials.remember(account, text, purpose)
        except KeyringFailed as error:
            unkept(error)
    if account.incoming is None and account.smtp is None:
        return True
    match account.sign_in.method:
        case SignInMethod.OAUTH:
            return "oauth" in found
        case SignInMethod.CERTIFICATE:
            return True  # its key may have no passphrase
        case SignInMethod.PASSWORD:
            return bool(found)
