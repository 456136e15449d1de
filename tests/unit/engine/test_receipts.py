"""Read receipts go into the outbox of whom the message was written to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.receipts import queue_receipt
from qtmail.errors import MessageUnsendable
from qtmail.mime.parser import parse
from qtmail.store.store import Store

NOW = 1_790_000_000
ASKING = (
    b"From: Bob <bob@example.net>\r\nTo: Work <work@example.org>\r\nSubject: Plans\r\n"
    b"Message-ID: <plans@example.net>\r\nDisposition-Notification-To: bob@example.net\r\n\r\nRead this.\r\n"
)
SMTP = ServerSettings("smtp.example.org", 465, Security.TLS, "ann")


@pytest.fixture
def writer(store: Store, account: Account) -> Account:
    """An account that sends, beside the one that only reads."""
    with store.user_transaction() as tx:
        work = replace(account, id=0, name="Work", address="work@example.org", smtp=SMTP)
        return store.accounts.add(tx, work)


def answer(store: Store, raw: bytes = ASKING, account_id: int | None = None) -> OutboxItem:
    return queue_receipt(store, parse(raw), account_id, clock=lambda: NOW)


def test_it_comes_from_whom_the_message_was_written_to_and_goes_to_who_asked(
    store: Store, writer: Account
) -> None:
    item = answer(store)
    assert (item.account_id, item.state, item.not_before) == (writer.id, OutboxState.QUEUED, NOW)
    assert [one.address for one in item.recipients] == ["bob@example.net"]
    receipt = parse(store.blobs.content(item.blob_id))
    assert [one.address for one in receipt.envelope.from_] == ["work@example.org"]
    assert receipt.envelope.message_id == item.message_id
    assert item.size == len(store.blobs.content(item.blob_id))


def test_nothing_can_ever_answer_it(store: Store, writer: Account) -> None:
    assert answer(store).sender == ""


def test_it_is_no_draft_and_leaves_none(store: Store, writer: Account) -> None:
    assert answer(store).draft_id is None
    assert store.drafts.unsent() == []


def test_an_address_beyond_ascii_is_noted(store: Store, writer: Account) -> None:
    item = answer(store, ASKING.replace(b"bob@", "jörg@".encode()))
    assert item.needs_smtputf8
    assert not answer(store).needs_smtputf8


def test_a_message_that_asks_for_none_gets_none(store: Store, writer: Account) -> None:
    with pytest.raises(MessageUnsendable):
        answer(store, ASKING.replace(b"Disposition-Notification-To", b"X-Nothing"))
    assert store.outbox.unfinished() == []


def test_an_account_that_cannot_send_says_so(store: Store, account: Account) -> None:
    with pytest.raises(MessageUnsendable, match="no account"):
        answer(store, account_id=account.id)
