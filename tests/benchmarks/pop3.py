"""How fast mail is fetched by POP3 into a store that survives a power failure, and what a look that finds
nothing costs.

The peer is a plain poplib loop, which keeps nothing of what it fetches.
"""

from __future__ import annotations

import contextlib
import poplib
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.events import SyncReport
from qtmail.domain.pop3 import Pop3Message
from qtmail.store.store import Store
from tests.benchmarks.distant_line import DistantLine
from tests.benchmarks.harness import Result
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.pop3_desk import Pop3Desk, add_account
from tests.end2end.program import temporary_home
from tests.end2end.sample_mail import FULL, TINY

MESSAGES = 1000
MANY = 10_000
KNOWN = 100_000
ROUND_TRIP = 0.02
"""Seconds, to a server in the next country."""
BYTES_OF_A_LISTING = 60
"""For each message: a line of LIST, one of UIDL, and what TLS adds."""


def fetching() -> Iterator[Result]:
    """A full mailbox, fetched, stored, indexed and shown, from a server in the same room."""
    with _mailbox(MESSAGES, FULL) as box:
        peer = box.poplib_loop()
        report = box.fetch(MESSAGES)
    yield Result(
        name=f"{MESSAGES:,} messages by POP3, {report.bytes_received / 1e6:,.0f} MB",
        figure=report.seconds,
        unit="s",
        peer="poplib",
        peer_figure=peer,
    )
    yield Result("the same: round trips", report.round_trips, "trips")


def fetching_from_afar() -> Iterator[Result]:
    """Small messages over a line on which each round trip is felt."""
    with _mailbox(MESSAGES, TINY) as box, DistantLine(box.port, ROUND_TRIP) as line:
        box.port = line.port
        peer = box.poplib_loop()
        report = box.fetch(MESSAGES)
    yield Result(
        name=f"{MESSAGES:,} small messages by POP3, {ROUND_TRIP * 1000:.0f} ms away",
        figure=report.seconds,
        unit="s",
        peer="poplib",
        peer_figure=peer,
        least_ratio=3,
    )


def fetching_many() -> Iterator[Result]:
    """Many small messages, and then none."""
    with _mailbox(MANY, TINY) as box:
        peer = box.poplib_loop()
        report = box.fetch(MANY)
        quiet = box.fetch(0)
    yield Result(
        name=f"{MANY:,} small messages by POP3",
        figure=report.seconds,
        unit="s",
        peer="poplib",
        peer_figure=peer,
    )
    what = f"nothing new among {MANY:,} by POP3"
    yield Result(f"{what}: round trips", quiet.round_trips, "trips", target=2)
    yield Result(f"{what}: received", quiet.bytes_received, "bytes", target=MANY * BYTES_OF_A_LISTING)
    yield Result(what, quiet.seconds, "s", target=1)


def knowing() -> Iterator[Result]:
    """What a look for mail costs here when a very large mailbox has nothing new."""
    with _mailbox(KNOWN, TINY) as box:
        with closing(box.signed_in()) as session:
            sizes = [int(line.split()[1]) for line in session.list()[1]]
            uidls = [line.split()[1] for line in session.uidl()[1]]
        with box.store.user_transaction() as tx:
            for uidl, size in zip(uidls, sizes, strict=True):
                box.store.pop3_messages.note(tx, Pop3Message(box.desk.account.id, uidl, size, 0, None))
        report = box.fetch(0)
    yield Result(f"nothing new among {KNOWN:,} by POP3", report.seconds, "s", target=3)


@dataclass
class _Mailbox:
    """A mailbox on Dovecot, and an empty profile to fetch it into.

    Attributes:
        port: where it is reached.
    """

    server: Dovecot
    user: User
    store: Store
    desk: Pop3Desk
    port: int

    def fetch(self, expected: int) -> SyncReport:
        where = ServerSettings(self.server.host, self.port, Security.TLS, self.user.name)
        report = self.desk.check(replace(self.desk.account, pop3=where))
        if report.messages_added != expected or report.problems:
            raise AssertionError(
                f"{report.messages_added} messages arrived, not {expected}: {report.problems}"
            )
        return report

    def poplib_loop(self) -> float:
        """Seconds a plain loop needs to fetch every message, after signing in."""
        with closing(self.signed_in()) as session:
            started = time.perf_counter()
            count, _ = session.stat()
            session.uidl()
            for number in range(1, count + 1):
                b"\r\n".join(session.retr(number)[1])
            return time.perf_counter() - started

    def signed_in(self) -> poplib.POP3_SSL:
        context = ssl.create_default_context(cafile=str(self.server.ca_file))
        session = poplib.POP3_SSL(self.server.host, self.port, context=context)
        session.user(self.user.name)
        session.pass_(self.user.password)
        return session


@contextlib.contextmanager
def _mailbox(count: int, size: int) -> Iterator[_Mailbox]:
    with Dovecot() as server, temporary_home() as home, Store.open(home / "profile") as store:
        user = server.add_user("me")
        server.fill(user, "INBOX", count, size=size)
        where = ServerSettings(server.host, server.pop3s_port, Security.TLS, user.name)
        desk = Pop3Desk(store, add_account(store, where), user.password, server.ca_file)
        yield _Mailbox(server, user, store, desk, server.pop3s_port)
