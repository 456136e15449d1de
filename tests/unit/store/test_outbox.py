from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account
from qtmail.domain.composition import Draft, Origin, OriginKind
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.outgoing import (
    DeliveryStatus,
    NewOutboxItem,
    OutboxItem,
    OutboxState,
    Recipient,
    RecipientState,
)
from qtmail.errors import StoreFailed
from qtmail.store.store import Store
from tests.unit.store.compositions import FULL
from tests.unit.store.values import add_account

NOW = 1_000_000


def queue(store: Store, account: Account, *, not_before: int = NOW, draft: Draft | None = None) -> OutboxItem:
    new = NewOutboxItem(
        account_id=account.id,
        identity_id=2,
        message_id="m1@example.org",
        subject="会议",
        sender="ann@example.org",
        recipients=("bo@example.org", "Chen@example.cn"),
        not_before=not_before,
        needs_8bit=True,
        needs_smtputf8=True,
        request_delivery=True,
        origin=Origin(OriginKind.FORWARDED, account.id, b"INBOX\xff", 7, 9),
        sent_folder=b"Sent",
        draft_id=draft.id if draft else None,
    )
    with store.user_transaction() as tx:
        blob_id = store.blobs.begin(tx, NOW)
        store.blobs.append(tx, blob_id, b"the message")
        size = store.blobs.finish(tx, blob_id)
        return store.outbox.add(tx, new, blob_id, size, NOW)


def save(store: Store, item: OutboxItem, expected: OutboxState) -> bool:
    with store.user_transaction() as tx:
        return store.outbox.save(tx, item, expected=expected)


def new_draft(store: Store) -> Draft:
    with store.user_transaction() as tx:
        return store.drafts.add(tx, FULL, NOW, run="run")


def test_all_of_an_item_outlives_the_program(profile: Path) -> None:
    with Store.open(profile) as store:
        account = add_account(store)
        item = queue(store, account, draft=new_draft(store))
    with Store.open(profile) as store:
        assert store.outbox.get(item.id) == item
        assert item.draft_id is not None and item.origin is not None
        assert store.blobs.content(item.blob_id) == b"the message"


def test_everything_that_changes_is_saved(store: Store, account: Account, changes: list[StoreChange]) -> None:
    item = queue(store, account)
    changed = replace(
        item,
        state=OutboxState.SENDING,
        recipients=(
            Recipient("bo@example.org", RecipientState.REFUSED, "550 No"),
            Recipient("Chen@example.cn", RecipientState.ACCEPTED, "250 Ok"),
        ),
        not_before=NOW + 1,
        next_try=NOW + 2,
        attempts=3,
        handed_over=True,
        last_answer="The server said no.",
        advice="Ask.",
        sent_at=NOW + 3,
        acknowledged=False,
    )
    assert save(store, changed, OutboxState.QUEUED)
    assert store.outbox.get(item.id) == changed
    assert changes[-1].kinds == {ChangeKind.OUTBOX}


def test_of_two_who_act_at_once_one_is_told(store: Store, account: Account) -> None:
    item = queue(store, account)
    claimed = replace(item, state=OutboxState.SENDING, attempts=1)
    assert save(store, claimed, OutboxState.QUEUED)
    assert not save(store, replace(item, attempts=9), OutboxState.QUEUED)
    with store.user_transaction() as tx:
        assert not store.outbox.remove(tx, item)
    assert store.outbox.get(item.id) == claimed


def test_what_is_due(store: Store, account: Account) -> None:
    other = add_account(store)
    now = queue(store, account)
    held = queue(store, account, not_before=NOW + 60)
    later = queue(store, account)
    save(store, replace(later, next_try=NOW + 30), OutboxState.QUEUED)
    queue(store, other)
    assert (now.state, held.state) == (OutboxState.QUEUED, OutboxState.HELD)
    assert [item.id for item in store.outbox.due(account.id, NOW)] == [now.id]
    assert [item.id for item in store.outbox.due(account.id, NOW + 60)] == [now.id, held.id, later.id]
    after_now = store.outbox.next_due(account.id, NOW + 60, now.id)
    assert after_now is not None and after_now.id == held.id
    assert store.outbox.next_due(account.id, NOW, now.id) is None
    assert store.outbox.next_time(account.id) == NOW
    save(store, replace(now, state=OutboxState.FAILED), OutboxState.QUEUED)
    assert store.outbox.next_time(account.id) == NOW + 30
    assert store.outbox.in_state(account.id, OutboxState.FAILED, OutboxState.HELD)[0].id == now.id


def test_a_queued_draft_is_out_of_sight_and_comes_back(store: Store, account: Account) -> None:
    draft = new_draft(store)
    item = queue(store, account, draft=draft)
    assert store.drafts.unsent() == [] and store.drafts.recoverable("next run") == []
    with store.user_transaction() as tx:
        assert store.outbox.remove(tx, item)
    assert [one.id for one in store.drafts.unsent()] == [draft.id]
    with pytest.raises(StoreFailed):
        store.blobs.content(item.blob_id)


def test_a_filed_item_is_remembered_without_its_bytes(store: Store, account: Account) -> None:
    item = queue(store, account)
    accepted = replace(item, state=OutboxState.ACCEPTED, sent_at=NOW)
    save(store, accepted, OutboxState.QUEUED)
    with store.user_transaction() as tx:
        assert store.outbox.filed(tx, accepted)
        assert not store.outbox.filed(tx, accepted)
    assert store.outbox.unfinished() == []
    (known,) = store.outbox.find_message_id("m1@example.org")
    assert (known.state, known.blob_id) == (OutboxState.FILED, 0)
    with pytest.raises(StoreFailed):
        store.blobs.content(item.blob_id)
    with store.user_transaction() as tx:
        store.outbox.drop_filed(tx, NOW)
        assert store.outbox.get(item.id) is not None
        store.outbox.drop_filed(tx, NOW + 1)
    assert store.outbox.get(item.id) is None


def test_a_filed_item_is_shown_until_its_refusals_were_seen(store: Store, account: Account) -> None:
    item = queue(store, account)
    save(store, replace(item, state=OutboxState.FILED, acknowledged=False), OutboxState.QUEUED)
    assert [one.id for one in store.outbox.unfinished()] == [item.id]
    with store.user_transaction() as tx:
        store.outbox.acknowledge(tx, item.id)
    assert store.outbox.unfinished() == []


def test_reports_are_noted_and_late_ones_do_not_unsettle(store: Store, account: Account) -> None:
    item = queue(store, account)

    def report(status: DeliveryStatus, address: str = "CHEN@example.cn") -> bool:
        with store.user_transaction() as tx:
            return store.outbox.report(tx, item.id, address, status, f"It is {status}.")

    assert report(DeliveryStatus.DELAYED)
    assert not report(DeliveryStatus.DELAYED)
    assert report(DeliveryStatus.DELIVERED)
    assert not report(DeliveryStatus.DELAYED)
    assert not report(DeliveryStatus.FAILED, "stranger@example.org")
    assert save(store, replace(item, state=OutboxState.SENDING), OutboxState.QUEUED), "as it was read before"
    known = store.outbox.get(item.id)
    assert known is not None
    assert known.recipients[1].delivery is DeliveryStatus.DELIVERED
    assert known.recipients[1].delivery_text == "It is delivered."
    assert known.recipients[0].delivery is DeliveryStatus.UNKNOWN
    assert report(DeliveryStatus.READ)
    assert not report(DeliveryStatus.DELIVERED)
