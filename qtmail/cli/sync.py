"""`qtmail sync`: one pass over one account or all."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from qtmail.cli.context import choose_accounts, open_store, read_password, secrets_for
from qtmail.cli.output import print_json, say, told
from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.events import Problem, Progress, SyncReport
from qtmail.engine.backend import Incoming
from qtmail.engine.certificates import tls_trust
from qtmail.engine.incoming import incoming
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import Secrets
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, UsageError
from qtmail.log import ProtocolLog
from qtmail.store.store import Store


def run(arguments: argparse.Namespace) -> bool:
    """Sync; a fault of one account does not keep the others from theirs, but the command then fails."""
    password = read_password(arguments)
    bodies = BodyPolicy(arguments.bodies) if arguments.bodies else None
    done = True
    with open_store(arguments) as store:
        accounts = _to_sync(store, arguments)
        secrets = secrets_for(store, accounts, password)
        for account in accounts:
            try:
                report = _sync_account(store, account, secrets, arguments.folder, bodies)
            except QtmailError as error:
                say(f"{account.name}: {told(error)}" + (f" ({error.detail})" if error.detail else ""))
                done = False
                continue
            _print(account, report, as_json=arguments.json)
            done = done and not report.problems
    return done


def _to_sync(store: Store, arguments: argparse.Namespace) -> list[Account]:
    """The account that is named, or all that are enabled and have a server to ask."""
    accounts = choose_accounts(store, arguments.account)
    if arguments.account is None:
        return [account for account in accounts if account.enabled and account.capabilities.receives]
    (account,) = accounts
    if not account.capabilities.receives:
        raise UsageError(f"“{account.name}” has no server that new mail could come from.")
    return accounts


def _sync_account(
    store: Store, account: Account, secrets: Secrets, folder: str | None, bodies: BodyPolicy | None
) -> SyncReport:
    terminal = _Terminal(account)
    try:
        way = _way(store, account, secrets)
        return way.one_pass(terminal.show, StopToken()).run(only=folder, bodies=bodies)
    finally:
        terminal.clear()


def _way(store: Store, account: Account, secrets: Secrets) -> Incoming:
    way = incoming(account, store, secrets=secrets, trust=tls_trust(store), protocol_log=ProtocolLog())
    assert way is not None, "it was chosen because it receives mail"
    return way


def _print(account: Account, report: SyncReport, *, as_json: bool) -> None:
    if as_json:
        print_json({"account": account.address, **asdict(report)})
        return
    print(
        f"{account.name}: {report.messages_added} new, {report.messages_removed} gone, "
        f"{report.flags_changed} changed, {report.bodies_fetched} bodies, in {report.seconds:.1f} s"
    )
    for problem in report.problems:
        say(f"  {problem}")


class _Terminal:
    """Progress on one line of a terminal; nothing where standard error is not one."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._width = 0

    def show(self, event: Event) -> None:
        match event:
            case Progress(finished=False) if sys.stderr.isatty():
                of = f" of {event.total:,}" if event.total else ""
                left = f", about {event.seconds_left:.0f} s" if event.seconds_left else ""
                self._line(f"{self._account.name}: {event.folder}: {event.done:,}{of} {event.what}{left}")
            case Problem():
                self.clear()
                say(f"{self._account.name}: {event.sentence} {event.advice}".rstrip())

    def clear(self) -> None:
        if self._width:
            self._line("")
            sys.stderr.write("\r")

    def _line(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)
