import pytest

from qtmail.domain.message import Flag
from qtmail.errors import StoreFailed
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store


def keep(store: Store, account_id: int, *, item_id: int | None = None) -> LocalMessage:
    with store.user_transaction() as tx:
        blob = store.blobs.begin(tx, 0)
        store.blobs.append(tx, blob, b"message")
        store.blobs.finish(tx, blob)
        return store.local_messages.add(tx, account_id, b"Sent", blob, 5, Flag.SEEN, item_id=item_id)


def test_messages_are_listed_oldest_first_by_account(store: Store, owner: int):
    first, second = keep(store, owner), keep(store, owner)
    assert store.local_messages.list(owner) == [first, second]
    assert store.local_messages.list(owner + 1) == []
    assert first.uid < second.uid


def test_flags_are_added_and_removed(store: Store, owner: int):
    first, second = keep(store, owner), keep(store, owner)
    with store.user_transaction() as tx:
        store.local_messages.set_flags(tx, owner, [first.uid], Flag.FLAGGED, Flag.SEEN)
        store.local_messages.set_flags(tx, owner + 1, [second.uid], Flag.FLAGGED, Flag.SEEN)
    assert [message.flags for message in store.local_messages.list(owner)] == [Flag.FLAGGED, Flag.SEEN]


def test_an_outbox_item_is_kept_once(store: Store, owner: int):
    keep(store, owner, item_id=7)
    with pytest.raises(StoreFailed):
        keep(store, owner, item_id=7)
    assert len(store.local_messages.list(owner)) == 1


def test_a_uid_is_never_used_twice(store: Store, owner: int):
    first = keep(store, owner)
    with store.user_transaction() as tx:
        store.local_messages.remove(tx, owner, [first.uid])
    assert keep(store, owner).uid > first.uid


def test_the_bytes_go_with_the_message(store: Store, owner: int):
    message = keep(store, owner)
    assert store.blobs.content(message.blob_id) == b"message"
    with store.user_transaction() as tx:
        store.local_messages.remove(tx, owner, [message.uid])
        assert store.blobs.sweep(tx, 10**6)
        (left,) = tx.execute("SELECT count(*) FROM blob_pieces").fetchone()
    assert left == 0


def test_messages_are_got_by_uid(store: Store, owner: int):
    first, second = keep(store, owner), keep(store, owner)
    assert store.local_messages.get_many([second.uid, first.uid, 99]) == {
        first.uid: first,
        second.uid: second,
    }
    assert store.local_messages.get(99) is None
    assert store.local_messages.count(owner) == 2
    assert store.local_messages.uids(owner, b"Sent") == [first.uid, second.uid]


def test_messages_move_and_only_those_of_the_account(store: Store, owner: int):
    first, second, third = keep(store, owner), keep(store, owner), keep(store, owner)
    with store.user_transaction() as tx:
        store.local_messages.move(tx, owner, [first.uid], owner, b"Trash")
        store.local_messages.move(tx, owner + 1, [second.uid], owner, b"Trash")
        assert store.local_messages.move_folder(tx, owner, b"Sent", owner, b"Archive") == 2
    folders = [message.folder for message in store.local_messages.list(owner)]
    assert folders == [b"Trash", b"Archive", b"Archive"]
    assert third.uid in store.local_messages.uids(owner, b"Archive")


def test_the_rest_of_a_message_takes_the_place_of_its_header(store: Store, owner: int):
    with store.user_transaction() as tx:
        header, whole = store.blobs.begin(tx, 0), store.blobs.begin(tx, 0)
        for blob in (header, whole):
            store.blobs.finish(tx, blob)
        message = store.local_messages.add(tx, owner, b"Inbox", header, 5, Flag.NONE, server_size=900)
    with store.user_transaction() as tx:
        store.local_messages.complete(tx, message.uid, whole)
    after = store.local_messages.get(message.uid)
    assert after is not None
    assert (after.blob_id, after.server_size) == (whole, 0)
    with pytest.raises(StoreFailed):
        store.blobs.size(header)


def test_all_mail_of_an_account_goes_with_its_bytes(store: Store, owner: int):
    blobs = [keep(store, owner).blob_id for _ in range(3)]
    with store.user_transaction() as tx:
        store.local_messages.remove_all(tx, owner)
    assert store.local_messages.count(owner) == 0
    for blob in blobs:
        with pytest.raises(StoreFailed):
            store.blobs.size(blob)
