from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.domain.address import Address
from qtmail.domain.events import StoreChange
from qtmail.domain.folder import RemoteFolder, SpecialUse
from qtmail.domain.message import HeaderSummary
from qtmail.store.correspondents import Heard, Written
from qtmail.store.store import Store
from tests.unit.store.values import INBOX, SENT, add_folders, add_messages, new_message

ANNA = Address("Anna Berg", "Anna@example.org")
JUNK = RemoteFolder(b"Junk", "Junk", "/", SpecialUse.JUNK)


def note_sent(store: Store, when: int, *addresses: Address) -> None:
    with store.user_transaction() as transaction:
        store.correspondents.note_sent(transaction, addresses, when)


def forget(store: Store, address: str) -> None:
    with store.user_transaction() as transaction:
        store.correspondents.forget(transaction, address)


def summary(sender: Address, date: int) -> HeaderSummary:
    return HeaderSummary(sender=sender, date=date)


def test_an_address_written_to_is_counted_whatever_its_case(store: Store) -> None:
    note_sent(store, 100, ANNA, Address("", "bob@example.com"))
    note_sent(store, 90, Address("", "anna@EXAMPLE.org"))
    assert set(store.correspondents.written()) == {
        Written("anna@EXAMPLE.org", "Anna Berg", 2, 100, False),
        Written("bob@example.com", "", 1, 100, False),
    }


def test_the_latest_name_is_kept(store: Store) -> None:
    note_sent(store, 100, ANNA)
    note_sent(store, 200, Address("Anna Jensen", "anna@example.org"))
    assert [one.name for one in store.correspondents.written()] == ["Anna Jensen"]


def test_names_without_an_address_are_no_correspondents(store: Store) -> None:
    note_sent(store, 100, Address("undisclosed-recipients", ""))
    assert store.correspondents.written() == []


def test_forgetting_lasts_until_the_user_writes_again(store: Store) -> None:
    forget(store, "Anna@example.org")
    assert [one.forgotten for one in store.correspondents.written()] == [True]
    note_sent(store, 100, ANNA)
    assert store.correspondents.written() == [Written("Anna@example.org", "Anna Berg", 1, 100, False)]


def test_addresses_that_sqlite_cannot_store_are_stored_all_the_same(store: Store) -> None:
    note_sent(store, 100, Address("a\ud800", "b\udfff@example.org"))
    assert [one.address for one in store.correspondents.written()] == ["b?@example.org"]


def test_senders_are_counted_in_a_range_of_messages(store: Store, account: Account) -> None:
    (inbox,) = add_folders(store, account.id)
    ids = add_messages(
        store,
        inbox.id,
        new_message(1, summary=summary(ANNA, 50)),
        new_message(2, summary=summary(ANNA, 70)),
        new_message(3, summary=HeaderSummary()),
        new_message(4, summary=summary(ANNA, 60)),
    )
    assert store.correspondents.heard(0, ids[2]) == [Heard("Anna@example.org", "Anna Berg", 2, 70)]
    assert store.correspondents.heard(ids[2], ids[3]) == [Heard("Anna@example.org", "Anna Berg", 1, 60)]
    assert store.correspondents.last_message_id() == ids[-1]


def test_senders_of_junk_and_the_user_in_sent_are_not_heard(store: Store, account: Account) -> None:
    for folder in add_folders(store, account.id, SENT, JUNK):
        add_messages(store, folder.id, new_message(1, summary=summary(ANNA, 50)))
    assert store.correspondents.heard(0, store.correspondents.last_message_id()) == []


def test_headers_of_sent_mail_are_found_newest_first(store: Store, account: Account) -> None:
    inbox, sent = sorted(add_folders(store, account.id, INBOX, SENT), key=lambda folder: folder.path)
    add_messages(store, inbox.id, new_message(1))
    ids = add_messages(
        store,
        sent.id,
        *(
            new_message(uid, summary=HeaderSummary(date=date), header=b"To: %d@example.org\r\n" % date)
            for uid, date in ((1, 20), (2, 30), (3, 10))
        ),
    )
    last = store.correspondents.last_message_id()
    assert store.correspondents.sent_ids(0, last, 2) == [ids[1], ids[0]]
    assert store.correspondents.sent_ids(ids[1], last, 9) == [ids[2]]
    assert store.correspondents.sent_headers([ids[2], 999]) == [(10, b"To: 10@example.org\r\n")]


def test_correspondents_change_nothing_that_is_shown(store: Store, changes: list[StoreChange]) -> None:
    note_sent(store, 100, ANNA)
    forget(store, "bob@example.com")
    assert changes == []
