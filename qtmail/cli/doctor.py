"""`qtmail doctor`: what is wrong, and in which layer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from qtmail.cli.context import find_account, open_store, read_password
from qtmail.cli.output import print_json, say
from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.doctor import check_account, check_computer
from qtmail.errors import KeyringFailed, Layer
from qtmail.store.store import Store


def run(arguments: argparse.Namespace) -> bool:
    """Check this computer, then each account; done only if everything that matters works.

    A missing password store alone is no failure: passwords can be given each time.
    """
    password = read_password(arguments)
    with open_store(arguments) as store:
        credentials = Credentials()
        verdicts = check_computer(store, credentials)
        print_verdicts(verdicts, as_json=arguments.json)
        accounts = [find_account(store, arguments.account)] if arguments.account else store.accounts.list()
        for account in accounts:
            found = _check_account(store, credentials, account, password)
            print_verdicts(found, as_json=arguments.json, account=account.address)
            verdicts += found
    return all(verdict.ok for verdict in verdicts if verdict.layer is not Layer.KEYRING or verdict.server)


def _check_account(
    store: Store, credentials: Credentials, account: Account, password: str | None
) -> list[Verdict]:
    try:
        return check_account(store, credentials, account, password)
    except KeyringFailed as error:
        return [
            Verdict(str(account.server), Layer.KEYRING, False, error.sentence, error.advice, error.detail)
        ]


def print_verdicts(verdicts: Sequence[Verdict], *, as_json: bool, account: str = "") -> None:
    """One line a verdict, or one JSON object."""
    for verdict in verdicts:
        if as_json:
            print_json(_as_json(verdict, account))
            continue
        mark = "ok  " if verdict.ok else "FAIL"
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
