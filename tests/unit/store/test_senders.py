from __future__ import annotations

from qtmail.store.store import Store


def test_trusted_senders_are_kept_by_address_in_any_case(store: Store) -> None:
    assert store.senders.trusted() == frozenset()
    with store.user_transaction() as transaction:
        store.senders.trust(transaction, "News@Example.org")
        store.senders.trust(transaction, "news@example.org")
    assert store.senders.trusted() == {"news@example.org"}
