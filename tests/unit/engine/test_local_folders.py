"""What an account without IMAP sent is kept here, and shown as if a server kept it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag, MessageQuery
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine.bodies import read_body
from qtmail.engine.local_folders import LocalFolders
from qtmail.engine.replay_queue import record_flags
from qtmail.errors import StoreFailed
from qtmail.store.store import Store
from tests.fakes.mailbox_bench import sent_message


@pytest.fixture
def sender(store: Store) -> Account:
    """An account that only sends."""
    return add_sender(store)


def add_sender(store: Store) -> Account:
    smtp = ServerSettings("smtp.example.org", 465, Security.TLS, "ann")
    with store.user_transaction() as tx:
        return store.accounts.add(tx, Account(0, "Ann", "ann@example.org", "Ann", None, smtp))


def accept(store: Store, account: Account, number: int) -> OutboxItem:
    raw = sent_message(number)
    with store.user_transaction() as tx:
        blob = store.blobs.begin(tx, 0)
        store.blobs.append(tx, blob, raw[:50])
        store.blobs.append(tx, blob, raw[50:])
        store.blobs.finish(tx, blob)
        new = NewOutboxItem(account.id, 0, f"sent-{number}@example.org", "", account.address, ("bob@x",), 0)
        item = store.outbox.add(tx, new, blob, len(raw), 1000)
        taken = replace(item, state=OutboxState.ACCEPTED, sent_at=2000)
        store.outbox.save(tx, taken, expected=OutboxState.QUEUED)
    return taken


def shown(store: Store, account: Account) -> dict[str, Flag]:
    """Subject and flags of what the folder shows, newest first."""
    (folder,) = store.folders.list(account.id)
    ids = store.messages.ids(MessageQuery((folder.id,)))
    return {row.subject: row.flags for row in store.messages.rows(ids)}


def first_id(store: Store, account: Account) -> int:
    (folder,) = store.folders.list(account.id)
    return store.messages.ids(MessageQuery((folder.id,)))[0]


def test_what_was_sent_is_kept_and_shown(store: Store, sender: Account):
    item = accept(store, sender, 1)
    assert LocalFolders(store, sender).file_accepted() == 1
    (folder,) = store.folders.list(sender.id)
    assert (folder.path, folder.special_use, folder.message_count) == ("Sent", SpecialUse.SENT, 1)
    assert shown(store, sender) == {"Sent 1": Flag.SEEN}
    body = store.bodies.get(first_id(store, sender))
    assert body.raw == sent_message(1)
    message = read_body(body)
    assert message is not None
    assert 'Said "so"' in message.text
    now = store.outbox.get(item.id)
    assert now is not None
    assert now.state is OutboxState.FILED


def test_it_is_filed_once(store: Store, sender: Account):
    accept(store, sender, 1)
    folders = LocalFolders(store, sender)
    folders.file_accepted()
    assert folders.file_accepted() == 0
    folders.show()
    assert shown(store, sender) == {"Sent 1": Flag.SEEN}


def test_it_comes_back_when_the_cache_is_gone(tmp_path: Path):
    with Store.open(tmp_path / "p") as store:
        account = add_sender(store)
        accept(store, account, 1)
        accept(store, account, 2)
        LocalFolders(store, account).file_accepted()
        record_flags(store, [first_id(store, account)], Flag.FLAGGED, Flag.SEEN)
        before = shown(store, account)
    for file in (tmp_path / "p").glob("cache.db*"):
        file.unlink()
    with Store.open(tmp_path / "p") as store:
        LocalFolders(store, account).show()
        assert shown(store, account) == before
        assert store.bodies.get(first_id(store, account)).raw is not None


def test_flags_stay_here_and_nothing_waits_for_a_server(store: Store, sender: Account):
    accept(store, sender, 1)
    folders = LocalFolders(store, sender)
    folders.file_accepted()
    assert record_flags(store, [first_id(store, sender)], Flag.ANSWERED, Flag.SEEN) == frozenset()
    assert shown(store, sender) == {"Sent 1": Flag.ANSWERED}
    assert store.operations.pending(sender.id) == []
    folders.show()
    assert shown(store, sender) == {"Sent 1": Flag.ANSWERED}


def test_the_bytes_outlive_the_outbox_and_go_with_the_message(store: Store, sender: Account):
    accept(store, sender, 1)
    folders = LocalFolders(store, sender)
    folders.file_accepted()
    with store.user_transaction() as tx:
        store.outbox.drop_filed(tx, before=10_000)
        assert store.blobs.sweep(tx, 10**6)
    (message,) = store.local_messages.list(sender.id)
    assert store.blobs.content(message.blob_id) == sent_message(1)
    with store.user_transaction() as tx:
        store.local_messages.remove(tx, sender.id, [message.uid])
    folders.show()
    assert shown(store, sender) == {}
    with pytest.raises(StoreFailed):
        store.blobs.content(message.blob_id)


def test_a_removed_account_leaves_no_bytes_behind(store: Store, sender: Account):
    accept(store, sender, 1)
    LocalFolders(store, sender).file_accepted()
    (message,) = store.local_messages.list(sender.id)
    with store.user_transaction() as tx:
        store.accounts.remove(tx, sender.id)
    with pytest.raises(StoreFailed):
        store.blobs.size(message.blob_id)


def test_a_message_that_cannot_be_read_does_not_hide_the_others(store: Store, sender: Account):
    accept(store, sender, 1)
    accept(store, sender, 2)
    folders = LocalFolders(store, sender)
    folders.file_accepted()
    (folder,) = store.folders.list(sender.id)
    with store.cache_transaction() as tx:
        store.messages.clear(tx, folder.id)
    with store.user_transaction() as tx:
        store.blobs.drop(tx, [store.local_messages.list(sender.id)[0].blob_id])
    folders.show()
    assert shown(store, sender) == {"Sent 2": Flag.SEEN}


def test_an_account_with_a_server_keeps_its_mail_there(store: Store, account: Account):
    with pytest.raises(ValueError, match="IMAP"):
        LocalFolders(store, account)
