"""`qtmail account add|list|password|enable|disable|remove|test|sign-in|discover`."""

from __future__ import annotations

import argparse
from dataclasses import replace

from qtmail.cli.account_options import read_account
from qtmail.cli.context import NO_ACCOUNT, find_account, open_store, read_password, secrets_for
from qtmail.cli.doctor import print_verdicts
from qtmail.cli.output import WITHOUT_STORE, print_json, print_rows, say
from qtmail.cli.secret_input import read_secret
from qtmail.domain.account import Account
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.accounts import (
    MailKeptHere,
    MailWaits,
    add_account,
    forget_account,
    unsent_mail,
    update_account,
)
from qtmail.engine.doctor import check_account
from qtmail.errors import KeyringFailed
from qtmail.store.store import Store


def run(arguments: argparse.Namespace) -> bool:
    match arguments.action:
        case "add":
            return add(arguments)
        case "list":
            return list_accounts(arguments)
        case "password":
            return keep_password(arguments)
        case "remove":
            return remove(arguments)
        case "enable" | "disable":
            return switch(arguments)
        case "sign-in" | "discover":
            from qtmail.cli import account_setup  # noqa: PLC0415 - HTTP and XML, 150 ms nobody else needs

            return account_setup.run(arguments)
        case _:
            return test(arguments)


def add(arguments: argparse.Namespace) -> bool:
    """Store an account, and its password if one is given; where that cannot be kept, say so and go on."""
    account = read_account(arguments)
    password = read_password(arguments)
    with open_store(arguments) as store:
        account = add_account(store, account)
        if password is not None:
            _keep(store, account, password)
    if arguments.json:
        print_json(_as_json(account))
    else:
        say(f"Added {account.address} ({account.server}).")
    if account.sign_in.method is SignInMethod.OAUTH:
        say(f"Now sign in: “qtmail account sign-in {account.address}”.")
    return True


def _keep(store: Store, account: Account, password: str) -> None:
    try:
        secrets_for(store).keep_password(account, password, remember=True)
    except KeyringFailed as error:
        say(f"The account is added, but its password could not be kept: {error.sentence}")
        say(f"{WITHOUT_STORE} Or give it with --password-stdin on each command that signs in.")


def keep_password(arguments: argparse.Namespace) -> bool:
    """Keep an account's password from now on, in place of the one before if there was one."""
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        password = read_secret(f"Password of {account.name}")
        try:
            secrets_for(store).keep_password(account, password, remember=True)
        except KeyringFailed as error:
            error.advice = WITHOUT_STORE
            raise
    say(f"The password of {account.name} is kept.")
    return True


def list_accounts(arguments: argparse.Namespace) -> bool:
    with open_store(arguments) as store:
        rows = [_as_json(account) for account in store.accounts.list()]
    if not rows:
        say(NO_ACCOUNT)
    print_rows(rows, ("id", "name", "address", "imap", "pop3", "smtp"), as_json=arguments.json)
    return True


def remove(arguments: argparse.Namespace) -> bool:
    keep_mail = True if arguments.keep_mail else False if arguments.delete_mail else None
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        _forget(store, account, keep_mail=keep_mail, drop_unsent=arguments.drop_unsent)
        try:
            secrets_for(store).forget(account, keep_for=store.accounts.list())
        except KeyringFailed as error:
            say(f"Its password may still be in the system's password store: {error}")
    say(f"Removed {account.address or account.name} from this computer.")
    return True


def _forget(store: Store, account: Account, *, keep_mail: bool | None, drop_unsent: bool) -> None:
    """Forget an account; what would be lost with it is said, and keeps it unless that may be."""
    try:
        forget_account(store, account.id, keep_mail=keep_mail, drop_unsent=drop_unsent)
    except MailWaits as error:
        for item in unsent_mail(store, account.id):
            say(f"In the outbox: message {item.id} “{item.subject}” ({item.state}).")
        if not drop_unsent:
            error.advice = "Send it with “qtmail outbox flush”, or drop it with --drop-unsent."
        raise
    except MailKeptHere as error:
        error.advice = "Give --keep-mail to move it to the local folders, or --delete-mail."
        raise


def switch(arguments: argparse.Namespace) -> bool:
    """Let an account rest, or wake it."""
    enabled = arguments.action == "enable"
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        update_account(store, replace(account, enabled=enabled))
    say(f"{account.name} is {'asked for mail again' if enabled else 'switched off; its mail stays'}.")
    return True


def test(arguments: argparse.Namespace) -> bool:
    """Try the account's servers; done only if every step worked."""
    password = read_password(arguments)
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        verdicts = check_account(store, secrets_for(store, [account], password), account)
    print_verdicts(verdicts, as_json=arguments.json)
    return all(verdict.ok for verdict in verdicts)


def _as_json(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "address": account.address,
        "full_name": account.full_name,
        "user": account.server.user if account.capabilities.receives or account.smtp else None,
        "enabled": account.enabled,
        "imap": str(account.imap) if account.imap else None,
        "pop3": str(account.pop3) if account.pop3 else None,
        "smtp": str(account.smtp) if account.smtp else None,
        "bodies": str(account.sync.bodies),
    }
