"""The folder for a purpose: in the cache, on the server, or made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qtmail.domain.folder import RemoteFolder, SpecialUse
from qtmail.engine.special_folder import SpecialFolder
from qtmail.store.store import Store
from tests.fakes.mailbox_bench import MailboxBench
from tests.fakes.mailbox_server import QRESYNC, MailboxServer


@pytest.fixture
def bench(store: Store) -> Iterator[MailboxBench]:
    with MailboxServer(QRESYNC) as server:
        yield MailboxBench(store, server)


@pytest.fixture
def junk(bench: MailboxBench) -> SpecialFolder:
    return SpecialFolder(bench.store, bench.account.id, SpecialUse.JUNK, "Junk")


def test_the_cache_is_asked_first(bench: MailboxBench, junk: SpecialFolder):
    with bench.store.cache_transaction() as tx:
        folder = RemoteFolder(b"Spam", "Spam", "/", SpecialUse.JUNK)
        bench.store.folders.reconcile(tx, bench.account.id, [folder])
    with bench.session() as session:
        bench.server.commands.clear()
        assert junk.wire_name(session) == b"Spam"
    assert bench.server.commands == []


def test_one_that_holds_no_messages_is_no_use(bench: MailboxBench, junk: SpecialFolder):
    with bench.store.cache_transaction() as tx:
        folder = RemoteFolder(b"Spam", "Spam", "/", SpecialUse.JUNK, selectable=False)
        bench.store.folders.reconcile(tx, bench.account.id, [folder])
    assert bench.over(junk.wire_name) == b"Junk"


def test_the_server_is_asked_once(bench: MailboxBench, junk: SpecialFolder):
    bench.folder(b"Spam", SpecialUse.JUNK)
    with bench.session() as session:
        assert [junk.wire_name(session) for _ in range(2)] == [b"Spam"] * 2
    assert bench.server.commands.count("LIST") == 1


def test_it_is_made_again_when_it_is_gone(bench: MailboxBench, junk: SpecialFolder):
    assert bench.over(junk.wire_name) == b"Junk"
    del bench.server.folders[b"Junk"]
    junk.forget()
    bench.over(junk.wire_name)
    assert b"Junk" in bench.server.folders
