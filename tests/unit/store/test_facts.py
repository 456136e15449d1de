from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.store.facts import Fact
from qtmail.store.store import Store
from tests.unit.store.values import add_account


def test_what_was_learned_last_counts(store: Store, account: Account) -> None:
    other = add_account(store)
    assert store.facts.get(account.id, Fact.SMTP_SIZE_LIMIT) == ""
    for value in ("100", "200"):
        with store.user_transaction() as tx:
            store.facts.learn(tx, account.id, Fact.SMTP_SIZE_LIMIT, value)
    assert store.facts.get(account.id, Fact.SMTP_SIZE_LIMIT) == "200"
    assert store.facts.get(account.id, Fact.SMTP_8BITMIME) == ""
    assert store.facts.get(other.id, Fact.SMTP_SIZE_LIMIT) == ""
