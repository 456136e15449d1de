"""`qtmail doctor`: what is wrong, and in which layer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from qtmail.cli.context import find_account, open_store, read_password
from qtmail.cli.output import print_json, say
from qtmail.cli.secret_input import open_credentials
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.computer_checks import check_computer
from qtmail.engine.doctor import check_account
from qtmail.engine.doctor_report import report_head, report_section
from qtmail.engine.secrets import secrets_of
from qtmail.log import LogLine, ProtocolLog
from qtmail.store.store import Store


def run(arguments: argparse.Namespace) -> bool:
    """Check this computer, then each account that is not resting, or the one that is named; done only if
    everything works.
    """
    password = read_password(arguments)
    if arguments.report:
        print(report_head())
    with open_store(arguments) as store:
        credentials = open_credentials(store.directory)
        secrets = secrets_of(store, credentials)
        accounts = _to_check(store, arguments.account)  # first: a wrong name is said before anything is tried
        verdicts = check_computer(store, credentials)
        _print(arguments, None, verdicts)
        for account in accounts:
            log = ProtocolLog()
            if password is not None:
                secrets.keep_password(account, password, remember=False)
            found = check_account(store, secrets, account, log)
            _print(arguments, account, found, log.lines())
            verdicts += found
    return all(verdict.ok for verdict in verdicts)


def _to_check(store: Store, name: str | None) -> list[Account]:
    if name:
        return [find_account(store, name)]
    return [account for account in store.accounts.list() if account.enabled]


def _print(
    arguments: argparse.Namespace,
    account: Account | None,
    verdicts: Sequence[Verdict],
    log: Sequence[LogLine] = (),
) -> None:
    if arguments.report:
        print("", report_section(account, verdicts, log), sep="\n", end="")
    else:
        print_verdicts(verdicts, as_json=arguments.json, account=account.address if account else "")


def print_verdicts(verdicts: Sequence[Verdict], *, as_json: bool, account: str = "") -> None:
    """One line a verdict, or one JSON object."""
    for verdict in verdicts:
        if as_json:
            print_json(_as_json(verdict, account))
            continue
        mark = "note" if verdict.remark else "ok  " if verdict.ok else "FAIL"
        where = f"{verdict.server} " if verdict.server else ""
        print(f"{mark} {where}{verdict.layer}: {verdict.sentence} [{verdict.seconds:.2f} s]")
        if verdict.advice:
            print(f"       {verdict.advice}")
        if verdict.detail and not verdict.ok:
            print(f"       ({verdict.detail})")
        if verdict.certificate:
            say(verdict.certificate.rstrip())


def _as_json(verdict: Verdict, account: str) -> dict[str, object]:
    return {
        "account": account or None,
        "server": verdict.server or None,
        "layer": str(verdict.layer),
        "ok": verdict.ok,
        "sentence": verdict.sentence,
        "advice": verdict.advice,
        "detail": verdict.detail,
        "certificate": verdict.certificate or None,
        "seconds": round(verdict.seconds, 3),
    }
