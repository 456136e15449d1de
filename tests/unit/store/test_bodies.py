from __future__ import annotations

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import Folder
from qtmail.domain.message import MessageBody
from qtmail.store.store import Store
from tests.unit.store.values import STRUCTURE, add_messages, dated, new_message


def put_raw(store: Store, message_id: int, raw: bytes) -> None:
    with store.cache_transaction() as transaction:
        store.bodies.put_raw(transaction, message_id, raw, "the preview", True)


def put_partial(store: Store, message_id: int, parts: dict[str, bytes]) -> None:
    with store.cache_transaction() as transaction:
        store.bodies.put_partial(transaction, message_id, b"Subject: x", STRUCTURE, parts, "preview", False)


def test_nothing_is_there_before_it_was_fetched(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    assert store.bodies.get(id_) == store.bodies.get(99) == MessageBody()


def test_a_whole_message(store: Store, folder: Folder, changes: list[StoreChange]) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    changes.clear()
    put_raw(store, id_, b"bytes \0\xff")
    assert store.bodies.get(id_) == MessageBody(raw=b"bytes \0\xff")
    row = store.messages.get(id_)
    assert row is not None and row.preview == "the preview" and row.has_attachment
    assert changes == [StoreChange(frozenset({ChangeKind.BODIES}), frozenset({folder.id}), frozenset({id_}))]


def test_an_empty_message_is_fetched_all_the_same(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    put_raw(store, id_, b"")
    assert store.bodies.get(id_) == MessageBody(raw=b"")
    assert store.bodies.missing(folder.id, since=None, limit=10) == []


def test_a_message_in_parts_grows(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    put_partial(store, id_, {"1": b"text"})
    with store.cache_transaction() as transaction:
        store.bodies.put_part(transaction, id_, "2", b"picture")
        store.bodies.put_part(transaction, id_, "1", b"text again")
    assert store.bodies.get(id_) == MessageBody(
        header=b"Subject: x", structure=STRUCTURE, parts=(("1", b"text again"), ("2", b"picture"))
    )
    assert store.bodies.total_bytes() == len(b"Subject: x" + b"text again" + b"picture")


def test_what_comes_later_replaces_what_was_there(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    put_partial(store, id_, {"1": b"text"})
    put_raw(store, id_, b"whole")
    assert store.bodies.get(id_) == MessageBody(raw=b"whole")
    assert store.bodies.total_bytes() == 5
    with store.cache_transaction() as transaction:
        store.bodies.put_part(transaction, id_, "2", b"too late")
    assert store.bodies.get(id_) == MessageBody(raw=b"whole")
    put_partial(store, id_, {})
    assert store.bodies.get(id_).parts == ()
    assert store.bodies.total_bytes() == len(b"Subject: x")


def test_a_body_for_a_message_that_is_gone_is_dropped(
    store: Store, folder: Folder, changes: list[StoreChange]
) -> None:
    put_raw(store, 99, b"x")
    put_partial(store, 99, {"1": b"x"})
    with store.cache_transaction() as transaction:
        store.bodies.put_part(transaction, 99, "1", b"x")
        store.bodies.mark_failed(transaction, 99, "gone")
    assert store.bodies.get(99) == MessageBody()
    assert store.bodies.total_bytes() == 0
    assert changes == []
    assert store.check() == []


def test_missing_is_newest_first_and_leaves_out_what_cannot_be_had(store: Store, folder: Folder) -> None:
    ids = add_messages(store, folder.id, *[dated(uid, uid * 100) for uid in range(1, 7)])
    put_raw(store, ids[4], b"x")
    with store.cache_transaction() as transaction:
        store.bodies.mark_failed(transaction, ids[3], "the server says no")
    assert store.bodies.missing(folder.id, since=None, limit=10) == [
        (uid, 1000, ids[uid - 1]) for uid in (6, 3, 2, 1)
    ]
    assert [uid for uid, _, _ in store.bodies.missing(folder.id, since=200, limit=2)] == [6, 3]
    assert [uid for uid, _, _ in store.bodies.missing(folder.id, since=601, limit=2)] == []
    assert store.bodies.problem(ids[3]) == "the server says no"
    assert store.bodies.problem(ids[0]) == ""


def test_a_body_ends_a_problem_and_a_problem_never_hides_a_body(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    with store.cache_transaction() as transaction:
        store.bodies.mark_failed(transaction, id_, "first")
        store.bodies.mark_failed(transaction, id_, "second")
    assert store.bodies.problem(id_) == "second"
    put_raw(store, id_, b"x")
    assert store.bodies.problem(id_) == ""
    with store.cache_transaction() as transaction:
        store.bodies.mark_failed(transaction, id_, "third")
    assert store.bodies.problem(id_) == ""
    assert store.bodies.get(id_).fetched


def evict(store: Store, account_id: int, *, older_than: int, keep_bytes: int) -> int:
    ids = store.bodies.to_evict(account_id, older_than=older_than, keep_bytes=keep_bytes)
    with store.cache_transaction() as transaction:
        store.bodies.drop(transaction, ids)
    return len(ids)


def test_the_oldest_contents_go_until_enough_is_free(store: Store, folder: Folder) -> None:
    ids = add_messages(store, folder.id, *[dated(uid, uid * 100) for uid in range(1, 7)])
    for id_ in ids[:5]:
        put_raw(store, id_, b"x" * 100)
    put_partial(store, ids[5], {"1": b"x" * 90})
    assert store.bodies.total_bytes() == 600
    assert evict(store, folder.account_id, older_than=10_000, keep_bytes=600) == 0
    assert evict(store, folder.account_id, older_than=10_000, keep_bytes=450) == 2
    assert [store.bodies.get(id_).fetched for id_ in ids] == [False, False, True, True, True, True]
    assert evict(store, folder.account_id, older_than=400, keep_bytes=0) == 1
    assert store.bodies.total_bytes() == 300
    assert [uid for uid, _, _ in store.bodies.missing(folder.id, since=None, limit=9)] == [3, 2, 1]


def test_an_account_makes_room_only_in_its_own_mail(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, dated(1, 100))
    put_raw(store, id_, b"x" * 100)
    other = folder.account_id + 1
    assert store.bodies.to_evict(other, older_than=10_000, keep_bytes=0) == []
    assert store.bodies.to_evict(folder.account_id, older_than=10_000, keep_bytes=0) == [id_]


def test_bodies_go_with_their_message(store: Store, folder: Folder) -> None:
    ids = add_messages(store, folder.id, new_message(1), new_message(2))
    put_raw(store, ids[0], b"x" * 100)
    put_partial(store, ids[1], {"1": b"x"})
    with store.cache_transaction() as transaction:
        store.messages.remove(transaction, folder.id, [1, 2])
    assert store.bodies.get(ids[0]) == store.bodies.get(ids[1]) == MessageBody()
    assert store.bodies.total_bytes() == 0
    assert store.check() == []


def test_only_the_parts_asked_for_are_read(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    put_partial(store, id_, {"1": b"text", "2": b"picture"})
    assert store.bodies.get(id_, lambda structure: ["2", "9"]).parts == (("2", b"picture"),)
    assert store.bodies.get(id_, lambda structure: ()).structure == STRUCTURE


def test_a_part_larger_than_one_piece(store: Store, folder: Folder) -> None:
    (id_,) = add_messages(store, folder.id, new_message(1))
    put_partial(store, id_, {})
    large = bytes(range(256)) * 10_000
    with store.cache_transaction() as transaction:
        store.bodies.put_part(transaction, id_, "2", bytearray(large))
        store.bodies.put_part(transaction, id_, "3", b"")
    assert store.bodies.get(id_).parts == (("2", large), ("3", b""))
    assert store.check() == []
