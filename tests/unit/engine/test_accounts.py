from dataclasses import replace

import pytest

from qtmail.domain.composition import Composition
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import NewOutboxItem, OutboxState
from qtmail.engine.accounts import MailWaits, add_account, forget_account, sweep
from qtmail.engine.queueing import queue
from qtmail.engine.replay_queue import record_flags
from qtmail.engine.stopping import StopToken
from qtmail.errors import UsageError
from tests.fakes.memory_imap import plain_message


def test_an_address_is_added_once(store, account):
    with pytest.raises(UsageError, match="already"):
        add_account(store, replace(account, id=0, address="ANN@example.org"))
    assert add_account(store, replace(account, id=0, address="bob@example.org")).id != account.id
    assert len(store.accounts.list()) == 2


def test_an_account_is_forgotten_with_all_that_was_kept_of_it(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    record_flags(bench.store, [1], Flag.SEEN, Flag.NONE)
    forget_account(bench.store, bench.account.id)
    assert bench.store.accounts.list() == []
    assert bench.store.folders.list() == []
    assert bench.store.operations.pending(bench.account.id) == []


def test_what_an_interrupted_removal_left_behind_is_swept_and_nothing_else(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    sweep(bench.store)
    assert bench.cached() == bench.on_server()
    with bench.store.user_transaction() as tx:
        bench.store.accounts.remove(tx, bench.account.id)
    sweep(bench.store)
    assert bench.store.folders.list() == []


def queued(store, account, state=OutboxState.QUEUED, *, subject="Plans"):
    """An item in the account's outbox, made from a draft."""
    with store.user_transaction() as tx:
        draft = store.drafts.add(tx, Composition(subject=subject, body="Much work"), 0)
    new = NewOutboxItem(
        account.id, 0, f"{subject}@x", subject, account.address, ("bob@example.org",), 0, draft_id=draft.id
    )
    item = queue(store, new, [b"Subject: Plans\r\n\r\nYes.\r\n"], stop=StopToken())
    if state is not OutboxState.QUEUED:
        with store.user_transaction() as tx:
            assert store.outbox.save(tx, replace(item, state=state, sent_at=1), expected=item.state)
    return store.outbox.get(item.id)


@pytest.mark.parametrize(
    "state", [OutboxState.QUEUED, OutboxState.FAILED, OutboxState.UNCERTAIN, OutboxState.ACCEPTED]
)
def test_an_account_whose_mail_waits_is_not_forgotten_unless_told_so(store, account, state):
    item = queued(store, account, state)
    with pytest.raises(MailWaits, match="still in the outbox") as fault:
        forget_account(store, account.id)
    assert fault.value.advice
    assert (store.accounts.list(), store.outbox.unfinished()) == ([account], [item])
    forget_account(store, account.id, drop_unsent=True)
    assert (store.accounts.list(), store.outbox.unfinished()) == ([], [])


def test_a_message_that_is_being_sent_is_not_dropped_whoever_says_so(store, account):
    item = queued(store, account, OutboxState.SENDING)
    with pytest.raises(MailWaits, match="being sent"):
        forget_account(store, account.id, drop_unsent=True)
    assert store.outbox.unfinished() == [item]


def test_the_drafts_of_a_forgotten_account_stay_and_so_does_the_text_of_what_was_not_sent(store, account):
    with store.user_transaction() as tx:
        kept = store.drafts.add(tx, Composition(body="Still writing"), 0)
    unsent = queued(store, account, subject="unsent")
    queued(store, account, OutboxState.ACCEPTED, subject="sent")
    forget_account(store, account.id, drop_unsent=True)
    assert {draft.id for draft in store.drafts.unsent()} == {kept.id, unsent.draft_id}


def test_mail_of_other_accounts_keeps_none(store, account):
    other = add_account(store, replace(account, id=0, address="bob@example.org"))
    item = queued(store, other)
    forget_account(store, account.id)
    assert store.outbox.unfinished() == [item]
