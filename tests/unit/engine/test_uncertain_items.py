"""A message of which nobody knows whether it was sent is found in Sent, or is the user's to judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qtmail.domain.outgoing import OutboxItem, OutboxState, RecipientState
from qtmail.engine.filing import Filing
from qtmail.engine.uncertain_items import FIRST_LOOK
from qtmail.store.store import Store
from tests.fakes.mailbox_bench import MailboxBench, sent_message
from tests.fakes.mailbox_server import QRESYNC, MailboxServer


@pytest.fixture
def bench(store: Store) -> Iterator[MailboxBench]:
    with MailboxServer(QRESYNC) as server:
        yield MailboxBench(store, server)


def filing(bench: MailboxBench) -> Filing:
    return Filing(bench.store, bench.account, bench.events.append, clock=bench.clock)


def uncertain(bench: MailboxBench, number: int = 1, raw: bytes | None = None) -> OutboxItem:
    item = bench.accepted(number, raw)
    recipients = tuple(replace(one, state=RecipientState.UNCERTAIN) for one in item.recipients)
    lost = replace(item, state=OutboxState.UNCERTAIN, recipients=recipients, sent_at=None)
    with bench.store.user_transaction() as tx:
        bench.store.outbox.save(tx, lost, expected=OutboxState.ACCEPTED)
    return lost


def test_one_that_the_server_has_put_into_sent_was_sent(bench: MailboxBench):
    sent = bench.folder()
    item = uncertain(bench)
    sent.deliver(sent_message(1))
    assert bench.over(filing(bench).run) == 1
    now = bench.item(item)
    assert now.state is OutboxState.FILED
    assert [one.state for one in now.recipients] == [RecipientState.ACCEPTED]
    assert len(sent.messages) == 1


def test_one_that_is_not_there_stays_uncertain_and_is_never_put_there(bench: MailboxBench):
    sent = bench.folder()
    item = uncertain(bench)
    work = filing(bench)
    assert bench.over(work.run) == 0
    assert bench.item(item).state is OutboxState.UNCERTAIN
    assert not sent.messages
    assert not bench.problems()


def test_it_is_looked_for_again_but_not_all_the_time(bench: MailboxBench):
    sent = bench.folder()
    item = uncertain(bench)
    work = filing(bench)
    bench.over(work.run)
    when = work.next_time()
    assert when is not None
    assert when > bench.now
    searches = bench.server.commands.count("UID SEARCH")
    bench.over(work.run)
    assert bench.server.commands.count("UID SEARCH") == searches
    sent.deliver(sent_message(1))
    bench.now += 2 * FIRST_LOOK
    bench.over(work.run)
    assert bench.item(item).state is OutboxState.FILED


def test_one_sent_on_unchanged_is_not_taken_for_its_original(bench: MailboxBench):
    sent = bench.folder()
    original = sent_message(7)
    sent.deliver(original)
    resent = b"Resent-Message-ID: <sent-1@example.org>\r\n" + original
    item = uncertain(bench, 1, resent)
    work = filing(bench)
    bench.over(work.run)
    assert bench.item(item).state is OutboxState.UNCERTAIN
    sent.deliver(resent)
    bench.now += 2 * FIRST_LOOK
    bench.over(work.run)
    assert bench.item(item).state is OutboxState.FILED


def test_a_folder_that_cannot_be_opened_leaves_it_for_later(bench: MailboxBench):
    bench.folder(b"Shut")
    item = uncertain(bench)
    work = filing(bench)
    bench.server.tamper = lambda command, answer: (
        [command.done(b"NO no")] if command.verb == "SELECT" else answer
    )
    assert bench.over(work.run) == 0
    assert bench.item(item).state is OutboxState.UNCERTAIN
