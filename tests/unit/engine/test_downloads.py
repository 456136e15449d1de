"""What the user wants done about messages of which only the header is here."""

from __future__ import annotations

import pytest

from qtmail.domain.account import Account
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.engine.downloads import record_wish
from qtmail.engine.local_mail import local_account
from qtmail.errors import QtmailError
from qtmail.store.store import Store
from tests.fakes.local_bench import add_account, deliver, id_of


@pytest.fixture
def ann(store: Store) -> Account:
    """An account whose mail goes to the local folders."""
    return add_account(store)


def fetched(
    store: Store, account: Account, subject: str, *, whole: bool, gone_since: int | None = None
) -> int:
    (message,) = deliver(store, local_account(store), subject, server_size=0 if whole else 5000)
    note = Pop3Message(account.id, subject.encode(), 5000, 1, message.uid, whole=whole, gone_since=gone_since)
    with store.user_transaction() as tx:
        store.pop3_messages.note(tx, note)
    return id_of(store, subject)


def wishes(store: Store, account: Account) -> dict[bytes, Pop3Wish]:
    return {message.uidl: message.wish for message in store.pop3_messages.list(account.id)}


@pytest.mark.parametrize("wish", [Pop3Wish.DOWNLOAD, Pop3Wish.DELETE])
def test_a_wish_is_noted_and_the_account_that_fetches_hears_of_it(store: Store, ann: Account, wish: Pop3Wish):
    header, whole = fetched(store, ann, "big", whole=False), fetched(store, ann, "small", whole=True)
    assert record_wish(store, [header, whole], wish) == {ann.id}
    assert wishes(store, ann) == {b"big": wish, b"small": Pop3Wish.NONE}


def test_nobody_is_asked_about_what_is_whole(store: Store, ann: Account):
    assert record_wish(store, [fetched(store, ann, "small", whole=True)], Pop3Wish.DOWNLOAD) == frozenset()


def test_what_the_server_lost_cannot_be_wished_for(store: Store, ann: Account):
    with pytest.raises(QtmailError, match="no longer on the server"):
        record_wish(store, [fetched(store, ann, "big", whole=False, gone_since=5)], Pop3Wish.DOWNLOAD)
    assert wishes(store, ann) == {b"big": Pop3Wish.NONE}
