"""An account that has no server is shown by a thread of its own, which ends."""

from __future__ import annotations

import time
from pathlib import Path

from qtmail.domain.events import Problem
from qtmail.engine.local_mail import local_account
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.reporting import Event
from qtmail.engine.stopping import StopToken
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from tests.fakes.local_bench import deliver, dying, kept, shown


def run(store: Store) -> list[Event]:
    """Let the workers of the local folders do what they do; returns what they told."""
    events: list[Event] = []
    account = local_account(store)
    lock = OutboxLock(store.directory, account.id)
    workers = AccountWorkers(
        store, account, events.append, incoming=None, sends=None, lock=lock, stop=StopToken()
    )
    workers.start()
    for thread in workers._threads:
        thread.join(10.0)
    workers.stop()
    workers.join(time.monotonic() + 1.0)
    return events


def test_local_folders_are_shown_when_the_cache_was_lost(tmp_path: Path):
    with Store.open(tmp_path / "p") as store:
        account = local_account(store)
        deliver(store, account, "one", "two")
    for file in (tmp_path / "p").glob("cache.db*"):
        file.unlink()
    with Store.open(tmp_path / "p") as store:
        run(store)
        assert shown(store, account) == kept(store, account)
        assert set(shown(store, account)["Inbox"]) == {"one", "two"}


def test_what_keeps_them_from_being_shown_is_said(tmp_path: Path):
    with Store.open(tmp_path / "p") as store:
        deliver(store, local_account(store), "one", show=False)
        with dying(store):
            events = run(store)
        assert [event.sentence for event in events if isinstance(event, Problem)] == ["The program died."]
