"""What folders do otherwise than their account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.domain.account import Account, BodyPolicy, FolderPolicy
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse
from qtmail.engine.folder_rules import (
    FolderRules,
    as_chosen,
    choose_special_folder,
    folder_settings,
)
from qtmail.store.store import Store
from tests.unit.store.values import add_account

INBOX = RemoteFolder(b"INBOX", "INBOX", "/", SpecialUse.INBOX)
SENT = RemoteFolder(b"Sent", "Sent", "/", SpecialUse.SENT)
SENT_ITEMS = RemoteFolder(b"Sent Items", "Sent Items", "/")
ARCHIVE = RemoteFolder(b"Archive", "Archive", "/", SpecialUse.ARCHIVE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def account(store: Store) -> Account:
    added = add_account(store)
    with store.cache_transaction() as tx:
        store.folders.reconcile(tx, added.id, [INBOX, SENT, SENT_ITEMS, ARCHIVE])
    return added


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def folder(store: Store, account: Account, path: str) -> Folder:
    found = store.folders.find(account.id, path)
    assert found is not None
    return found


def set_policy(store: Store, account: Account, path: str, policy: FolderPolicy) -> None:
    with store.user_transaction() as tx:
        store.accounts.set_folder_policy(tx, account.id, folder(store, account, path).wire_name, policy)


def test_a_folder_keeps_the_bodies_its_rule_says_and_the_others_those_of_the_account(
    store: Store, account: Account
) -> None:
    set_policy(store, account, "Archive", FolderPolicy(bodies=BodyPolicy.NONE))
    rules = FolderRules(store, account)
    rules.refresh(store.folders.list(account.id))
    assert rules.bodies(folder(store, account, "Archive")) is BodyPolicy.NONE
    assert rules.bodies(folder(store, account, "Sent")) is account.sync.bodies


def test_each_folder_is_due_at_its_own_interval(store: Store, account: Account) -> None:
    set_policy(store, account, "Archive", FolderPolicy(poll_seconds=3600))
    clock = Clock()
    rules = FolderRules(store, account, clock)
    archive, sent = folder(store, account, "Archive"), folder(store, account, "Sent")
    rules.refresh([archive, sent])
    assert rules.is_due(archive) and rules.is_due(sent), "what was never looked at is due"
    rules.walked(archive)
    rules.walked(sent)
    assert rules.seconds_to_next() == account.sync.poll_seconds
    clock.now += account.sync.poll_seconds
    assert rules.is_due(sent) and not rules.is_due(archive)
    clock.now += 3600
    assert rules.is_due(archive)


def test_a_clock_that_was_set_back_makes_folders_due(store: Store, account: Account) -> None:
    clock = Clock()
    rules = FolderRules(store, account, clock)
    sent = folder(store, account, "Sent")
    rules.refresh([sent])
    rules.walked(sent)
    clock.now -= 500
    assert rules.is_due(sent)


def test_a_folder_that_is_gone_is_never_due(store: Store, account: Account) -> None:
    clock = Clock()
    rules = FolderRules(store, account, clock)
    archive, sent = folder(store, account, "Archive"), folder(store, account, "Sent")
    rules.refresh([archive, sent])
    rules.walked(archive)
    clock.now += account.sync.poll_seconds
    rules.refresh([sent])
    rules.walked(sent)
    assert rules.seconds_to_next() == account.sync.poll_seconds


def test_the_users_choice_goes_before_the_servers_word() -> None:
    folders = as_chosen([INBOX, SENT, SENT_ITEMS], {SpecialUse.SENT: b"Sent Items"})
    assert [(one.wire_name, one.special_use) for one in folders] == [
        (b"INBOX", SpecialUse.INBOX),
        (b"Sent", None),
        (b"Sent Items", SpecialUse.SENT),
    ]


def test_a_folder_chosen_for_another_purpose_leaves_its_own() -> None:
    folders = as_chosen([SENT, ARCHIVE], {SpecialUse.SENT: b"Archive"})
    assert [one.special_use for one in folders] == [None, SpecialUse.SENT]


@pytest.mark.parametrize("name", [b"Gone", b"INBOX"])
def test_what_is_not_there_or_is_the_inbox_cannot_be_chosen(name: bytes) -> None:
    assert as_chosen([INBOX, SENT], {SpecialUse.SENT: name}) == [INBOX, SENT]


def test_a_choice_is_seen_at_once_and_can_be_taken_back(store: Store, account: Account) -> None:
    choose_special_folder(store, account.id, SpecialUse.SENT, b"Sent Items")
    assert folder(store, account, "Sent Items").special_use is SpecialUse.SENT
    assert folder(store, account, "Sent").special_use is None
    chosen = {one.folder.path: one.chosen_for for one in folder_settings(store, account.id)}
    assert chosen == {"INBOX": None, "Sent": None, "Sent Items": SpecialUse.SENT, "Archive": None}
    choose_special_folder(store, account.id, SpecialUse.SENT, b"")
    assert store.accounts.special_folders(account.id) == {}


def test_there_is_no_choosing_another_inbox(store: Store, account: Account) -> None:
    with pytest.raises(ValueError, match="inbox"):
        choose_special_folder(store, account.id, SpecialUse.INBOX, b"Sent")
