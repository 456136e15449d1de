"""`qtmail account sign-in|discover`: what asks others than the account's own servers."""

from __future__ import annotations

import argparse
import sys

from qtmail.cli.context import find_account, open_store, secrets_for
from qtmail.cli.output import print_json, say
from qtmail.domain.discovery import FoundSettings
from qtmail.domain.oauth import DeviceStep
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.certificates import tls_trust
from qtmail.engine.discovery import Discoverer
from qtmail.engine.oauth_sign_in import OAuthSignIn
from qtmail.errors import UsageError
from qtmail.protocols.wake import Wake


def run(arguments: argparse.Namespace) -> bool:
    return sign_in(arguments) if arguments.action == "sign-in" else discover(arguments)


def sign_in(arguments: argparse.Namespace) -> bool:
    """Sign in at an account's provider and keep what it gives."""
    client_secret = sys.stdin.readline().strip() if arguments.client_secret_stdin else ""
    with open_store(arguments) as store:
        account = find_account(store, arguments.account)
        if account.sign_in.method is not SignInMethod.OAUTH:
            raise UsageError(
                f"“{account.name}” signs in with a {account.sign_in.method}.",
                advice="“qtmail account test --password-stdin” tries it.",
            )
        attempt = OAuthSignIn(
            account.sign_in, account.address, trust=tls_trust(store), stop=Wake(), client_secret=client_secret
        )
        permission = attempt.by_device(_show_code) if arguments.device else attempt.by_browser(_show_page)
        secrets_for(store).keep(account, permission, remember=True)
    say(f"{account.name} is signed in.")
    return True


def _show_page(url: str) -> None:
    say(f"Open this page in a browser on this computer, and sign in there:\n\n{url}\n")


def _show_code(step: DeviceStep) -> None:
    say(f"Open {step.url} on any device and type this code there: {step.user_code}")


def discover(arguments: argparse.Namespace) -> bool:
    """Find out about the servers behind an address; no password is asked for, and none is sent."""
    with open_store(arguments) as store:
        found = Discoverer(tls_trust(store)).run(arguments.address, Wake())
    for attempt in found.attempts:
        say(f"{attempt.source}: {attempt.outcome} [{attempt.seconds:.1f} s]")
    for settings in found.settings:
        if arguments.json:
            print_json(_found_as_json(settings))
        else:
            _print_found(settings)
    return found.best is not None


def _print_found(settings: FoundSettings) -> None:
    print(f"{settings.provider} ({settings.source}):")
    for server in settings.servers:
        print(f"  {server.kind}: {server.settings}, user {server.settings.user}")
    for advice in settings.advice:
        print(f"  {advice.sentence} {advice.url}".rstrip())


def _found_as_json(settings: FoundSettings) -> dict[str, object]:
    return {
        "source": str(settings.source),
        "provider": settings.provider,
        "servers": [
            {"kind": str(one.kind), "server": str(one.settings), "user": one.settings.user}
            for one in settings.servers
        ],
        "sign_in": str(settings.sign_in.method),
        "app_password": settings.app_password,
        "advice": [advice.sentence for advice in settings.advice],
    }
