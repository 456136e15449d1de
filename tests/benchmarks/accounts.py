"""What many accounts cost: the start, the lines they hold open, and doing nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.store.store import Store
from tests.benchmarks.harness import Result
from tests.benchmarks.window import probe
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.program import clean_environment, temporary_home
from tests.end2end.xvfb import Xvfb
from tests.fakes.keyrings import FileKeyring

ACCOUNTS = 50
MESSAGES = 20
MANY_CLIENTS = """
service imap-login {
  process_limit = 400
  client_limit = 10
}
service imap {
  process_limit = 400
}
"""
CONNECTIONS_EACH = 3


def many_accounts() -> Iterator[Result]:
    """Fifty accounts on one server, in the window: first from nothing, then as on any other day."""
    with Dovecot(extra=MANY_CLIENTS) as server, temporary_home() as home, Xvfb() as screen:
        users = [server.add_user(f"user{number}") for number in range(ACCOUNTS)]
        for user in users:
            server.fill(user, "INBOX", MESSAGES)
        environment = clean_environment(home) | {"SSL_CERT_FILE": str(server.ca_file)} | screen.environment
        _add_accounts(Path(environment["QTMAIL_PROFILE"]), home, server, users)
        first, again = (probe("accounts", environment, "--messages", str(ACCOUNTS)) for _ in range(2))
    what = f"{ACCOUNTS} accounts"
    yield Result(f"{what}: window shown", again["painted"], "s", target=2.0)
    yield Result(f"{what}: all in step, from nothing", first["in_step"], "s")
    yield Result(f"{what}: all in step, nothing new", again["in_step"], "s")
    yield Result(f"{what}: processor at rest", again["idle_share"] * 100, "%", target=1.0)
    yield Result(f"{what}: connections at most", first["connections"], "", target=ACCOUNTS * CONNECTIONS_EACH)
    yield Result(f"{what}: memory (PSS)", again["memory"] / 1e6, "MB")
    yield Result(f"{what}: threads", again["threads"], "")


def _add_accounts(profile: Path, home: Path, server: Dovecot, users: list[User]) -> None:
    keyring = FileKeyring(home)
    credentials = Credentials(keyring)
    with contextlib.closing(Store.open(profile)) as store:
        for user in users:
            imap = ServerSettings(server.host, server.imaps_port, Security.TLS, user.name)
            new = Account(0, user.name, user.address, user.name.title(), imap)
            with store.user_transaction() as tx:
                account = store.accounts.add(tx, new)
            credentials.remember(account, user.password)
