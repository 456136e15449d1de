"""What follows, in one go, from a message having been accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account
from qtmail.domain.composition import Composition, Origin, OriginKind
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine import moving
from qtmail.engine.outcome import store_outcome
from qtmail.engine.queueing import queue
from qtmail.engine.stopping import StopToken
from qtmail.errors import StoreFailed
from qtmail.store.store import Store
from tests.fakes.local_bench import add_account as add_local
from tests.fakes.local_bench import deliver, id_of, kept, shown
from tests.fakes.memory_imap import plain_message
from tests.unit.engine.conftest import Bench

NOW = 1_790_000_000
STOP = StopToken()


def queued(
    store: Store, account: Account, kind: OriginKind = OriginKind.ANSWERED, uid_validity: int = 1
) -> OutboxItem:
    """An item made from a draft that answers, or forwards, the first message in INBOX."""
    origin = Origin(kind, account.id, b"INBOX", uid_validity, 1)
    with store.user_transaction() as tx:
        draft = store.drafts.add(tx, Composition(subject="Answer", origin=origin), NOW)
    new = NewOutboxItem(
        account.id, 0, "m@example.org", "Answer", "ann@example.org", ("bob@example.org",), NOW,
        origin=origin, draft_id=draft.id,
    )  # fmt: skip
    return queue(store, new, [b"Subject: Answer\r\n\r\nYes.\r\n"], stop=STOP, clock=lambda: NOW)


def accepted(item: OutboxItem) -> OutboxItem:
    return replace(item, state=OutboxState.ACCEPTED, sent_at=NOW)


@pytest.mark.parametrize(
    ("kind", "flag"), [(OriginKind.ANSWERED, Flag.ANSWERED), (OriginKind.FORWARDED, Flag.FORWARDED)]
)
def test_the_original_is_marked_here_and_for_the_server(bench: Bench, kind: OriginKind, flag: Flag):
    bench.server.folders[b"INBOX"].deliver(plain_message(1))
    bench.sync()
    item = queued(bench.store, bench.account, kind)
    assert store_outcome(bench.store, accepted(item), expected=OutboxState.QUEUED)
    assert bench.cached() == {1: flag}
    (operation,) = bench.store.operations.pending(bench.account.id)
    assert (operation.folder, operation.uid, operation.add) == (b"INBOX", 1, flag)


def test_a_folder_that_was_numbered_anew_is_not_touched_here(bench: Bench):
    bench.server.folders[b"INBOX"].deliver(plain_message(1))
    bench.sync()
    item = queued(bench.store, bench.account, uid_validity=99)
    assert store_outcome(bench.store, accepted(item), expected=OutboxState.QUEUED)
    assert bench.cached() == {1: Flag.NONE}


def test_the_draft_goes_with_what_was_attached_to_it(store: Store, account: Account):
    item = queued(store, account)
    assert item.draft_id is not None
    with store.user_transaction() as tx:
        blob_id = store.blobs.begin(tx, NOW)
        store.blobs.finish(tx, blob_id)
        store.drafts.own_blob(tx, item.draft_id, blob_id)
    store_outcome(store, accepted(item), expected=OutboxState.QUEUED)
    assert store.drafts.get(item.draft_id) is None
    with pytest.raises(StoreFailed):
        store.blobs.size(blob_id)
    assert store.blobs.content(item.blob_id), "the copy for Sent is still to be made"


def test_the_draft_stays_while_somebody_who_was_refused_may_be_written_to_again(
    store: Store, account: Account
):
    item = queued(store, account)
    assert item.draft_id is not None
    store_outcome(store, replace(accepted(item), acknowledged=False), expected=OutboxState.QUEUED)
    draft = store.drafts.get(item.draft_id)
    assert draft is not None and draft.outbox_item_id == item.id


@pytest.mark.parametrize("state", [OutboxState.QUEUED, OutboxState.FAILED, OutboxState.UNCERTAIN])
def test_nothing_follows_from_anything_else(store: Store, account: Account, state: OutboxState):
    item = queued(store, account)
    assert item.draft_id is not None
    assert store_outcome(store, replace(item, state=state), expected=OutboxState.QUEUED)
    assert store.drafts.get(item.draft_id) is not None
    assert store.operations.pending(account.id) == []


def test_what_comes_too_late_changes_nothing(store: Store, account: Account):
    item = queued(store, account)
    assert not store_outcome(store, accepted(item), expected=OutboxState.SENDING)
    assert store.outbox.get(item.id) == item
    assert store.operations.pending(account.id) == []


def test_an_accepted_item_that_is_stored_again_marks_nothing_again(store: Store, account: Account):
    item = queued(store, account)
    store_outcome(store, accepted(item), expected=OutboxState.QUEUED)
    store_outcome(store, accepted(item), expected=OutboxState.ACCEPTED)
    assert len(store.operations.pending(account.id)) == 1


def test_an_original_on_this_computer_is_marked_wherever_it_was_moved(store: Store, account: Account):
    here = add_local(store, "Here", sends=True)
    deliver(store, here, "one")
    (place,) = store.messages.locate([id_of(store, "one")])
    origin = Origin(OriginKind.ANSWERED, here.id, place.wire_name, place.uid_validity, place.uid)
    item = replace(queued(store, account), origin=origin)
    moving.archive(store, [id_of(store, "one")])
    assert store_outcome(store, accepted(item), expected=OutboxState.QUEUED)
    assert kept(store, here) == shown(store, here) == {"Archive": {"one": Flag.ANSWERED}}
    assert store.operations.pending(here.id) == []
