"""How fast the window comes up, how much memory it takes, and whether it stays smooth."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.address import Address
from qtmail.domain.folder import RemoteFolder, SpecialUse, SyncState
from qtmail.domain.message import Flag, HeaderSummary, RemoteMessage
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store
from tests.benchmarks.harness import Result
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.program import Program, clean_environment, temporary_home
from tests.end2end.xvfb import Xvfb

CACHED = 100_000
HUGE = 1_000_000
BATCH = 5_000
STARTS = 3
"""A start is measured so often, and the middle one counts: the first reads the program from disk."""
PROBE_LIMIT = 300.0
NEWSLETTER = (
    "From: Letters <letters@example.org>\r\nTo: me@example.net\r\nSubject: The weekly letter\r\n"
    "Date: {date}\r\nMessage-ID: <weekly@example.org>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><table width=600 bgcolor='#eef'><tr><td>"
    "<h1>The weekly letter</h1>{body}</td></tr></table></body></html>\r\n"
)


def start_and_memory() -> Iterator[Result]:
    """From process start to the painted list of a large folder; memory before and after HTML."""
    with Dovecot() as server, temporary_home() as home, Xvfb() as screen:
        user = server.add_user("me")
        server.fill(user, "INBOX", CACHED)
        _deliver_newsletter(server, user)
        program = Program(server, user, home)
        program.sync("--bodies", "recent")
        environment = program.environment | screen.environment
        runs = [probe("start", environment) for _ in range(STARTS)]
    middle = sorted(runs, key=lambda run: run["painted"])[STARTS // 2]
    yield Result(f"window and list shown, {CACHED:,} messages", middle["painted"], "s", target=1.0)
    yield Result("memory (PSS) before the first HTML message", middle["memory"] / 1e6, "MB", target=150)
    yield Result("memory (PSS) after it", middle["memory_html"] / 1e6, "MB", target=420)


def smooth_sync() -> Iterator[Result]:
    """The event loop during a first sync of a large folder that is open in the window."""
    with Dovecot() as server, temporary_home() as home, Xvfb() as screen:
        user = server.add_user("me")
        server.fill(user, "INBOX", CACHED)
        program = Program(server, user, home)
        run = probe("sync", program.environment | screen.environment, "--messages", str(CACHED))
    what = f"first sync of {CACHED:,} headers, window open"
    yield Result(f"{what}: event loop blocked at most", run["longest"] * 1000, "ms", target=100)
    yield Result(f"{what}: p99", run["p99"] * 1000, "ms", target=33)
    yield Result(f"{what}: until all are listed", run["seconds"], "s")


def huge_folder() -> Iterator[Result]:
    """Opening a folder of a million messages, from the cache alone."""
    with temporary_home() as home, Xvfb() as screen:
        environment = clean_environment(home)
        _fill_cache(Path(environment["QTMAIL_PROFILE"]), HUGE)
        options = ("--offline", "--folder", "Huge", "--messages", str(HUGE))
        run = probe("open", environment | screen.environment, *options)
    yield Result(f"folder of {HUGE:,} opened: first paint", run["painted"] * 1000, "ms", target=100)
    yield Result("the same: all rows there", run["complete"] * 1000, "ms")


def probe(task: str, environment: Mapping[str, str], *options: str) -> dict[str, float]:
    """Run the window with the probe in it and return what it measured."""
    command = [sys.executable, "-m", "tests.benchmarks.window_probe", task, *options]
    command += ["--profile", environment["QTMAIL_PROFILE"], "--started", repr(time.monotonic())]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, timeout=PROBE_LIMIT, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _deliver_newsletter(server: Dovecot, user: User) -> None:
    now = datetime.now(UTC)
    raw = NEWSLETTER.format(date=format_datetime(now), body="<p>All the news of the harbour.</p>" * 200)
    server.deliver(user, "INBOX", raw.encode(), (), now)


def _fill_cache(profile: Path, count: int) -> None:
    """An account with an empty inbox and one folder of `count` messages that no server ever sent."""
    server = ServerSettings("127.0.0.1", 1, Security.TLS, "me")
    with contextlib.closing(Store.open(profile)) as store:
        with store.user_transaction() as transaction:
            account = store.accounts.add(transaction, Account(0, "Me", "me@example.net", "Me", server))
        remote = [
            RemoteFolder(b"INBOX", "INBOX", "/", SpecialUse.INBOX),
            RemoteFolder(b"Huge", "Huge", "/"),
        ]
        with store.cache_transaction() as transaction:
            store.folders.reconcile(transaction, account.id, remote)
        folder = store.folders.find(account.id, "Huge")
        assert folder is not None
        for first in range(1, count + 1, BATCH):
            messages = [_message(uid) for uid in range(first, first + BATCH)]
            with store.cache_transaction() as transaction:
                store.messages.add(transaction, folder.id, messages)
        with store.cache_transaction() as transaction:
            store.folders.save_sync_state(transaction, folder.id, SyncState(1, count + 1, 1, count, True))


def _message(uid: int) -> NewMessage:
    """Message number `uid`, ten minutes after the one before."""
    when = 1_200_000_000 + uid * 600
    sender = Address(f"Writer {uid % 997}", f"writer{uid % 997}@example.org")
    subject, message_id = f"Message {uid} of very many", f"{uid}@example.org"
    summary = HeaderSummary(subject, sender, "Me", when, message_id, has_attachment=uid % 7 == 0)
    header = (
        f"Date: {datetime.fromtimestamp(when, UTC):%a, %d %b %Y %H:%M:%S %z}\r\nFrom: {sender}\r\n"
        f"To: Me <me@example.net>\r\nSubject: {subject}\r\n"
        f"Message-ID: <{message_id}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    flags = Flag.SEEN if uid % 5 else Flag.NONE
    return NewMessage(RemoteMessage(uid, flags, frozenset(), 1, when, 4000, header.encode()), summary)
