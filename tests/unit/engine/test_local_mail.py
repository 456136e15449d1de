"""Mail that lives on this computer, and how the cache follows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Pop3Policy
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import RemoteFolder, SpecialUse, SyncState
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine import local_projection, moving
from qtmail.engine.local_mail import PIECE_BYTES, LocalMail, home_of, local_account
from qtmail.engine.local_projection import LocalProjection
from qtmail.engine.reading import Reading
from qtmail.engine.replay_queue import record_flags
from qtmail.engine.stopping import StopToken
from qtmail.errors import Stopped, StoreFailed
from qtmail.store.store import Store
from tests.fakes.local_bench import (
    TREE,
    add_account,
    deliver,
    dying,
    folder_of,
    id_of,
    kept,
    letter,
    paths,
    row_of,
    shown,
)
from tests.fakes.mailbox_bench import sent_message


@pytest.fixture
def sender(store: Store) -> Account:
    """An account that only sends."""
    return add_account(store, "Sender", receives=False, sends=True)


@pytest.fixture
def receiver(store: Store) -> Account:
    """An account that fetches its mail by POP3, and sends."""
    account = add_account(store, sends=True)
    LocalMail(store, account).ensure_folders()
    return account


def accept(store: Store, account: Account, number: int) -> OutboxItem:
    """Something that was sent, and is to be filed."""
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


def without_cache(profile: Path) -> Store:
    """The store of a profile whose cache was lost."""
    for file in profile.glob("cache.db*"):
        file.unlink()
    return Store.open(profile)


# -- folders


def test_an_account_that_receives_has_all_folders(store: Store, receiver: Account):
    assert paths(store, receiver) == TREE
    uses = {folder.special_use for folder in store.folders.list(receiver.id)}
    assert len(uses) == 6
    assert None not in uses


def test_an_account_that_only_sends_has_one(store: Store, sender: Account):
    LocalMail(store, sender).show()
    assert paths(store, sender) == ["Sent"]


def test_the_local_folders_belong_to_nobody_and_are_made_once(store: Store):
    account = local_account(store)
    assert local_account(store) == account
    assert (account.address, account.incoming, account.smtp) == ("", None, None)
    assert store.identities.list() == []
    assert paths(store, account) == TREE


def test_a_folder_of_the_user_is_taken_for_a_purpose_rather_than_doubled(store: Store):
    account = add_account(store)
    with store.user_transaction() as tx:
        store.local_folders.add(tx, account.id, "archive")
    LocalMail(store, account).ensure_folders()
    assert folder_of(store, account, "archive").special_use is SpecialUse.ARCHIVE
    assert len(paths(store, account)) == 6


def test_what_a_server_left_in_the_cache_goes(store: Store, receiver: Account):
    with store.cache_transaction() as tx:
        store.folders.remove_account(tx, receiver.id)
        changes = store.folders.reconcile(
            tx, receiver.id, [RemoteFolder(b"Inbox", "Inbox", "/"), RemoteFolder(b"Old", "Old", "/")]
        )
        for folder in changes.added:
            store.folders.save_sync_state(tx, folder.id, SyncState(1, 2, None, 5, complete=True))
    LocalMail(store, receiver).show()
    assert paths(store, receiver) == TREE


def test_mail_goes_to_another_account_where_the_user_wants_that(store: Store, receiver: Account):
    local = local_account(store)
    moved = replace(receiver, pop3_policy=Pop3Policy(deliver_to=local.id))
    assert home_of(store, receiver) == receiver
    assert home_of(store, moved) == local
    assert home_of(store, replace(moved, pop3_policy=Pop3Policy(deliver_to=99))).id == receiver.id
    accept(store, moved, 1)
    LocalMail(store, moved).file_accepted()
    assert shown(store, local) == {"Sent": {"Sent 1": Flag.SEEN}}


def test_an_account_with_a_server_keeps_its_mail_there(store: Store, account: Account):
    with pytest.raises(ValueError, match="IMAP"):
        LocalMail(store, account)


# -- what comes


def test_what_is_delivered_is_shown(store: Store, receiver: Account):
    deliver(store, receiver, "one", "two 会议")
    deliver(store, receiver, "three", folder=SpecialUse.JUNK)
    assert shown(store, receiver) == kept(store, receiver)
    assert shown(store, receiver) == {
        "Inbox": {"one": Flag.NONE, "two 会议": Flag.NONE},
        "Junk": {"three": Flag.NONE},
    }
    row = row_of(store, "one")
    assert (row.sender, row.preview, row.size, row.unread) == ("Ann", "Hello.", len(letter("one")), True)


def test_listeners_hear_of_new_mail_and_of_its_content(store: Store, receiver: Account):
    changes: list[StoreChange] = []
    store.subscribe(changes.append)
    deliver(store, receiver, "one")
    kinds = {kind for change in changes for kind in change.kinds}
    assert {ChangeKind.ADDED, ChangeKind.COUNTS, ChangeKind.BODIES} <= kinds
    assert any(id_of(store, "one") in change.message_ids for change in changes)


def test_mail_for_a_folder_that_is_gone_comes_to_the_inbox(store: Store, receiver: Account):
    deliver(store, receiver, "one", folder=b"folder-99")
    assert shown(store, receiver) == {"Inbox": {"one": Flag.NONE}}


def test_mail_is_shown_where_the_cache_does_not_know_the_folder_yet(store: Store):
    account = add_account(store)
    deliver(store, account, "one")
    assert shown(store, account) == {"Inbox": {"one": Flag.NONE}}


def test_a_large_message_is_written_in_pieces(store: Store, receiver: Account):
    mail = LocalMail(store, receiver)
    raw = letter("large", "x" * (2 * PIECE_BYTES))
    blob = mail.store_pieces(raw[start : start + 1000] for start in range(0, len(raw), 1000))
    with store.user_transaction() as tx:
        message = mail.deliver(tx, SpecialUse.INBOX, blob, 1000)
    mail.shown([message])
    assert b"".join(store.blobs.pieces(message.blob_id)) == raw
    assert max(map(len, store.blobs.pieces(message.blob_id))) < 2 * PIECE_BYTES
    assert row_of(store, "large").size == len(raw)


def test_an_empty_message_is_kept(store: Store, receiver: Account):
    mail = LocalMail(store, receiver)
    blob = mail.store_pieces([])
    with store.user_transaction() as tx:
        message = mail.deliver(tx, SpecialUse.INBOX, blob, 1000)
    mail.shown([message])
    assert folder_of(store, receiver, "Inbox").message_count == 1


def test_what_was_not_delivered_is_not_shown_and_not_delivered_later(store: Store, receiver: Account):
    mail = LocalMail(store, receiver)
    blob = mail.store_pieces([letter("lost")])
    with store.user_transaction() as tx:
        store.blobs.drop(tx, [blob])
    with pytest.raises(StoreFailed), store.user_transaction() as tx:
        mail.deliver(tx, SpecialUse.INBOX, blob, 1000)
    mail.show()
    assert shown(store, receiver) == {}


def test_of_a_header_the_size_on_the_server_is_shown_until_the_rest_comes(store: Store, receiver: Account):
    (header,) = deliver(store, receiver, "big", server_size=5_000_000)
    before = row_of(store, "big")
    assert (before.size, before.preview, before.header_only) == (5_000_000, "", True)
    mail = LocalMail(store, receiver)
    blob = mail.store_pieces([letter("big", "All of it.")])
    with store.user_transaction() as tx:
        message = mail.complete(tx, header.uid, blob)
    assert message is not None
    mail.shown([message])
    after = row_of(store, "big")
    assert (after.id, after.size, after.preview) == (
        before.id,
        len(letter("big", "All of it.")),
        "All of it.",
    )
    assert not after.header_only
    with pytest.raises(StoreFailed):
        store.blobs.size(header.blob_id)


def test_the_rest_of_a_message_that_was_deleted_meanwhile_is_not_kept(store: Store, receiver: Account):
    (header,) = deliver(store, receiver, "big", server_size=5_000_000)
    moving.delete(store, [id_of(store, "big")], for_good=True)
    mail = LocalMail(store, receiver)
    blob = mail.store_pieces([letter("big")])
    with store.user_transaction() as tx:
        assert mail.complete(tx, header.uid, blob) is None
    assert shown(store, receiver) == {}
    with pytest.raises(StoreFailed):
        store.blobs.size(blob)


# -- what was sent


def test_what_was_sent_is_kept_and_shown(store: Store, sender: Account):
    item = accept(store, sender, 1)
    assert LocalMail(store, sender).file_accepted() == 1
    folder = folder_of(store, sender, "Sent")
    assert (folder.special_use, folder.message_count) == (SpecialUse.SENT, 1)
    assert shown(store, sender) == {"Sent": {"Sent 1": Flag.SEEN}}
    reading = Reading(store, sender, StopToken())
    assert reading.cached_source(id_of(store, "sent-1")) == sent_message(1)
    message = reading.cached(id_of(store, "sent-1"))
    assert message is not None
    assert 'Said "so"' in message.text
    now = store.outbox.get(item.id)
    assert now is not None
    assert now.state is OutboxState.FILED


def test_it_is_filed_once(store: Store, sender: Account):
    accept(store, sender, 1)
    mail = LocalMail(store, sender)
    mail.file_accepted()
    assert mail.file_accepted() == 0
    mail.show()
    assert shown(store, sender) == {"Sent": {"Sent 1": Flag.SEEN}}


def test_the_bytes_outlive_the_outbox_and_go_with_the_message(store: Store, sender: Account):
    accept(store, sender, 1)
    mail = LocalMail(store, sender)
    mail.file_accepted()
    with store.user_transaction() as tx:
        store.outbox.drop_filed(tx, before=10_000)
        assert store.blobs.sweep(tx, 10**6)
    (message,) = store.local_messages.list(sender.id)
    assert store.blobs.content(message.blob_id) == sent_message(1)
    with store.user_transaction() as tx:
        store.local_messages.remove(tx, sender.id, [message.uid])
    mail.show()
    assert shown(store, sender) == {}
    with pytest.raises(StoreFailed):
        store.blobs.content(message.blob_id)


# -- the cache


def test_it_comes_back_when_the_cache_is_gone(tmp_path: Path):
    with Store.open(tmp_path / "p") as store:
        account = add_account(store)
        LocalMail(store, account).ensure_folders()
        with store.user_transaction() as tx:
            work = store.local_folders.add(tx, account.id, "工作/会议")
        deliver(store, account, "one", "two")
        deliver(store, account, "three", folder=work.wire_name)
        record_flags(store, [id_of(store, "two")], Flag.FLAGGED, Flag.SEEN)
        before = shown(store, account)
    with without_cache(tmp_path / "p") as store:
        LocalMail(store, account).show()
        assert shown(store, account) == before == kept(store, account)
        assert before["工作/会议"] == {"three": Flag.NONE}
        assert row_of(store, "one").preview == "Hello."


def test_showing_much_is_resumed_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with Store.open(tmp_path / "p") as store:
        account = add_account(store)
        deliver(store, account, *(f"m{number}" for number in range(10)), show=False)
    monkeypatch.setattr(local_projection, "STEP", 3)
    with without_cache(tmp_path / "p") as store:
        stop = StopToken()

        def at_first_mail(change: StoreChange) -> None:
            if ChangeKind.ADDED in change.kinds:
                stop.stop()

        end = store.subscribe(at_first_mail)
        with pytest.raises(Stopped):
            LocalMail(store, account, stop).show()
        end()
        assert set(shown(store, account)["Inbox"]) == {"m9", "m8", "m7"}, "the newest first"
        LocalMail(store, account).show()
        assert shown(store, account) == kept(store, account)


def test_contents_are_not_copied_into_the_cache(store: Store, receiver: Account):
    deliver(store, receiver, "one")
    assert store.bodies.total_bytes() == 0
    assert store.bodies.missing(folder_of(store, receiver, "Inbox").id, since=None, limit=9) == []


def test_nothing_is_written_where_all_is_shown(store: Store, receiver: Account):
    deliver(store, receiver, "one")
    with dying(store):
        LocalMail(store, receiver).show()
        return
    pytest.fail("it wrote into the cache")


@pytest.mark.parametrize("what", ["delivered", "flags", "moved", "deleted", "completed"])
def test_what_a_crash_kept_from_being_shown_is_shown_at_the_next_start(
    store: Store, receiver: Account, what: str
):
    first, *_ = deliver(store, receiver, "one", "two")
    with dying(store):
        match what:
            case "delivered":
                deliver(store, receiver, "three")
            case "flags":
                record_flags(store, [id_of(store, "one")], Flag.ANSWERED, Flag.NONE)
            case "moved":
                moving.archive(store, [id_of(store, "one")])
            case "deleted":
                moving.delete(store, [id_of(store, "one")], for_good=True)
            case "completed":
                mail = LocalMail(store, receiver)
                with store.user_transaction() as tx:
                    done = mail.complete(tx, first.uid, mail.store_small(tx, letter("one", "More.")))
                assert done is not None
                mail.shown([done])
    if what != "completed":
        assert shown(store, receiver) != kept(store, receiver)
    LocalMail(store, receiver).show()
    assert shown(store, receiver) == kept(store, receiver)
    if what == "completed":
        assert row_of(store, "one").preview == "More."


def test_of_two_rows_of_one_message_one_goes(store: Store, receiver: Account):
    (message,) = deliver(store, receiver, "one")
    old = id_of(store, "one")
    with store.cache_transaction() as tx:
        store.local_view.move(tx, [old], folder_of(store, receiver, "Archive").id)
    LocalProjection(store).agree([message.uid])
    assert id_of(store, "one") == old
    archive, inbox = folder_of(store, receiver, "Archive").id, folder_of(store, receiver, "Inbox").id
    with store.cache_transaction() as tx:
        tx.execute(
            "INSERT INTO messages (id, folder_id, uid, date, modseq) VALUES (999, ?, ?, 0, 1)",
            (archive, message.uid),
        )
    LocalMail(store, receiver).show()
    assert [place.folder_id for place in store.local_view.places([message.uid])] == [inbox]


def test_a_message_that_cannot_be_read_hides_no_other(store: Store, receiver: Account):
    (broken, _) = deliver(store, receiver, "one", "two", show=False)
    with store.user_transaction() as tx:
        store.blobs.drop(tx, [broken.blob_id])
    LocalMail(store, receiver).show()
    assert shown(store, receiver) == {"Inbox": {"": Flag.NONE, "two": Flag.NONE}}
    with dying(store):
        LocalMail(store, receiver).show()  # and is not looked at again and again
        return
    pytest.fail("it wrote into the cache")


def test_flags_stay_here_and_nothing_waits_for_a_server(store: Store, receiver: Account):
    deliver(store, receiver, "one")
    assert record_flags(store, [id_of(store, "one")], Flag.ANSWERED, Flag.SEEN) == frozenset()
    assert shown(store, receiver) == kept(store, receiver) == {"Inbox": {"one": Flag.ANSWERED}}
    assert store.operations.pending(receiver.id) == []


def test_two_processes_at_once_leave_one_row_of_each(tmp_path: Path):
    with Store.open(tmp_path / "p") as here, Store.open(tmp_path / "p") as there:
        account = add_account(here)
        LocalMail(here, account).ensure_folders()
        names = [f"m{number}" for number in range(60)]
        deliver(here, account, *names)
        ids = [id_of(here, name) for name in names]
        archive, junk = folder_of(here, account, "Archive").id, folder_of(here, account, "Junk").id

        def work(store: Store, folder_id: int) -> Iterator[None]:
            for start in range(0, 60, 10):
                moving.move(store, ids[start : start + 10], folder_id)
                yield

        threads = [
            threading.Thread(target=lambda steps=steps: list(steps))
            for steps in (work(here, archive), work(there, junk))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert shown(here, account) == kept(here, account)
        assert sum(map(len, shown(here, account).values())) == 60
        assert here.folders.wrong_counts() == ()
