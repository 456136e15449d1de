from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.identity import Identity
from qtmail.ui.accounts.identities_dialog import IdentitiesDialog
from qtmail.ui.accounts.identity_form import identity_fault
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.mail_service import account
from tests.fakes.window import light_theme

FOLDERS = [
    Folder(1, 1, b"INBOX", "INBOX", "/", SpecialUse.INBOX, True, True, 0, 0),
    Folder(2, 1, b"Sent &-", "Sent &", "/", SpecialUse.SENT, True, True, 0, 0),
    Folder(3, 1, b"Club", "Club", "/", None, True, True, 0, 0),
    Folder(4, 2, b"Verein", "Verein", "/", None, True, True, 0, 0),
]


@pytest.fixture
def service():
    return FakeComposeService([account(), account(2, "Work")])


@pytest.fixture
def dialog(qapp, qtbot, service):
    dialog = IdentitiesDialog(service, FOLDERS, light_theme(qapp))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def retype(qtbot, field, text: str) -> None:
    field.clear()
    qtbot.keyClicks(field, text)


def test_the_first_identity_is_shown_with_the_folders_of_its_account(dialog):
    assert dialog.form.address.text() == "me@personal.example"
    combo = dialog.form.sent_folder
    names = [combo.itemText(row) for row in range(combo.count())]
    assert names == ["The account's own folder (Sent &)", "Inbox", "Sent &", "Club"]


def test_what_was_edited_is_stored_on_save(dialog, service, qtbot):
    retype(qtbot, dialog.form.name, "Me at the club")
    retype(qtbot, dialog.form.bcc, "archive@personal.example")
    qtbot.keyClicks(dialog.form.signature.rich.editor, "Secretary")
    dialog.form.sent_folder.setCurrentIndex(3)
    dialog.form.sent_folder.activated.emit(3)
    assert service.identities()[0].name == "Me"
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    stored = service.identities()[0]
    assert (stored.name, stored.bcc, stored.sent_folder) == (
        "Me at the club",
        "archive@personal.example",
        b"Club",
    )
    assert "Secretary" in stored.signature_html
    assert not dialog.isVisible()


def test_another_identity_is_added_to_the_account(dialog, service, qtbot):
    qtbot.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(dialog.form.address, "chair@personal.example")
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    added = [one for one in service.identities() if one.address == "chair@personal.example"]
    assert [(one.account_id, one.name) for one in added] == [(1, "Me")]


def test_an_identity_is_removed_but_never_the_last_one_of_an_account(dialog, service, qtbot):
    assert not dialog.remove_button.isEnabled()
    qtbot.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    assert dialog.remove_button.isEnabled()
    qtbot.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)
    assert len(dialog.identities()) == 2
    assert not dialog.remove_button.isEnabled()


def test_a_wrong_address_is_said_and_nothing_is_stored(dialog, service, qtbot):
    retype(qtbot, dialog.form.name, "Other")
    retype(qtbot, dialog.form.address, "me.personal.example")
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert dialog.note.text() == "Mail address: The address has no @."
    assert dialog.isVisible()
    assert service.identities()[0].name == "Me"


def test_cancelling_changes_nothing(dialog, service, qtbot):
    retype(qtbot, dialog.form.name, "Other")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert service.identities()[0].name == "Me"


def test_a_folder_that_is_gone_stays_chosen_until_another_is(qapp, qtbot, service):
    service.save_identity(Identity(1, 1, "Me", "me@personal.example", sent_folder=b"Old"))
    dialog = IdentitiesDialog(service, FOLDERS, light_theme(qapp))
    qtbot.addWidget(dialog)
    assert dialog.form.sent_folder.currentText() == "Old (no longer there)"
    assert dialog.identities()[0].sent_folder == b"Old"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, ""),
        ({"reply_to": "Ann <ann@x.example>, bob@x.example"}, ""),
        ({"reply_to": "nobody"}, "Answers go to: “nobody” is not an address. The address has no @."),
        ({"address": ""}, "Mail address: The address is missing."),
    ],
)
def test_each_fault_names_its_field(fields, fault):
    values = {"address": "me@x.example"} | fields
    assert identity_fault(Identity(1, 1, "Me", **values)).startswith(fault)
    assert bool(identity_fault(Identity(1, 1, "Me", **values))) is bool(fault)
