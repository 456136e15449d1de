"""The dialog over the real services and a real store; no server is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from qtmail.credentials import Credentials
from qtmail.domain.account import BodyPolicy, FolderPolicy, Pop3Keep
from qtmail.domain.account_settings import AcceptedCertificate
from qtmail.domain.folder import RemoteFolder, SpecialUse
from qtmail.store.store import Store
from qtmail.ui.accounts.settings.account_edit import Page
from qtmail.ui.accounts.settings.removal_dialog import RemovalDialog
from qtmail.ui.accounts.settings.settings_dialog import SettingsDialog
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.compose_service import ComposeService
from qtmail.workers.mail_service import MailService
from tests.fakes.window import light_theme
from tests.unit.ui.accounts.settings.conftest import OFFICE, PERSONAL

LEFT = Qt.MouseButton.LeftButton
CERTIFICATE = AcceptedCertificate("imap.personal.example", 993, "ab" * 32)


class Desk:
    """The services over a store with two accounts."""

    def __init__(self, qapp, qtbot, directory) -> None:
        self.store = Store.open(directory)
        with self.store.user_transaction() as tx:
            self.personal = self.store.accounts.add(tx, replace(PERSONAL, id=0))
            self.office = self.store.accounts.add(tx, replace(OFFICE, id=0))
            self.store.accounts.trust(tx, CERTIFICATE.host, CERTIFICATE.port, CERTIFICATE.sha256)
        with self.store.cache_transaction() as tx:
            remote = [
                RemoteFolder(b"INBOX", "INBOX", "/", SpecialUse.INBOX),
                RemoteFolder(b"Old", "Old", "/"),
            ]
            self.store.folders.reconcile(tx, self.personal.id, remote)
        self.background = Background("reads", self.store)
        self.service = MailService(self.store, Credentials(), EngineBridge(), self.background)
        self.service.offline = True
        self.compose = ComposeService(self.store, self.service)
        self.dialog = SettingsDialog(self.service, self.compose, [], light_theme(qapp))
        qtbot.addWidget(self.dialog)
        self.dialog.show()

    def account(self, stored):
        return self.store.accounts.get(stored.id)

    def close(self) -> None:
        self.compose.stop()
        self.service.stop()
        self.background.stop()
        self.store.close()


@pytest.fixture
def desk(qapp, qtbot, tmp_path):
    desk = Desk(qapp, qtbot, tmp_path)
    yield desk
    desk.close()


def test_everything_that_was_changed_is_stored(desk, qtbot):
    dialog, pages, store = desk.dialog, desk.dialog.pages, desk.store
    exemptions = pages.sign_in.exemptions
    qtbot.waitUntil(lambda: exemptions.list.count() == 1)
    exemptions.list.setCurrentRow(0)
    qtbot.mouseClick(exemptions.button, LEFT)
    pages.general.address.setText("new@personal.example")
    qtbot.waitUntil(lambda: pages.sync.rules.table.topLevelItemCount() == 2)
    pages.sync.rules.table.topLevelItem(1).setSelected(True)
    pages.sync.rules.bodies.setCurrentIndex(pages.sync.rules.bodies.findText("headers only"))
    pages.sync.rules.bodies.activated.emit(1)
    trash = pages.special.choices[SpecialUse.TRASH]
    trash.setCurrentIndex(trash.findText("Old"))
    dialog.choose(desk.office.id, Page.SERVER_MAIL)
    pages.server_mail.choices[Pop3Keep.UNTIL_DELETED].setChecked(True)
    place = pages.server_mail.deliver_to
    place.setCurrentIndex(place.findText("Local folders"))
    qtbot.keyClick(dialog.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.mouseClick(dialog.save_button, LEFT)
    qtbot.waitUntil(lambda: desk.account(desk.office).pop3_policy.deliver_to > 0)
    qtbot.waitUntil(lambda: "new@personal.example" in [one.address for one in desk.compose.identities()])
    assert desk.account(desk.personal) == replace(desk.personal, address="new@personal.example")
    assert desk.account(desk.office).pop3_policy.keep is Pop3Keep.UNTIL_DELETED
    assert [one.name for one in store.accounts.list()] == [OFFICE.name, PERSONAL.name, "Local folders"]
    assert list(store.accounts.exemptions()) == []
    assert store.accounts.folder_policies(desk.personal.id) == {b"Old": FolderPolicy(BodyPolicy.NONE)}
    assert store.accounts.special_folders(desk.personal.id) == {SpecialUse.TRASH: b"Old"}


def test_an_account_is_removed_after_the_question(desk, qtbot):
    desk.dialog.choose(desk.office.id)
    qtbot.mouseClick(desk.dialog.remove_button, LEFT)
    qtbot.waitUntil(lambda: desk.dialog.findChild(RemovalDialog) is not None)
    qtbot.mouseClick(desk.dialog.findChild(RemovalDialog).remove_button, LEFT)
    qtbot.waitUntil(lambda: desk.dialog.list.ids() == [desk.personal.id])
    assert desk.account(desk.office) is None
