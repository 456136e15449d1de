"""Filing what was sent, and mirroring drafts, on a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.composition import Composition
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import OutboxState
from qtmail.engine.draft_mirror import DraftMirror
from qtmail.engine.filing import SERVER_SECONDS, Filing
from qtmail.mime.parser import parse
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.uid_set import format_uid_set
from qtmail.store.facts import Fact
from qtmail.store.store import Store
from tests.end2end.dovecot import Dovecot, User
from tests.fakes.mailbox_bench import AccountBench, sent_message

QUOTA = """
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=64K
}
"""


@pytest.fixture(params=["uidplus", "plain"])
def server(request: pytest.FixtureRequest, dovecot: Dovecot, authority: trustme.CA) -> Iterator[Dovecot]:
    """Dovecot as it is, and one that announces neither UIDPLUS nor LITERAL+ nor ESEARCH."""
    if request.param == "uidplus":
        yield dovecot
        return
    without = ["UIDPLUS", "LITERAL+", "ESEARCH", "QRESYNC", "CONDSTORE", "SPECIAL-USE", "LIST-EXTENDED"]
    with Dovecot(authority, without=without) as plain:
        yield plain


def bench_on(server: Dovecot, user: User, store: Store) -> AccountBench:
    settings = ServerSettings(server.host, server.imaps_port, Security.TLS, user.name)
    return AccountBench(store, settings, user.password, TlsTrust(cafile=str(server.ca_file)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "profile") as store:
        yield store


@pytest.fixture
def bench(server: Dovecot, store: Store) -> AccountBench:
    return bench_on(server, server.add_user(), store)


def filing(bench: AccountBench) -> Filing:
    return Filing(bench.store, bench.account, bench.events.append, clock=bench.clock)


def messages(bench: AccountBench, folder: bytes) -> list[tuple[bytes, Flag]]:
    """What the folder holds that is not marked as deleted: whole messages and their flags, oldest first."""

    def read(session: ImapSession) -> list[tuple[bytes, Flag]]:
        session.select(folder)
        uids = list(session.search_all_uids())
        if not uids:
            return []
        flags = {change.uid: change.flags for change in session.fetch_flags(format_uid_set(uids))}
        bodies = sorted(session.fetch_messages(uids))
        return [(raw, flags[uid]) for uid, raw in bodies if not flags[uid] & Flag.DELETED]

    return bench.over(read)


def test_a_copy_is_filed_byte_for_byte(bench: AccountBench):
    item = bench.accepted()
    assert bench.over(filing(bench).run) == 1
    assert messages(bench, b"Sent") == [(sent_message(1), Flag.SEEN)]
    assert bench.item(item).state is OutboxState.FILED


def test_a_large_one_as_well(bench: AccountBench):
    raw = sent_message(1) + b"0123456789abcdef" * 4 * 1024 * 400 + b"\r\n"
    item = bench.accepted(1, raw)
    assert bench.over(filing(bench).run) == 1
    assert messages(bench, b"Sent") == [(raw, Flag.SEEN)]
    assert bench.item(item).state is OutboxState.FILED


def test_what_the_server_filed_itself_is_left_alone(server: Dovecot, store: Store):
    user = server.add_user()
    bench = bench_on(server, user, store)
    item = bench.accepted()
    server.deliver(user, "Sent", sent_message(1), ["\\Seen"])
    assert bench.over(filing(bench).run) == 1
    assert len(messages(bench, b"Sent")) == 1
    assert bench.item(item).state is OutboxState.FILED
    assert store.facts.get(bench.account.id, Fact.SENT_FILED_BY_SERVER) == "yes"


def test_a_copy_of_the_server_that_comes_late_replaces_ours(server: Dovecot, store: Store):
    user = server.add_user()
    bench = bench_on(server, user, store)
    bench.accepted()
    bench.over(filing(bench).run)
    server.deliver(user, "Sent", sent_message(1), ["\\Seen", "\\Flagged"])
    bench.now += SERVER_SECONDS
    bench.over(filing(bench).run)
    assert messages(bench, b"Sent") == [(sent_message(1), Flag.SEEN | Flag.FLAGGED)]


def test_a_full_mailbox_is_told_in_words(authority: trustme.CA, store: Store):
    with Dovecot(authority, extra=QUOTA) as server:
        bench = bench_on(server, server.add_user(), store)
        item = bench.accepted(1, sent_message(1) + b"x" * 100_000)
        assert bench.over(filing(bench).run) == 0
        assert "no room left in the mailbox" in bench.item(item).last_answer
        small = bench.accepted(2)
        assert bench.over(filing(bench).run) == 1
        assert bench.item(small).state is OutboxState.FILED


def test_a_draft_is_mirrored_replaced_and_removed(bench: AccountBench):
    store = bench.store
    work = DraftMirror(store, bench.account, bench.events.append, clock=bench.clock)
    composition = Composition(subject="Später", rich=False, body="one", message_id="draft@example.org")
    with store.user_transaction() as tx:
        draft = store.drafts.add(tx, composition, int(bench.now))
    assert bench.over(work.run) == 1
    with store.user_transaction() as tx:
        store.drafts.save(tx, draft.id, replace(composition, body="two"), int(bench.now))
    assert bench.over(work.run) == 1
    ((raw, flags),) = messages(bench, b"Drafts")
    assert flags == Flag.DRAFT | Flag.SEEN
    assert parse(raw).text.strip() == "two"
    assert parse(raw).envelope.subject == "Später"
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [draft.id])
    bench.over(work.run)
    assert messages(bench, b"Drafts") == []
    assert not bench.problems()
