"""`qtmail settings export|import`. How the window is set up is the window's to export and to import."""

from __future__ import annotations

import argparse
from pathlib import Path

from qtmail.cli.context import open_store
from qtmail.cli.output import WITHOUT_STORE, print_json, say
from qtmail.cli.secret_input import open_credentials, read_new_secret, read_secret
from qtmail.domain.account import Account
from qtmail.domain.account_settings import AcceptedCertificate, Exemption, SettingsFile
from qtmail.engine.settings_file import export_settings, import_settings, read_settings
from qtmail.errors import KeyringFailed
from qtmail.store.store import Store


def run(arguments: argparse.Namespace) -> bool:
    match arguments.action:
        case "export":
            return export(arguments)
        case _:
            return take(arguments)


def export(arguments: argparse.Namespace) -> bool:
    """Write all settings into a file, with the passwords in it if that was asked for."""
    file: Path = arguments.file
    with open_store(arguments) as store:
        passphrase = read_new_secret("New passphrase") if arguments.with_passwords else None
        export_settings(store, open_credentials(store.directory), file, passphrase=passphrase)
    sealed = "the passwords that are kept here are sealed in it" if passphrase else "passwords are not in it"
    say(f"The settings are in {file}; {sealed}.")
    return True


def take(arguments: argparse.Namespace) -> bool:
    """Show what a file holds, and unless that was all that is wanted, add what is not here yet."""
    with open_store(arguments) as store:
        found = read_settings(store, arguments.file)
        if not arguments.json:
            _show(found, exemptions=arguments.with_exemptions)
        if arguments.dry_run:
            if arguments.json:
                print_json(_preview_json(found))
            return True
        _import(store, arguments, sealed=found.has_secrets)
    return True


def _import(store: Store, arguments: argparse.Namespace, *, sealed: bool) -> None:
    passphrase = read_secret("Passphrase") if arguments.with_passwords and sealed else None
    unkept: list[KeyringFailed] = []
    result = import_settings(
        store,
        open_credentials(store.directory),
        arguments.file,
        passphrase,
        exemptions=arguments.with_exemptions,
        unkept=unkept.append,
    )
    if unkept:
        say(f"The passwords could not be kept: {unkept[0].sentence} {WITHOUT_STORE}")
    if arguments.json:
        print_json(
            {
                "added": [account.address for account in result.added],
                "left": list(result.left),
                "without_password": list(result.without_secret),
            }
        )
        return
    say(f"Accounts added: {len(result.added)}. Here already: {len(result.left)}.")
    if result.without_secret:
        say(f"Without a password yet: {', '.join(result.without_secret)}.")


def _show(found: SettingsFile, *, exemptions: bool) -> None:
    for account in found.accounts:
        mark = "here" if account.address in found.known else "new"
        print(f"{mark:5} {account.name}  {account.address}  {_servers(account)}".rstrip())
        if account.sign_in.certificate_file:
            print(f"      signs in with the certificate in {account.sign_in.certificate_file}")
    for exemption in found.exemptions:
        print(f"{'      ' if exemptions else 'left  '}{_exemption(exemption)}")


def _servers(account: Account) -> str:
    servers = {"imap": account.imap, "pop3": account.pop3, "smtp": account.smtp}
    return "  ".join(f"{name} {server}" for name, server in servers.items() if server is not None)


def _exemption(exemption: Exemption) -> str:
    where = f"{exemption.host}:{exemption.port}"
    if isinstance(exemption, AcceptedCertificate):
        return f"certificate {exemption.sha256} accepted at {where}"
    return f"passwords allowed in clear text to {where}"


def _preview_json(found: SettingsFile) -> dict[str, object]:
    return {
        "accounts": [
            {"name": one.name, "address": one.address, "here": one.address in found.known}
            for one in found.accounts
        ],
        "passwords": found.has_secrets,
        "exemptions": [_exemption(one) for one in found.exemptions],
    }
