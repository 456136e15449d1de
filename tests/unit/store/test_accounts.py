from __future__ import annotations

from dataclasses import replace

from qtmail.domain.account import (
    Account,
    BodyPolicy,
    FolderPolicy,
    Pop3Keep,
    Pop3Policy,
    Security,
    ServerSettings,
)
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation, OperationKind
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.store.store import Store
from tests.unit.store.values import ACCOUNT, add_account


def test_an_account_comes_back_as_it_was_stored(store: Store) -> None:
    full = add_account(store)
    reading = add_account(store, replace(ACCOUNT, name="Reading", smtp=None))
    assert full == replace(ACCOUNT, id=full.id)
    assert store.accounts.list() == [full, reading]
    assert store.accounts.get(reading.id) == reading
    assert store.accounts.get(99) is None


def test_everything_about_pop3_and_signing_in_comes_back(store: Store) -> None:
    pop3 = replace(
        ACCOUNT,
        imap=None,
        pop3=ServerSettings("pop.example.org", 995, Security.TLS, "ann"),
        pop3_policy=Pop3Policy(Pop3Keep.NEWEST, 7, 500, 10**9, 2**20, deliver_to=3, apop=True),
        sign_in=SignIn(SignInMethod.OAUTH, "google", "my-client", ""),
        enabled=False,
    )
    assert add_account(store, pop3) == replace(pop3, id=1)
    assert store.accounts.list() == [replace(pop3, id=1)]
    local = replace(ACCOUNT, address="", imap=None, smtp=None)
    assert store.accounts.get(add_account(store, local).id) == replace(local, id=2)


def test_local_folders_have_no_identity_to_write_under(store: Store) -> None:
    add_account(store, replace(ACCOUNT, address="", imap=None, smtp=None))
    assert store.identities.list() == []


def test_ids_are_never_used_twice(store: Store) -> None:
    first = add_account(store)
    with store.user_transaction() as transaction:
        store.accounts.remove(transaction, first.id)
    assert add_account(store).id > first.id


def test_update_keeps_id_and_place(store: Store) -> None:
    first, second = add_account(store), add_account(store)
    renamed = replace(first, name="Renamed", smtp=None)
    with store.user_transaction() as transaction:
        store.accounts.update(transaction, renamed)
    assert store.accounts.list() == [renamed, second]


def test_find_takes_addresses_before_names_in_any_case(store: Store) -> None:
    named = add_account(store, replace(ACCOUNT, name="bob@example.org", address="ann@example.org"))
    addressed = add_account(store, replace(ACCOUNT, name="Straße", address="Bob@Example.org"))
    assert store.accounts.find("BOB@example.org") == addressed
    assert store.accounts.find(" ann@EXAMPLE.org ") == named
    assert store.accounts.find("STRASSE") == addressed
    assert store.accounts.find("nobody") is None


def test_removing_an_account_drops_its_operations(store: Store, account: Account) -> None:
    operation = Operation(0, OperationKind.SET_FLAGS, account.id, b"INBOX", 1, 2, Flag.SEEN, Flag.NONE)
    with store.user_transaction() as transaction:
        store.operations.add(transaction, [operation])
        store.accounts.remove(transaction, account.id)
    assert store.operations.pending(account.id) == []


def test_changes_of_accounts_are_published(store: Store, changes: list[StoreChange]) -> None:
    account = add_account(store)
    with store.user_transaction() as transaction:
        store.accounts.remove(transaction, account.id)
    assert changes == [StoreChange(frozenset({ChangeKind.ACCOUNTS}))] * 2


def test_certificates_are_trusted_for_one_server_only(store: Store) -> None:
    with store.user_transaction() as transaction:
        store.accounts.trust(transaction, "IMAP.example.org", 993, "AB:CD")
        store.accounts.trust(transaction, "imap.example.org", 993, "abcd")
        store.accounts.trust(transaction, "imap.example.org", 993, "ef01")
    assert store.accounts.trusted("imap.EXAMPLE.org", 993) == {"abcd", "ef01"}
    assert store.accounts.trusted("imap.example.org", 143) == frozenset()
    assert store.accounts.trusted("example.org", 993) == frozenset()


def test_accounts_are_shown_in_the_order_the_user_gave_them(store: Store) -> None:
    first, second, third, fourth = (add_account(store) for _ in range(4))
    with store.user_transaction() as transaction:
        store.accounts.arrange(transaction, [third.id, first.id, 99, third.id])
    assert store.accounts.list() == [third, first, second, fourth]
    assert [one.account_id for one in store.identities.list()] == [third.id, first.id, second.id, fourth.id]


def test_folders_have_rules_of_their_own_until_they_follow_the_account_again(
    store: Store, account: Account
) -> None:
    rules = {
        b"Sent\xff": FolderPolicy(BodyPolicy.NONE, 3600),
        b"Lists": FolderPolicy(poll_seconds=60),
        b"Archive": FolderPolicy(BodyPolicy.ALL),
    }
    for name, policy in rules.items():
        with store.user_transaction() as transaction:
            store.accounts.set_folder_policy(transaction, account.id, name, policy)
    assert store.accounts.folder_policies(account.id) == rules
    assert store.accounts.folder_policies(account.id + 1) == {}
    with store.user_transaction() as transaction:
        store.accounts.set_folder_policy(transaction, account.id, b"Lists", FolderPolicy())
    assert b"Lists" not in store.accounts.folder_policies(account.id)


def test_a_folder_is_chosen_for_a_purpose_and_the_choice_taken_back(store: Store, account: Account) -> None:
    for name in (b"Sent", b"Sent Items"):
        with store.user_transaction() as transaction:
            store.accounts.choose_special_folder(transaction, account.id, SpecialUse.SENT, name)
    assert store.accounts.special_folders(account.id) == {SpecialUse.SENT: b"Sent Items"}
    with store.user_transaction() as transaction:
        store.accounts.choose_special_folder(transaction, account.id, SpecialUse.SENT, b"")
    assert store.accounts.special_folders(account.id) == {}


def test_the_certificate_last_seen_of_a_server_is_remembered(store: Store) -> None:
    for pem, now in (("first", 10), ("second", 20)):
        with store.user_transaction() as transaction:
            store.accounts.note_certificate(transaction, "IMAP.example.org", 993, pem, now)
    assert store.accounts.seen_certificate("imap.EXAMPLE.org", 993) == ("second", 20)
    assert store.accounts.seen_certificate("imap.example.org", 143) is None
