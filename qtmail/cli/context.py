"""What most commands need: the profile's store, credentials, and an account chosen by name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qtmail.cli.output import say
from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.engine.imap_backend import ImapBackend, tls_trust
from qtmail.errors import UsageError
from qtmail.log import ProtocolLog
from qtmail.paths import default_profile_directory
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store


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


def choose_accounts(store: Store, name: str | None) -> list[Account]:
    """The account named, or all. Raises UsageError where there is none."""
    accounts = [find_account(store, name)] if name else store.accounts.list()
    if not accounts:
        raise UsageError("There is no account yet.", advice="Add one with “qtmail account add”.")
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


@contextmanager
def signed_in(
    store: Store, account: Account, password: str | None, log: ProtocolLog
) -> Iterator[ImapSession]:
    """A session of this account, logged out at the end."""
    credentials = Credentials()
    if password is not None:
        credentials.session(account, password)
    session = ImapBackend(account, credentials=credentials, trust=tls_trust(store), protocol_log=log).open()
    try:
        yield session
        session.logout()
    finally:
        session.close()
