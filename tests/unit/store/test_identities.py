from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.identity import Identity, Template
from qtmail.store.store import Store
from tests.unit.store.values import add_account

WORK = Identity(
    0,
    1,
    "Ann Lee",
    "ann@work.example",
    "desk@work.example",
    "<p>A</p>",
    "A",
    b"INBOX.Sent",
    "log@work.example",
)


def test_an_account_comes_with_an_identity(store: Store, account: Account) -> None:
    (identity,) = store.identities.list(account.id)
    assert (identity.name, identity.address) == (account.full_name, account.address)


def test_all_of_it_is_kept(store: Store, account: Account, changes: list[StoreChange]) -> None:
    with store.user_transaction() as tx:
        added = store.identities.add(tx, replace(WORK, account_id=account.id))
    assert store.identities.get(added.id) == added == replace(WORK, id=added.id, account_id=account.id)
    edited = replace(added, name="安", signature_html="")
    with store.user_transaction() as tx:
        store.identities.update(tx, edited)
    assert store.identities.get(added.id) == edited
    assert [change.kinds for change in changes[-2:]] == [{ChangeKind.IDENTITIES}] * 2


def test_they_are_listed_in_the_order_of_the_accounts(store: Store, account: Account) -> None:
    other = add_account(store)
    with store.user_transaction() as tx:
        second = store.identities.add(tx, replace(WORK, account_id=account.id))
    listed = store.identities.list()
    assert [one.account_id for one in listed] == [account.id, account.id, other.id]
    assert listed[1] == second


def test_the_last_one_of_an_account_stays(store: Store, account: Account) -> None:
    add_account(store)
    (first,) = store.identities.list(account.id)
    with pytest.raises(ValueError, match="last"), store.user_transaction() as tx:
        store.identities.remove(tx, first.id)
    with store.user_transaction() as tx:
        second = store.identities.add(tx, replace(WORK, account_id=account.id))
        store.identities.remove(tx, first.id)
    assert store.identities.list(account.id) == [second]


def test_they_go_with_their_account(store: Store, account: Account) -> None:
    with store.user_transaction() as tx:
        store.accounts.remove(tx, account.id)
    assert store.identities.list() == []


def test_templates_are_kept_by_name(store: Store) -> None:
    with store.user_transaction() as tx:
        thanks = store.templates.add(tx, Template(0, "Thanks", "Re: it", "<p>Thank you</p>"))
        agenda = store.templates.add(tx, Template(0, "Agenda", "", "<p>议程</p>"))
    assert store.templates.list() == [agenda, thanks]
    edited = replace(thanks, html="<p>谢谢</p>")
    with store.user_transaction() as tx:
        store.templates.update(tx, edited)
        store.templates.remove(tx, agenda.id)
    assert store.templates.list() == [edited]


def test_an_account_is_given_other_identities(store: Store, account: Account) -> None:
    other = replace(WORK, name="安", address="an@work.example")
    with store.user_transaction() as tx:
        store.identities.set(tx, account.id, [WORK, other])
    found = store.identities.list(account.id)
    assert [replace(one, id=0) for one in found] == [
        replace(one, account_id=account.id) for one in (WORK, other)
    ]
    with store.user_transaction() as tx, pytest.raises(ValueError, match="at least one"):
        store.identities.set(tx, account.id, [])
