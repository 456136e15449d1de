from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.events import AccountState, ChangeKind, Connection, StoreChange
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.errors import StoreFailed
from qtmail.models.folder_nodes import NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.roles import FolderRole


def account(id_: int, name: str) -> Account:
    return Account(
        id_, name, f"me@{name}.example", "Me", ServerSettings("localhost", 993, Security.TLS, "me")
    )


class Folders:
    def __init__(self, account_id: int = 1) -> None:
        self.account_id = account_id
        self.folders: list[Folder] = []
        self.broken = False

    def add(
        self, path: str, use: SpecialUse | None = None, *, unread: int = 0, selectable: bool = True
    ) -> int:
        id_ = len(self.folders) + 1
        self.folders.append(
            Folder(id_, self.account_id, path.encode(), path, "/", use, selectable, True, unread, unread)
        )
        return id_

    def list(self, account_id: int | None = None) -> Sequence[Folder]:
        if self.broken:
            raise StoreFailed("The local mail store could not be read.")
        return self.folders

    def get(self, folder_id: int) -> Folder | None:
        return next((folder for folder in self.folders if folder.id == folder_id), None)


class Accounts:
    def __init__(self, *accounts: Account) -> None:
        self.accounts = list(accounts)

    def list(self) -> Sequence[Account]:
        return self.accounts


@pytest.fixture
def folders() -> Folders:
    folders = Folders()
    folders.add("Zebra")
    folders.add("INBOX", SpecialUse.INBOX, unread=3)
    folders.add("[Gmail]", selectable=False)
    folders.add("[Gmail]/Sent Mail", SpecialUse.SENT)
    folders.add("[Gmail]/Bin", SpecialUse.TRASH, unread=9)
    folders.add("Work/Projects/Anna", unread=2)
    folders.add("Work", unread=1)
    return folders


@pytest.fixture
def model(qapp: object, folders: Folders) -> FolderTreeModel:
    model = FolderTreeModel(Accounts(account(1, "home")), folders)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.load()
    return model


def outline(model: FolderTreeModel, parent: QModelIndex | None = None, depth: int = 0) -> list[str]:
    parent = parent or QModelIndex()
    lines: list[str] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        lines += ["  " * depth + str(index.data()), *outline(model, index, depth + 1)]
    return lines


def test_the_model_keeps_qt_s_rules(model, qtmodeltester):
    qtmodeltester.check(model)


def test_views_on_top_special_folders_first_own_folders_as_a_tree(model):
    assert outline(model) == [
        "All inboxes",
        "Unread",
        "Flagged",
        "home",
        "  Inbox",
        "  Sent",
        "  Trash",
        "  Work",
        "    Projects",
        "      Anna",
        "  Zebra",
    ]


def test_without_accounts_the_tree_is_empty(qapp, folders):
    model = FolderTreeModel(Accounts(), folders)
    model.load()
    assert outline(model) == []


def test_unified_views_ask_for_the_right_folders(model):
    by_key = {node.key: node for node in model.nodes()}
    inboxes = by_key[NodeKind.ALL_INBOXES]
    unread = by_key[NodeKind.ALL_UNREAD]
    assert (inboxes.query.folder_ids, inboxes.unread) == ((2,), 3)
    assert unread.query.unread
    assert set(unread.query.folder_ids) == {1, 2, 4, 6, 7}
    assert unread.unread == 6
    assert by_key["account/1"].query is None
    assert by_key["folder/1/Work/Projects"].kind == NodeKind.CONTAINER
    assert by_key["folder/1/Work"].unread_below == 2


def test_counts_change_without_moving_a_row(model, folders, qtbot):
    model.rowsInserted.connect(lambda: pytest.fail("no row may come"))
    model.rowsRemoved.connect(lambda: pytest.fail("no row may go"))
    work = QPersistentModelIndex(model.index_of("folder/1/Work"))
    changed: list[str] = []
    model.dataChanged.connect(lambda index: changed.append(index.data()))
    old = folders.folders[5]
    folders.folders[5] = Folder(
        old.id, 1, old.wire_name, old.path, "/", None, True, True, 10, old.unread_count + 1
    )
    model.apply(StoreChange(frozenset({ChangeKind.COUNTS}), frozenset({old.id})))
    assert set(changed) == {"Unread", "home", "Work", "Projects", "Anna"}
    assert model.node(work).unread_below == 3


def test_a_new_folder_and_a_new_account_are_inserted_in_place(model, folders):
    kept = QPersistentModelIndex(model.index_of("folder/1/Zebra"))
    folders.add("Alpha")
    model.apply(StoreChange(frozenset({ChangeKind.FOLDERS})))
    assert kept.isValid()
    assert outline(model)[7] == "  Alpha"


def test_the_drafts_of_all_servers_are_one_view_that_counts_messages(model, folders):
    drafts = folders.add("Drafts", SpecialUse.DRAFTS, unread=2)
    model.apply(StoreChange(frozenset({ChangeKind.FOLDERS})))
    node = model.node(model.index_of(NodeKind.ALL_DRAFTS))
    assert (node.query.folder_ids, node.count, node.unread) == ((drafts,), 2, 0)
    assert node.shows_sent_mail
    folders.folders[-1] = replace(folders.folders[-1], message_count=5)
    model.apply(StoreChange(frozenset({ChangeKind.COUNTS}), frozenset({drafts})))
    assert node.count == 5
    assert (
        model.index_of(NodeKind.ALL_DRAFTS).data(Qt.ItemDataRole.AccessibleTextRole) == "Drafts, 5 messages"
    )


def test_what_is_kept_on_this_computer_is_there_while_it_holds_something(model):
    model.set_local_drafts(1)
    model.set_outbox(2, alarming=True)
    assert outline(model)[3:5] == ["Drafts on this computer", "Outbox"]
    spoken = model.index_of(NodeKind.OUTBOX).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Outbox, 2 messages, one needs you"
    assert model.node(model.index_of(NodeKind.OUTBOX)).query is None
    model.set_outbox(0, alarming=False)
    model.set_local_drafts(0)
    assert outline(model)[3] == "home"


def test_an_empty_place_stays_while_it_is_looked_at(model, qtbot):
    model.reveal(NodeKind.OUTBOX)
    model.note_open(NodeKind.OUTBOX)
    model.load()
    assert model.index_of(NodeKind.OUTBOX).isValid()
    model.note_open("folder/1/INBOX")
    qtbot.waitUntil(lambda: not model.index_of(NodeKind.OUTBOX).isValid())


def test_what_a_folder_is_for_is_known_by_its_number(model):
    assert model.special_use_of(2) is SpecialUse.INBOX
    assert model.special_use_of(1) is None
    assert model.special_use_of(99) is None


def test_the_state_of_an_account_is_shown_at_its_node(model, qtbot):
    state = AccountState(1, Connection.SYNCING)
    with qtbot.waitSignal(model.dataChanged):
        model.set_state(state)
    assert model.index_of("account/1").data(FolderRole.STATE) == state
    assert model.index_of("folder/1/Work").data(FolderRole.STATE) is None


def test_a_screen_reader_hears_the_unread_count(model):
    spoken = model.index_of("folder/1/INBOX").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Inbox, 3 unread"


def test_a_store_that_cannot_be_read_leaves_the_tree_as_it_is(model, folders, qtbot):
    before = outline(model)
    folders.broken = True
    with qtbot.waitSignal(model.failed):
        model.load()
    assert outline(model) == before


names = st.sampled_from(["A", "B", "C", "D"])
paths = st.sets(st.lists(names, min_size=1, max_size=3).map("/".join), max_size=12)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(paths, min_size=1, max_size=5))
def test_the_tree_follows_any_change_of_folders(qapp, states):
    folders = Folders()
    model = FolderTreeModel(Accounts(account(1, "home")), folders)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for number, state in enumerate(states):
        folders.folders.clear()
        for path in state:
            folders.add(path, SpecialUse.SENT if path == "B" and number % 2 else None)
        model.load()
        fresh = FolderTreeModel(Accounts(account(1, "home")), folders)
        fresh.load()
        assert outline(model) == outline(fresh)
    del tester
