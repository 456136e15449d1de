"""How fast mail goes into the outbox and out of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import trustme

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition
from qtmail.domain.outgoing import OutboxState
from qtmail.engine.drafting import Drafting
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.queueing import queue_draft
from qtmail.engine.secrets import secrets_of
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.store.store import Store
from tests.benchmarks.harness import Result
from tests.benchmarks.window import probe
from tests.end2end.dovecot import Dovecot
from tests.end2end.postfix import Postfix
from tests.end2end.program import clean_environment, temporary_home
from tests.end2end.xvfb import Xvfb

SMALL_MESSAGES = 200
LARGE_FILES = 5
LARGE_FILE_BYTES = 5_000_000


def queue_large() -> Iterator[Result]:
    """A message with 25 MB of attachments, from the click on *Send* to its place in the outbox."""
    with temporary_home() as home, Xvfb() as screen:
        environment = clean_environment(home)
        profile = Path(environment["QTMAIL_PROFILE"])
        with closing(Store.open(profile)) as store:
            add_account(store, ServerSettings("127.0.0.1", 1, Security.TLS, "me"))
        for number in range(LARGE_FILES):
            (home / f"file {number}.bin").write_bytes(os.urandom(LARGE_FILE_BYTES))
        options = ("--offline", "--attach", str(home))
        run = probe("queue", environment | screen.environment, *options)
    what = f"{LARGE_FILES * LARGE_FILE_BYTES / 1e6:.0f} MB of attachments built and queued"
    yield Result(what, run["seconds"], "s", target=1.5)
    yield Result("the same: event loop blocked at most", run["longest"] * 1000, "ms", target=50)


def send_many() -> Iterator[Result]:
    """Small messages to Postfix: over one connection, and over one each."""
    with sending_account() as (store, account, sender):
        one_by_one = 0.0
        for number in range(SMALL_MESSAGES):
            queue_small(store, account, number)
            started = time.perf_counter()
            sender.send_due()
            one_by_one += time.perf_counter() - started
        for number in range(SMALL_MESSAGES):
            queue_small(store, account, number)
        started = time.perf_counter()
        sender.send_due()
        together = time.perf_counter() - started
        sent = len(store.outbox.in_state(account.id, OutboxState.ACCEPTED))
    if sent != 2 * SMALL_MESSAGES:
        raise AssertionError(f"only {sent} messages were accepted")
    yield Result(
        name=f"{SMALL_MESSAGES} small messages to Postfix",
        figure=SMALL_MESSAGES / together,
        unit="/s",
        more_is_better=True,
        peer="a connection each",
        peer_figure=SMALL_MESSAGES / one_by_one,
        least_ratio=3,
    )


@contextmanager
def sending_account() -> Iterator[tuple[Store, Account, OutboxSender]]:
    """An account on a Postfix of its own, with STARTTLS and sign-in as on port 587."""
    authority = trustme.CA()
    with Dovecot(authority) as dovecot, Postfix(dovecot, authority) as postfix, temporary_home() as home:
        user = dovecot.add_user("me")
        server = ServerSettings(postfix.host, postfix.submission_port, Security.STARTTLS, user.name)
        with closing(Store.open(home / "profile")) as store:
            account = add_account(store, server, user.address)
            credentials = Credentials()
            credentials.session(account, user.password, "smtp")
            backend = SmtpBackend(
                account,
                secrets=secrets_of(store, credentials),
                trust=TlsTrust(cafile=str(postfix.ca_file)),
                protocol_log=ProtocolLog(),
            )
            yield store, account, OutboxSender(store, account, backend, lambda _event: None, StopToken())


def add_account(store: Store, smtp: ServerSettings, address: str = "me@example.net") -> Account:
    with store.user_transaction() as tx:
        return store.accounts.add(tx, Account(0, "Me", address, "Me", None, smtp))


def queue_small(store: Store, account: Account, number: int) -> None:
    (identity,) = store.identities.list(account.id)
    composition = Composition(
        identity_id=identity.id,
        to=(Address("", account.address),),
        subject=f"Small message {number}",
        rich=False,
        body="A few words.\n" * 20,
    )
    draft = Drafting(store).create(composition, shown=False)
    queue_draft(store, draft, not_before=0, stop=StopToken())
