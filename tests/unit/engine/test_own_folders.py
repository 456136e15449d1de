"""Folders on this computer that the user makes, renames and removes."""

from __future__ import annotations

import pytest

from qtmail.domain.account import Account
from qtmail.engine import own_folders
from qtmail.engine.folder_names import NameRefused
from qtmail.engine.local_mail import LocalMail
from qtmail.errors import QtmailError, UsageError
from qtmail.store.store import Store
from tests.fakes.local_bench import TREE, add_account, deliver, folder_of, id_of, kept, paths, shown


@pytest.fixture
def ann(store: Store) -> Account:
    account = add_account(store)
    LocalMail(store, account).ensure_folders()
    return account


def make(store: Store, account: Account, *new: str) -> None:
    for path in new:
        own_folders.create_folder(store, account.id, path)


def own(store: Store, account: Account) -> list[str]:
    """The folders the user made."""
    return [path for path in paths(store, account) if path not in TREE]


def test_folders_are_made_with_those_above_them(store: Store, ann: Account):
    folder = own_folders.create_folder(store, ann.id, "工作/会议")
    assert (folder.path, folder.name, folder.account_id) == ("工作/会议", "会议", ann.id)
    make(store, ann, "Inbox/New", "A/B/C")
    assert own(store, ann) == ["A", "A/B", "A/B/C", "Inbox/New", "工作", "工作/会议"]


@pytest.mark.parametrize("path", ["Work", "work", " WORK ", "inbox", "work/a"])
def test_no_folder_is_made_twice(store: Store, ann: Account, path: str):
    make(store, ann, "Work/A")
    with pytest.raises(NameRefused, match="already"):
        make(store, ann, path)
    assert own(store, ann) == ["Work", "Work/A"]


def test_a_folder_above_is_found_whatever_its_case(store: Store, ann: Account):
    make(store, ann, "Work", "work/New", "INBOX/Later")
    assert own(store, ann) == ["Inbox/Later", "Work", "Work/New"]


def test_a_folder_is_renamed_with_all_below_it(store: Store, ann: Account):
    make(store, ann, "Work/A/Deep", "Workshop")
    deliver(store, ann, "one", folder=folder_of(store, ann, "Work/A").wire_name)
    row = id_of(store, "one")
    own_folders.rename_folder(store, folder_of(store, ann, "Work").id, "工作")
    assert own(store, ann) == ["Workshop", "工作", "工作/A", "工作/A/Deep"]
    assert shown(store, ann) == kept(store, ann)
    assert set(shown(store, ann)) == {"工作/A"}
    assert id_of(store, "one") == row


def test_a_folder_is_put_elsewhere(store: Store, ann: Account):
    make(store, ann, "Work/A", "Old")
    own_folders.rename_folder(store, folder_of(store, ann, "Work").id, "old/Years/Work")
    assert own(store, ann) == ["Old", "Old/Years", "Old/Years/Work", "Old/Years/Work/A"]


def test_only_the_case_of_a_name_is_changed(store: Store, ann: Account):
    make(store, ann, "work/a")
    own_folders.rename_folder(store, folder_of(store, ann, "work").id, "Work")
    assert own(store, ann) == ["Work", "Work/a"]


@pytest.mark.parametrize("path", ["Other", "OTHER", "Inbox", "Work/Inside", "Work/A/Inside", "", "a//b"])
def test_names_that_are_refused_change_nothing(store: Store, ann: Account, path: str):
    make(store, ann, "Work/A", "Other")
    with pytest.raises(NameRefused):
        own_folders.rename_folder(store, folder_of(store, ann, "Work").id, path)
    assert own(store, ann) == ["Other", "Work", "Work/A"]


def test_the_mail_of_a_removed_folder_goes_to_the_trash(store: Store, ann: Account):
    make(store, ann, "Work/A", "Workshop")
    for subject, path in (("one", "Work"), ("two", "Work/A"), ("three", "Workshop")):
        deliver(store, ann, subject, folder=folder_of(store, ann, path).wire_name)
    row = id_of(store, "two")
    assert own_folders.remove_folder(store, folder_of(store, ann, "Work").id) == 2
    assert own(store, ann) == ["Workshop"]
    assert shown(store, ann) == kept(store, ann)
    assert {path: set(messages) for path, messages in kept(store, ann).items()} == {
        "Workshop": {"three"},
        "Trash": {"one", "two"},
    }
    assert id_of(store, "two") == row


def test_the_folders_every_account_has_stay(store: Store, ann: Account):
    trash = folder_of(store, ann, "Trash").id
    with pytest.raises(UsageError, match="needs"):
        own_folders.remove_folder(store, trash)
    with pytest.raises(UsageError, match="needs"):
        own_folders.rename_folder(store, trash, "Bin")
    assert paths(store, ann) == TREE


def test_a_folder_that_is_gone_says_so(store: Store, ann: Account):
    make(store, ann, "Work")
    work = folder_of(store, ann, "Work").id
    own_folders.remove_folder(store, work)
    with pytest.raises(QtmailError, match="no longer"):
        own_folders.remove_folder(store, work)
    with pytest.raises(QtmailError, match="no longer"):
        own_folders.rename_folder(store, work, "New")


def test_folders_on_a_server_are_not_made_here(store: Store, account: Account):
    with pytest.raises(UsageError):
        own_folders.create_folder(store, account.id, "Work")
