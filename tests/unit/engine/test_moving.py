"""Moving, deleting and taking that back, of mail on this computer."""

from __future__ import annotations

import pytest

from qtmail.domain.account import Account
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.pop3 import Pop3Message
from qtmail.engine import moving, own_folders
from qtmail.engine.local_mail import LocalMail, local_account
from qtmail.errors import QtmailError, StoreFailed, UsageError
from qtmail.store.store import Store
from tests.fakes.local_bench import add_account, deliver, folder_of, id_of, kept, paths, row_of, shown
from tests.fakes.memory_imap import plain_message


@pytest.fixture
def ann(store: Store) -> Account:
    account = add_account(store)
    LocalMail(store, account).ensure_folders()
    deliver(store, account, "one", "two", "three")
    return account


def ids(store: Store, *subjects: str) -> list[int]:
    return [id_of(store, subject) for subject in subjects]


def where(store: Store, account: Account) -> dict[str, set[str]]:
    """Subjects by folder; the cache shows what is there."""
    assert shown(store, account) == kept(store, account)
    assert store.folders.wrong_counts() == ()
    return {path: set(messages) for path, messages in kept(store, account).items()}


def test_messages_move_and_rows_keep_their_ids(store: Store, ann: Account):
    before = id_of(store, "one")
    moved = moving.move(store, ids(store, "one", "two"), folder_of(store, ann, "Archive").id)
    assert where(store, ann) == {"Inbox": {"three"}, "Archive": {"one", "two"}}
    assert id_of(store, "one") == before
    assert moved.count == 2


def test_a_move_is_undone(store: Store, ann: Account):
    moving.archive(store, ids(store, "one"))
    moved = moving.delete(store, ids(store, "one", "two"))
    moving.undo(store, moved)
    assert where(store, ann) == {"Inbox": {"two", "three"}, "Archive": {"one"}}


def test_undo_leaves_alone_what_was_moved_further(store: Store, ann: Account):
    moved = moving.archive(store, ids(store, "one", "two"))
    moving.delete(store, ids(store, "one"))
    moving.undo(store, moved)
    assert where(store, ann) == {"Inbox": {"two", "three"}, "Trash": {"one"}}


def test_what_came_from_a_folder_that_is_gone_is_put_back_into_the_inbox(store: Store, ann: Account):
    work = own_folders.create_folder(store, ann.id, "Work")
    moving.move(store, ids(store, "one"), work.id)
    moved = moving.archive(store, ids(store, "one"))
    own_folders.remove_folder(store, work.id)
    moving.undo(store, moved)
    assert where(store, ann) == {"Inbox": {"one", "two", "three"}}


def test_deleting_twice_is_for_good(store: Store, ann: Account):
    (message, *_) = store.local_messages.list(ann.id)
    assert moving.delete(store, ids(store, "one")).removed == 0
    assert where(store, ann) == {"Inbox": {"two", "three"}, "Trash": {"one"}}
    moved = moving.delete(store, ids(store, "one", "two"))
    assert (moved.removed, moved.count) == (1, 1)
    assert where(store, ann) == {"Inbox": {"three"}, "Trash": {"two"}}
    with pytest.raises(StoreFailed):
        store.blobs.size(message.blob_id)


def test_deleting_for_good_passes_the_trash_by(store: Store, ann: Account):
    assert moving.delete(store, ids(store, "one"), for_good=True).removed == 1
    assert where(store, ann) == {"Inbox": {"two", "three"}}


def test_an_account_without_a_trash_gets_one(store: Store):
    sender = add_account(store, receives=False, sends=True)
    deliver(store, sender, "one", folder=SpecialUse.SENT)
    assert paths(store, sender) == ["Sent"]
    moving.delete(store, ids(store, "one"))
    assert where(store, sender) == {"Trash": {"one"}}


def test_junk_and_back(store: Store, ann: Account):
    moving.mark_junk(store, ids(store, "one"))
    assert where(store, ann) == {"Inbox": {"two", "three"}, "Junk": {"one"}}
    assert row_of(store, "one").flags == Flag.JUNK
    moved = moving.mark_not_junk(store, ids(store, "one"))
    assert row_of(store, "one").flags == Flag.NOT_JUNK
    moving.undo(store, moved)
    assert where(store, ann) == {"Inbox": {"two", "three"}, "Junk": {"one"}}
    assert row_of(store, "one").flags == Flag.JUNK


def test_the_trash_is_emptied(store: Store, ann: Account):
    moving.delete(store, ids(store, "one", "two"))
    assert moving.empty_trash(store, ann.id) == 2
    assert where(store, ann) == {"Inbox": {"three"}}


def test_messages_move_to_another_account(store: Store, ann: Account):
    local = local_account(store)
    moved = moving.move(store, ids(store, "one"), folder_of(store, local, "Inbox").id)
    assert where(store, ann) == {"Inbox": {"two", "three"}}
    assert where(store, local) == {"Inbox": {"one"}}
    moving.undo(store, moved)
    assert where(store, ann) == {"Inbox": {"one", "two", "three"}}
    assert where(store, local) == {}


def test_messages_of_several_accounts_go_to_their_own_trash(store: Store, ann: Account):
    bob = add_account(store, "Bob")
    deliver(store, bob, "four")
    moving.delete(store, ids(store, "one", "four"))
    assert where(store, ann)["Trash"] == {"one"}
    assert where(store, bob) == {"Trash": {"four"}}


def test_where_they_are_already_nothing_is_to_be_taken_back(store: Store, ann: Account):
    moved = moving.move(store, ids(store, "one"), folder_of(store, ann, "Inbox").id)
    assert moved.count == 0
    assert where(store, ann) == {"Inbox": {"one", "two", "three"}}


def test_what_is_gone_is_passed_over(store: Store, ann: Account):
    gone = ids(store, "one")
    moving.delete(store, gone, for_good=True)
    assert moving.archive(store, [*gone, *ids(store, "two")]).count == 1
    assert where(store, ann) == {"Inbox": {"three"}, "Archive": {"two"}}


def test_a_folder_that_was_removed_takes_nothing(store: Store, ann: Account):
    work = own_folders.create_folder(store, ann.id, "Work")
    own_folders.remove_folder(store, work.id)
    with pytest.raises(QtmailError, match="no longer there"):
        moving.move(store, ids(store, "one"), work.id)
    assert where(store, ann) == {"Inbox": {"one", "two", "three"}}


def test_mail_on_a_server_is_not_touched(bench, ann):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    on_server = bench.store.messages.find_uid(bench.folder().id, 1)
    for attempt in (
        lambda: moving.delete(bench.store, [*ids(bench.store, "one"), on_server]),
        lambda: moving.move(bench.store, [on_server], folder_of(bench.store, ann, "Inbox").id),
        lambda: moving.move(bench.store, ids(bench.store, "one"), bench.folder().id),
    ):
        with pytest.raises(UsageError):
            attempt()
    assert where(bench.store, ann) == {"Inbox": {"one", "two", "three"}}
    assert bench.cached() == bench.on_server()


def test_what_was_fetched_is_remembered_through_moves_and_after_deletion(store: Store, ann: Account):
    uid = store.local_messages.list(ann.id)[0].uid
    with store.user_transaction() as tx:
        store.pop3_messages.note(tx, Pop3Message(ann.id, b"u1", 10, 1, uid))

    def known() -> tuple[int | None, bool]:
        (message,) = store.pop3_messages.list(ann.id)
        return message.local_uid, message.in_trash

    moving.archive(store, ids(store, "one"))
    assert known() == (uid, False)
    moving.delete(store, ids(store, "one"))
    assert known() == (uid, True)
    moving.delete(store, ids(store, "one"))
    assert known() == (None, False)


def test_many_are_moved_in_several_steps(store: Store, ann: Account, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(moving, "STEP", 2)
    moved = moving.archive(store, ids(store, "one", "two", "three"))
    assert where(store, ann) == {"Archive": {"one", "two", "three"}}
    moving.undo(store, moved)
    assert where(store, ann) == {"Inbox": {"one", "two", "three"}}
