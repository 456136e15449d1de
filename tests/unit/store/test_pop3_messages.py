from dataclasses import replace

from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.store.store import Store


def keep(store: Store, account_id: int, folder: bytes = b"Inbox") -> int:
    """A local message; returns its UID."""
    with store.user_transaction() as tx:
        blob = store.blobs.begin(tx, 0)
        store.blobs.finish(tx, blob)
        return store.local_messages.add(tx, account_id, folder, blob, 5, Flag.NONE).uid


def note(store: Store, message: Pop3Message) -> Pop3Message:
    with store.user_transaction() as tx:
        store.pop3_messages.note(tx, message)
    return message


def test_what_was_noted_is_listed_by_account(store: Store, owner: int):
    uid = keep(store, owner)
    first = note(store, Pop3Message(owner, b"a", 100, 7, uid, digest=b"d"))
    second = note(
        store, Pop3Message(owner, b"b", 2**63, 8, None, whole=False, wish=Pop3Wish.DELETE, gone_since=9)
    )
    assert store.pop3_messages.list(owner) == [first, replace(second, size=2**63 - 1)]
    assert store.pop3_messages.list(owner + 1) == []
    assert store.pop3_messages.find(uid) == first
    assert store.pop3_messages.find(uid + 1) is None


def test_an_id_used_again_stands_for_the_new_message(store: Store, owner: int):
    note(store, Pop3Message(owner, b"a", 100, 7, None, digest=b"old"))
    new = note(store, Pop3Message(owner, b"a", 200, 8, None, digest=b"new"))
    assert store.pop3_messages.list(owner) == [new]


def test_it_says_what_became_of_the_local_message(store: Store, owner: int):
    with store.user_transaction() as tx:
        trash = store.local_folders.add(tx, owner, "Trash", SpecialUse.TRASH).wire_name
    uid = keep(store, owner)
    note(store, Pop3Message(owner, b"a", 100, 7, uid))
    with store.user_transaction() as tx:
        store.local_messages.move(tx, owner, [uid], owner, trash)
    (message,) = store.pop3_messages.list(owner)
    assert message.in_trash and message.local_uid == uid
    with store.user_transaction() as tx:
        store.local_messages.remove(tx, owner, [uid])
    (message,) = store.pop3_messages.list(owner)
    assert not message.in_trash and message.local_uid is None


def test_wishes_are_for_what_is_not_whole(store: Store, owner: int):
    header, whole = keep(store, owner), keep(store, owner)
    note(store, Pop3Message(owner, b"a", 100, 7, header, whole=False))
    note(store, Pop3Message(owner, b"b", 100, 7, whole))
    with store.user_transaction() as tx:
        store.pop3_messages.want(tx, [header, whole], Pop3Wish.DOWNLOAD)
    assert [message.wish for message in store.pop3_messages.list(owner)] == [Pop3Wish.DOWNLOAD, Pop3Wish.NONE]
    with store.user_transaction() as tx:
        store.pop3_messages.completed(tx, owner, b"a")
    (message, _) = store.pop3_messages.list(owner)
    assert message.whole and message.wish is Pop3Wish.NONE


def test_ids_may_change_places(store: Store, owner: int):
    first = note(store, Pop3Message(owner, b"a", 100, 7, None, digest=b"1", gone_since=3))
    second = note(store, Pop3Message(owner, b"b", 200, 7, None, digest=b"2"))
    stale = replace(first, wish=Pop3Wish.DOWNLOAD)
    with store.user_transaction() as tx:
        store.pop3_messages.renamed(tx, [(stale, b"b", 101), (second, b"a", 200)])
    assert store.pop3_messages.list(owner) == [
        replace(second, uidl=b"a"),
        replace(first, uidl=b"b", size=101, gone_since=None),
    ]


def test_an_id_that_is_taken_over_stands_for_the_one_that_takes_it(store: Store, owner: int):
    note(store, Pop3Message(owner, b"a", 100, 7, None, digest=b"1"))
    second = note(store, Pop3Message(owner, b"b", 200, 7, None, digest=b"2"))
    with store.user_transaction() as tx:
        store.pop3_messages.renamed(tx, [(second, b"a", 2**63)])
    assert store.pop3_messages.list(owner) == [replace(second, uidl=b"a", size=2**63 - 1)]


def test_it_is_remembered_since_when_a_message_is_gone(store: Store, owner: int):
    note(store, Pop3Message(owner, b"a", 100, 7, None))
    note(store, Pop3Message(owner, b"b", 100, 7, None))
    for now in (20, 30):
        with store.user_transaction() as tx:
            store.pop3_messages.gone(tx, owner, [b"a"], now)
    assert [message.gone_since for message in store.pop3_messages.list(owner)] == [20, None]
    with store.user_transaction() as tx:
        store.pop3_messages.listed(tx, owner, [b"a"])
    assert [message.gone_since for message in store.pop3_messages.list(owner)] == [None, None]


def test_what_is_forgotten_is_one_accounts_own(store: Store, owner: int):
    other = replace(store.accounts.list()[0], id=0, address="other@example.org")
    with store.user_transaction() as tx:
        other = store.accounts.add(tx, other)
    note(store, Pop3Message(owner, b"a", 100, 7, None))
    kept = note(store, Pop3Message(other.id, b"a", 100, 7, None))
    with store.user_transaction() as tx:
        store.pop3_messages.forget(tx, owner, [b"a"])
    assert store.pop3_messages.list(owner) == []
    assert store.pop3_messages.list(other.id) == [kept]
