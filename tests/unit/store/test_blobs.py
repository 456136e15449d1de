from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.domain.composition import Composition
from qtmail.errors import StoreFailed
from qtmail.store.blobs import ABANDONED_SECONDS
from qtmail.store.store import Store


def write(store: Store, *pieces: bytes, now: int = 1000) -> int:
    with store.user_transaction() as tx:
        blob_id = store.blobs.begin(tx, now)
    for piece in pieces:
        with store.user_transaction() as tx:
            store.blobs.append(tx, blob_id, piece)
    return blob_id


def finished(store: Store, *pieces: bytes) -> int:
    blob_id = write(store, *pieces)
    with store.user_transaction() as tx:
        assert store.blobs.finish(tx, blob_id) == sum(map(len, pieces))
    return blob_id


def owned(store: Store, blob_id: int) -> int:
    """Have a draft refer to it."""
    with store.user_transaction() as tx:
        store.drafts.own_blob(tx, store.drafts.add(tx, Composition(), 1000).id, blob_id)
    return blob_id


def sweep(store: Store, now: int, pieces: int = 16) -> int:
    """Sweep to the end; returns in how many transactions."""
    for count in range(1, 100):
        with store.user_transaction() as tx:
            if store.blobs.sweep(tx, now, pieces=pieces):
                return count
    raise AssertionError("the sweep does not come to an end")


def test_pieces_come_back_in_their_order(store: Store) -> None:
    other = write(store, b"x")
    blob_id = finished(store, b"one", b"", b"two\0\xff")
    with store.user_transaction() as tx:
        store.blobs.append(tx, other, b"y")
    assert list(store.blobs.pieces(blob_id))[:1] == [b"one"]
    assert store.blobs.content(blob_id) == b"onetwo\0\xff"
    assert store.blobs.size(blob_id) == 8


def test_an_empty_one_is_empty_and_there(store: Store) -> None:
    assert store.blobs.content(finished(store)) == b""


def test_one_that_still_grows_is_nobodys_content(store: Store) -> None:
    with pytest.raises(StoreFailed):
        store.blobs.content(write(store, b"half"))


def test_one_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(StoreFailed) as fault:
        store.blobs.size(99)
    assert fault.value.advice


def test_dropped_ones_give_their_room_back_in_steps(store: Store) -> None:
    kept = owned(store, finished(store, b"keep"))
    dropped = finished(store, *[b"x"] * 40)
    with store.user_transaction() as tx:
        store.blobs.drop(tx, [dropped])
    with pytest.raises(StoreFailed):
        store.blobs.content(dropped)
    assert sweep(store, now=1000, pieces=16) == 3
    assert store.blobs.content(kept) == b"keep"
    with store.user_transaction() as tx:
        assert tx.execute("SELECT count(*) FROM blob_pieces").fetchone() == (1,)
        assert tx.execute("SELECT count(*) FROM blobs").fetchone() == (1,)


def test_one_that_is_being_written_is_left_alone_until_its_writer_must_be_dead(store: Store) -> None:
    blob_id = write(store, b"half", now=1000)
    sweep(store, now=1000 + ABANDONED_SECONDS)
    with store.user_transaction() as tx:
        assert store.blobs.finish(tx, blob_id) == 4
    blob_id = write(store, b"half", now=1000)
    sweep(store, now=1001 + ABANDONED_SECONDS)
    with pytest.raises(StoreFailed), store.user_transaction() as tx:
        store.blobs.finish(tx, blob_id)


def test_they_outlive_the_program(profile: Path) -> None:
    with Store.open(profile) as store:
        blob_id = finished(store, b"still here")
    with Store.open(profile) as store:
        assert store.blobs.content(blob_id) == b"still here"


def test_what_nothing_refers_to_is_swept(store: Store) -> None:
    orphan, kept = finished(store, b"orphan"), owned(store, finished(store, b"kept"))
    sweep(store, now=1000)
    assert store.blobs.content(kept) == b"kept"
    with pytest.raises(StoreFailed):
        store.blobs.size(orphan)


def test_one_that_is_half_swept_does_not_become_whole_again(store: Store) -> None:
    blob_id = write(store, *[b"x"] * 40, now=1000)
    with store.user_transaction() as tx:
        assert not store.blobs.sweep(tx, 1001 + ABANDONED_SECONDS, pieces=16)
    with pytest.raises(StoreFailed), store.user_transaction() as tx:
        store.blobs.finish(tx, blob_id)
