"""What the user may do with mail on its way out, and what comes too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, DraftAttachment, FileSource
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState, Recipient, RecipientState
from qtmail.engine.outbox_control import REMEMBERED_SECONDS, OutboxControl
from qtmail.engine.queueing import queue, queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, QtmailError
from qtmail.store.store import Store

NOW = 1_790_000_000
ANN, BOB = "ann@example.org", "bob@example.org"
ACCEPTED, REFUSED = RecipientState.ACCEPTED, RecipientState.REFUSED
WAITING, UNCERTAIN = RecipientState.WAITING, RecipientState.UNCERTAIN

Make = Callable[..., OutboxItem]


@pytest.fixture
def control(store: Store) -> OutboxControl:
    return OutboxControl(store, clock=lambda: NOW)


@pytest.fixture
def make(store: Store, account: Account) -> Make:
    """Makes an item in a state, with its two recipients in theirs."""

    def make(state: OutboxState, ann: RecipientState = WAITING, bob: RecipientState = WAITING) -> OutboxItem:
        composition = Composition(subject="Plans", to=(Address("Ann", ANN),), bcc=(Address("", BOB),))
        with store.user_transaction() as tx:
            draft = store.drafts.add(tx, composition, NOW)
        new = NewOutboxItem(
            account.id, 0, "m@example.org", "Plans", "me@example.org", (ANN, BOB), NOW, draft_id=draft.id
        )
        item = queue(store, new, [b"Subject: Plans\r\n\r\n"], stop=StopToken(), clock=lambda: NOW)
        changed = replace(item, state=state, recipients=(Recipient(ANN, ann), Recipient(BOB, bob)))
        with store.user_transaction() as tx:
            store.outbox.save(tx, changed, expected=OutboxState.QUEUED)
        return changed

    return make


def stored(store: Store, item: OutboxItem) -> OutboxItem:
    now = store.outbox.get(item.id)
    assert now is not None
    return now


def is_a_draft_again(store: Store, item: OutboxItem) -> bool:
    return [draft.id for draft in store.drafts.unsent()] == [item.draft_id]


# -- taking it back --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [OutboxState.HELD, OutboxState.QUEUED, OutboxState.FAILED])
def test_what_was_not_sent_is_a_draft_again(
    control: OutboxControl, store: Store, make: Make, state: OutboxState
):
    item = make(state)
    assert control.cancel(item.id) == item.draft_id
    assert store.outbox.get(item.id) is None
    assert is_a_draft_again(store, item)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OutboxState.SENDING, "being sent"),
        (OutboxState.ACCEPTED, "has taken the message"),
        (OutboxState.FILED, "has been sent"),
        (OutboxState.UNCERTAIN, "may have been sent"),
    ],
)
def test_what_may_be_with_somebody_cannot_be_taken_back(
    control: OutboxControl, store: Store, make: Make, state: OutboxState, words: str
):
    item = make(state)
    with pytest.raises(QtmailError, match=words) as fault:
        control.cancel(item.id)
    assert fault.value.advice
    assert stored(store, item) == item


def test_of_what_some_have_the_rest_is_given_up(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.QUEUED, ann=ACCEPTED)
    assert control.cancel(item.id) is None
    after = stored(store, item)
    assert after.state is OutboxState.ACCEPTED, "its copy is still to be filed"
    assert [one.state for one in after.recipients] == [ACCEPTED, REFUSED]
    assert store.drafts.unsent() == []


def test_an_item_that_is_gone_is_told(control: OutboxControl):
    with pytest.raises(QtmailError, match="no longer in the outbox"):
        control.cancel(99)


# -- trying again ----------------------------------------------------------------------------------


def test_what_was_refused_is_tried_again_now(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.FAILED, ann=REFUSED, bob=REFUSED)
    assert control.retry(item.id) == stored(store, item)
    assert store.outbox.due(item.account_id, NOW) == [stored(store, item)]
    assert len(stored(store, item).waiting) == 2


@pytest.mark.parametrize("state", [OutboxState.SENDING, OutboxState.FILED, OutboxState.UNCERTAIN])
def test_what_is_sent_or_in_doubt_is_not_tried_again(
    control: OutboxControl, store: Store, make: Make, state: OutboxState
):
    item = make(state)
    with pytest.raises(QtmailError):
        control.retry(item.id)
    assert stored(store, item) == item


def test_a_copy_that_waits_to_be_filed_is_filed_now(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.ACCEPTED, ann=ACCEPTED, bob=ACCEPTED)
    with store.user_transaction() as tx:
        store.outbox.save(tx, replace(item, next_try=NOW + 3600), expected=OutboxState.ACCEPTED)
    assert control.retry(item.id).next_try <= NOW
    assert stored(store, item).state is OutboxState.ACCEPTED


# -- what is in doubt ------------------------------------------------------------------------------


def test_what_arrived_is_sent(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.UNCERTAIN, ann=UNCERTAIN, bob=UNCERTAIN)
    control.resolve(item.id, delivered=True)
    assert stored(store, item).state is OutboxState.ACCEPTED
    assert item.draft_id is not None and store.drafts.get(item.draft_id) is None


def test_what_did_not_arrive_is_sent_again(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.UNCERTAIN, ann=UNCERTAIN, bob=REFUSED)
    control.resolve(item.id, delivered=False)
    assert [one.address for one in stored(store, item).waiting] == [ANN]
    assert store.outbox.due(item.account_id, NOW)
    with pytest.raises(QtmailError):
        control.resolve(item.id, delivered=True)


def test_what_is_in_doubt_can_be_left_at_that(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.UNCERTAIN, ann=UNCERTAIN, bob=UNCERTAIN)
    control.drop(item.id)
    assert is_a_draft_again(store, item)


def test_what_some_have_for_certain_is_not_forgotten(control: OutboxControl, store: Store, make: Make):
    item = make(OutboxState.UNCERTAIN, ann=ACCEPTED, bob=UNCERTAIN)
    control.drop(item.id)
    assert stored(store, item).state is OutboxState.ACCEPTED
    assert store.drafts.unsent() == []


def test_what_is_on_its_way_is_not_dropped(control: OutboxControl, make: Make):
    item = make(OutboxState.QUEUED)
    with pytest.raises(QtmailError):
        control.drop(item.id)


# -- those who were refused ------------------------------------------------------------------------


def partly_refused(store: Store, make: Make) -> OutboxItem:
    item = replace(make(OutboxState.ACCEPTED, ann=ACCEPTED, bob=REFUSED), acknowledged=False)
    with store.user_transaction() as tx:
        store.outbox.save(tx, item, expected=OutboxState.ACCEPTED)
    return item


def test_those_who_were_refused_are_written_to_again(control: OutboxControl, store: Store, make: Make):
    item = partly_refused(store, make)
    draft = store.drafts.get(control.write_to_refused(item.id))
    assert draft is not None and is_a_draft_again(store, item)
    assert draft.composition.recipients == (Address("", BOB),)
    assert draft.composition.message_id not in ("", item.message_id)
    assert stored(store, item).acknowledged


def test_once_it_is_acknowledged_the_draft_is_gone(control: OutboxControl, store: Store, make: Make):
    item = partly_refused(store, make)
    control.acknowledge(item.id)
    assert stored(store, item).acknowledged
    assert item.draft_id is not None and store.drafts.get(item.draft_id) is None
    with pytest.raises(QtmailError, match="cannot be edited"):
        control.write_to_refused(item.id)


# -- two at once -----------------------------------------------------------------------------------


def test_whoever_is_too_late_is_told(
    control: OutboxControl, store: Store, make: Make, monkeypatch: pytest.MonkeyPatch
):
    """Between the look and the act the sending thread has begun, and ended, an attempt."""
    seen = make(OutboxState.QUEUED)
    tried = replace(
        seen, attempts=1, recipients=(Recipient(ANN, ACCEPTED), Recipient(BOB, WAITING, "450 later"))
    )
    with store.user_transaction() as tx:
        store.outbox.save(tx, tried, expected=OutboxState.QUEUED)
    monkeypatch.setattr(store.outbox, "get", lambda item_id: seen)
    with pytest.raises(QtmailError, match="changed meanwhile"):
        control.cancel(seen.id)
    with pytest.raises(QtmailError, match="changed meanwhile"):
        control.retry(seen.id)
    monkeypatch.undo()
    assert stored(store, seen) == tried


def test_what_was_filed_long_ago_is_forgotten(control: OutboxControl, store: Store, make: Make):
    old, recent = make(OutboxState.FILED, ann=ACCEPTED, bob=ACCEPTED), make(OutboxState.FILED)
    for item, sent_at in ((old, NOW - REMEMBERED_SECONDS - 1), (recent, NOW - REMEMBERED_SECONDS)):
        with store.user_transaction() as tx:
            store.outbox.save(tx, replace(item, sent_at=sent_at), expected=OutboxState.FILED)
    control.forget_old()
    assert store.outbox.get(old.id) is None
    assert store.outbox.get(recent.id) is not None


# -- sent sooner than planned ------------------------------------------------------------------------


@pytest.fixture
def attached(tmp_path: Path) -> Path:
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"a plan")
    return file


@pytest.fixture
def planned(store: Store, attached: Path) -> OutboxItem:
    """A message with a file that is to be sent tomorrow."""
    server = ServerSettings("mail.example.org", 465, Security.TLS, "me")
    with store.user_transaction() as tx:
        store.accounts.add(tx, Account(0, "Sends", "me@sends.example", "Me", None, server))
    (identity,) = (one for one in store.identities.list() if one.address == "me@sends.example")
    file = DraftAttachment("plan.pdf", "application/pdf", 6, FileSource(str(attached), 1))
    composition = Composition(identity.id, (Address("Ann", ANN),), subject="Plans", attachments=(file,))
    with store.user_transaction() as tx:
        draft = store.drafts.add(tx, composition, NOW)
    return queue_draft(store, draft, not_before=NOW + 86_400, stop=StopToken(), clock=lambda: NOW)


def test_what_was_dated_for_later_is_dated_anew(control: OutboxControl, store: Store, planned: OutboxItem):
    now = control.retry(planned.id)
    assert store.outbox.unfinished() == [now]
    assert store.outbox.due(now.account_id, NOW) == [now]
    assert now.draft_id == planned.draft_id
    header = store.blobs.content(now.blob_id).partition(b"\r\n\r\n")[0].decode()
    date = parsedate_to_datetime(header.partition("Date: ")[2].partition("\r\n")[0])
    assert date.timestamp() == NOW


def test_what_can_be_undone_for_some_seconds_is_sent_as_it_is(control: OutboxControl, make: Make):
    item = make(OutboxState.HELD)
    assert control.retry(item.id).blob_id == item.blob_id


def test_where_it_cannot_be_made_anew_it_stays_planned(
    control: OutboxControl, store: Store, planned: OutboxItem, attached: Path
):
    attached.unlink()
    with pytest.raises(FileFailed):
        control.retry(planned.id)
    assert store.outbox.unfinished() == [planned]
