"""What most commands need: the profile's store, credentials, and an account chosen by name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qtmail.cli.output import say
from qtmail.cli.secret_input import open_credentials
from qtmail.domain.account import Account
from qtmail.engine.certificates import tls_trust
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.secrets import Secrets, secrets_of
from qtmail.errors import UsageError
from qtmail.log import ProtocolLog
from qtmail.paths import default_profile_directory
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store

NO_ACCOUNT = "There is no account yet. Add one with “qtmail account add”."


def profile_directory(arguments: argparse.Namespace) -> Path:
    """The profile named on the command line, or the user's own."""
    named: Path | None = arguments.profile
    return named if named is not None else default_profile_directory()


@contextmanager
def open_store(arguments: argparse.Namespace) -> Iterator[Store]:
    """The profile's store; what opening it had to repair is said."""
    store = Store.open(profile_directory(arguments))
    try:
        for note in store.notes:
            say(note)
        yield store
    finally:
        store.close()


def find_account(store: Store, name: str) -> Account:
    """The account of this name or address. Raises UsageError."""
    account = store.accounts.find(name)
    if account is None:
        raise UsageError(
            f"There is no account “{name}”.", advice="“qtmail account list” shows those there are."
        )
    return account


def choose_account(store: Store, name: str | None) -> Account:
    """The account named, or the only one there is. Raises UsageError."""
    accounts = choose_accounts(store, name)
    if len(accounts) > 1:
        raise UsageError(
            f"There are {len(accounts)} accounts.",
            advice="Name one of them; “qtmail account list” shows them.",
        )
    return accounts[0]


def choose_accounts(store: Store, name: str | None) -> list[Account]:
    """The account named, or all. Raises UsageError where there is none."""
    accounts = [find_account(store, name)] if name else store.accounts.list()
    if not accounts:
        raise UsageError(NO_ACCOUNT)
    return accounts


def read_password(arguments: argparse.Namespace) -> str | None:
    """The first line of standard input if --password-stdin was given. Raises UsageError when it is empty."""
    if not arguments.password_stdin:
        return None
    # As bytes: what the text layer reads ahead would be missing from a message that follows.
    password = sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")
    if not password:
        raise UsageError("--password-stdin was given, but standard input holds no password.")
    return password


def secrets_for(
    store: Store, accounts: Iterable[Account] = (), password: str | None = None, *, sending: bool = False
) -> Secrets:
    """What accounts sign in with; once for each command, because it may ask for the master password.

    Args:
        accounts: those that a password given now belongs to; it goes before what is kept.
        sending: it is also for the servers mail is handed in to.
    """
    secrets = secrets_of(store, open_credentials(store.directory))
    if password is not None:
        for account in accounts:
            secrets.keep_password(account, password, remember=False)
            if sending:
                secrets.keep_password(account, password, remember=False, sending=True)
    return secrets


@contextmanager
def signed_in(store: Store, account: Account, secrets: Secrets, log: ProtocolLog) -> Iterator[ImapSession]:
    """A session of this account, logged out at the end."""
    session = ImapBackend(account, secrets=secrets, trust=tls_trust(store), protocol_log=log).open()
    try:
        yield session
        session.logout()
    finally:
        session.close()
