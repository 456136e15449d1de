"""`qtmail account add|list|remove|test`."""

from __future__ import annotations

import argparse
import re

from qtmail.cli.arguments import SECURITIES
from qtmail.cli.context import find_account, open_store, read_password
from qtmail.cli.doctor import print_verdicts
from qtmail.cli.output import print_json, print_rows, say
from qtmail.credentials import Credentials
from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.engine.accounts import MailWaits, add_account, forget_account, unsent_mail
from qtmail.engine.doctor import check_account
from qtmail.errors import KeyringFailed, UsageError
from qtmail.store.store import Store

_IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
_SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
_SERVER = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)(?::(?P<port>\d{1,5}))?(?:/(?P<security>\w+))?"
)


def run(arguments: argparse.Namespace) -> bool:
    match arguments.action:
        case "add":
            return add(arguments)
        case "list":
            return list_accounts(arguments)
        case "remove":
            return remove(arguments)
        case _:
            return test(arguments)


def add(arguments: argparse.Namespace) -> bool:
    """Store an account, and its password if one is given; where that cannot be kept, say so and go on."""
    account = _account(arguments)
    password = read_password(arguments)
    with open_store(arguments) as store:
        account = add_account(store, account)
    if password is not None:
        _keep(account, password)
    if arguments.json:
        print_json(_as_json(account))
    else:
        say(f"Added {account.address} ({account.server}).")
    return True


def _keep(account: Account, password: str) -> None:
    try:
        Credentials().remember(account, password, "imap" if account.imap is not None else "smtp")
    except KeyringFailed as error:
        say(f"The account is added, but its password could not be kept: {error}")
        say("Give it with --password-stdin on each command that signs in.")


def list_accounts(arguments: argparse.Namespace) -> bool:
    with open_store(arguments) as store:
        rows = [_as_json(account) for account in store.accounts.list()]
    print_rows(rows, ("id", "name", "address", "imap", "smtp"), as_json=arguments.json)
    return True


def remove(arguments: argparse.Namespace) -> bool:
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        _forget(store, account, drop_unsent=arguments.drop_unsent)
    try:
        Credentials().forget(account)
    except KeyringFailed as error:
        say(f"Its password may still be in the system's password store: {error}")
    say(f"Removed {account.address} from this computer.")
    return True


def _forget(store: Store, account: Account, *, drop_unsent: bool) -> None:
    """Forget an account; what waits in its outbox is said, and keeps it unless that may be dropped."""
    try:
        forget_account(store, account.id, drop_unsent=drop_unsent)
    except MailWaits as error:
        for item in unsent_mail(store, account.id):
            say(f"In the outbox: message {item.id} “{item.subject}” ({item.state}).")
        if not drop_unsent:
            error.advice = "Send it with “qtmail outbox flush”, or drop it with --drop-unsent."
        raise


def test(arguments: argparse.Namespace) -> bool:
    """Try the account's server; done only if every step worked."""
    password = read_password(arguments)
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        verdicts = check_account(store, Credentials(), account, password)
    print_verdicts(verdicts, as_json=arguments.json)
    return all(verdict.ok for verdict in verdicts)


def _account(arguments: argparse.Namespace) -> Account:
    address: str = arguments.email.strip()
    local, _, domain = address.rpartition("@")
    if not local or not domain or any(c.isspace() for c in address):
        raise UsageError(f"“{address}” is not a mail address.")
    user = arguments.user or address
    if arguments.no_imap and not arguments.smtp:
        raise UsageError("An account needs a server.", advice="Give --smtp with --no-imap.")
    imap = None if arguments.no_imap else parse_server(arguments.imap or f"imap.{domain}", user, _IMAP_PORTS)
    return Account(
        id=0,
        name=arguments.name or address,
        address=address,
        full_name=arguments.full_name,
        imap=imap,
        smtp=parse_server(arguments.smtp, user, _SMTP_PORTS) if arguments.smtp else None,
        sync=SyncPolicy(bodies=BodyPolicy(arguments.bodies)),
    )


def parse_server(text: str, user: str, ports: dict[Security, int]) -> ServerSettings:
    """Read `HOST[:PORT][/SECURITY]`. Raises UsageError."""
    found = _SERVER.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"“{text}” is not a server.", advice="Write HOST:PORT/tls, /starttls or /none.")
    name = (found["security"] or "").lower() or _usual_security(found["port"], ports)
    if name not in SECURITIES:
        raise UsageError(
            f"“{found['security']}” is not a kind of security.", advice="Choose tls, starttls or none."
        )
    security = Security(name)
    port = int(found["port"] or ports[security])
    if not 0 < port < 65536:
        raise UsageError(f"{port} is not a port.", advice="Ports are 1 to 65535.")
    return ServerSettings(found["host"].strip("[]"), port, security, user)


def _usual_security(port: str | None, ports: dict[Security, int]) -> str:
    """TLS, unless the port given is the one where STARTTLS is usual; never clear text by itself."""
    return "starttls" if port == str(ports[Security.STARTTLS]) else "tls"


def _as_json(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "address": account.address,
        "full_name": account.full_name,
        "user": account.server.user,
        "imap": str(account.imap) if account.imap else None,
        "smtp": str(account.smtp) if account.smtp else None,
        "bodies": str(account.sync.bodies),
    }
