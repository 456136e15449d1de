from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from qtmail.domain.events import AccountState, ChangeKind, Connection, Problem, StoreChange
from qtmail.domain.folder import SpecialUse
from qtmail.models.folder_nodes import NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.ui.folders.folder_pane import FolderPane
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.window import MemoryFolders, ServiceAccounts, folder, light_theme

FOLDERS = StoreChange(frozenset({ChangeKind.FOLDERS}))


class Bench:
    def __init__(self, app: QApplication) -> None:
        self.service = FakeMailService([account()])
        self.folders = MemoryFolders(
            [folder(1, "INBOX", SpecialUse.INBOX, unread=3), folder(2, "Travel"), folder(3, "Travel/Norway")]
        )
        self.model = FolderTreeModel(ServiceAccounts(self.service), self.folders)
        self.theme = light_theme(app)
        self.pane = FolderPane(self.model, self.theme)

    def unfolded(self, key: str) -> bool:
        return self.pane.tree.isExpanded(self.model.index_of(key))


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp)
    qtbot.addWidget(bench.pane)
    bench.pane.resize(240, 500)
    bench.pane.show()
    return bench


def test_accounts_are_unfolded_and_own_folders_are_not(bench):
    bench.model.load()
    assert bench.unfolded("account/1")
    assert not bench.unfolded("folder/1/Travel")


def test_what_was_unfolded_and_open_comes_back(bench, qtbot):
    with qtbot.waitSignal(bench.pane.folder_opened) as opened:
        bench.pane.restore("folder/1/Travel/Norway", frozenset({"folder/1/Travel"}))
        bench.model.load()
    assert opened.args[0].key == "folder/1/Travel/Norway"
    assert bench.unfolded("folder/1/Travel")
    assert bench.pane.toggled == {"folder/1/Travel"}


def test_folding_an_account_is_remembered_and_folding_back_forgotten(bench):
    bench.model.load()
    index = bench.model.index_of("account/1")
    bench.pane.tree.collapse(index)
    assert bench.pane.toggled == {"account/1"}
    bench.pane.tree.expand(index)
    assert bench.pane.toggled == frozenset()


def test_an_inbox_that_is_not_known_yet_is_waited_for(bench):
    folders = bench.folders.folders[:]
    bench.folders.folders.clear()
    bench.model.load()
    bench.pane.open_first()
    assert bench.pane.current() is None
    bench.folders.folders += folders
    bench.model.load()
    bench.pane.open_first()
    assert bench.pane.current().key == "folder/1/INBOX"


def test_with_one_account_its_inbox_is_opened_first_with_two_all_inboxes(bench):
    bench.model.load()
    bench.pane.open_first()
    assert bench.pane.current().key == "folder/1/INBOX"
    bench.service._accounts.append(account(2, "Work"))
    bench.model.load()
    bench.pane.open_first()
    assert bench.pane.current().kind == NodeKind.ALL_INBOXES


def test_a_click_opens_a_folder(bench, qtbot):
    bench.model.load()
    place = bench.pane.tree.visualRect(bench.model.index_of("folder/1/Travel")).center()
    with qtbot.waitSignal(bench.pane.folder_opened) as opened:
        qtbot.mouseClick(bench.pane.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args[0].title == "Travel"


def test_a_working_account_spins_and_one_at_rest_does_not(bench):
    bench.model.load()
    bench.model.set_state(AccountState(1, Connection.SYNCING))
    assert bench.pane._spin.isActive()
    bench.model.set_state(AccountState(1, Connection.WATCHING))
    assert not bench.pane._spin.isActive()


def test_a_warning_sign_is_painted_for_an_account_in_trouble(bench):
    bench.model.load()
    bench.model.set_state(AccountState(1, Connection.WATCHING))
    calm = bench.pane.tree.viewport().grab().toImage()
    bench.model.set_state(AccountState(1, Connection.WAITING, problem=Problem(1, "No answer.")))
    assert bench.pane.tree.viewport().grab().toImage() != calm


def test_the_open_folder_stays_open_when_others_come_and_go(bench):
    bench.model.load()
    bench.pane.open("folder/1/Travel")
    bench.folders.folders.insert(0, folder(9, "Archive", SpecialUse.ARCHIVE))
    bench.model.apply(FOLDERS)
    assert bench.pane.current().key == "folder/1/Travel"


def test_the_menu_of_an_account_leads_to_its_settings_and_checks_it(bench, qtbot):
    bench.model.load()
    menu = bench.pane.account_menu(bench.model.node(bench.model.index_of("account/1")))
    check, connection, settings = menu.actions()
    with qtbot.waitSignal(bench.pane.check_requested) as checked:
        check.trigger()
    with qtbot.waitSignal(bench.pane.connection_check_requested) as tried:
        connection.trigger()
    with qtbot.waitSignal(bench.pane.settings_requested) as asked:
        settings.trigger()
    assert (checked.args, tried.args, asked.args) == ([1], [1], [1])


def test_a_folder_has_no_account_menu(bench):
    bench.model.load()
    assert bench.pane.account_menu(bench.model.node(bench.model.index_of("folder/1/Travel"))) is None


def test_an_account_that_rests_is_not_checked_for_mail(bench):
    bench.service.set_enabled(1, False)
    bench.model.load()
    menu = bench.pane.account_menu(bench.model.node(bench.model.index_of("account/1")))
    assert [action.text() for action in menu.actions()] == ["Check co&nnection…", "Account &settings…"]
