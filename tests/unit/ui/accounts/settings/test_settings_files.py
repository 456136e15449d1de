from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from qtmail.domain.account_settings import AcceptedCertificate, ClearPermission, Imported, SettingsFile
from qtmail.errors import FileFailed
from qtmail.ui.accounts.settings.export_dialog import ExportDialog
from qtmail.ui.accounts.settings.import_dialog import ImportDialog
from tests.fakes.window import light_theme
from tests.unit.ui.accounts.settings.conftest import OFFICE, PERSONAL

LEFT = Qt.MouseButton.LeftButton
FILE = Path("mine.qtmail-settings")


@pytest.fixture
def export(qapp, qtbot, service):
    dialog = ExportDialog(service, {"theme": "dark"}, light_theme(qapp))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def open_file(qapp, qtbot, service):
    def make() -> ImportDialog:
        dialog = ImportDialog(service, FILE, light_theme(qapp))
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def test_settings_are_exported_without_passwords_unless_they_are_wanted(export, service):
    export.export_to(FILE)
    assert service.exported == [(FILE, None, {"theme": "dark"})]
    assert export.outcome.notice("outcome").text() == "The settings are in mine.qtmail-settings."


def test_passwords_go_along_only_under_a_passphrase_entered_twice_alike(export, service, qtbot):
    export.secrets.setChecked(True)
    assert not export.export_button.isEnabled()
    export.passphrase.first.setText("four words 四个词")
    qtbot.keyClicks(export.passphrase.second, "four words")
    assert export.passphrase.note.text() == "The two are not alike."
    assert not export.export_button.isEnabled()
    export.passphrase.second.setText("four words 四个词")
    assert export.export_button.isEnabled()
    export.export_to(FILE)
    assert service.exported[0][1] == "four words 四个词"


def test_a_passphrase_that_is_no_longer_wanted_is_not_used(export, service):
    export.secrets.setChecked(True)
    export.passphrase.first.setText("four words")
    export.passphrase.second.setText("four words")
    export.secrets.setChecked(False)
    export.export_to(FILE)
    assert service.exported[0][1] is None


def rows(dialog) -> list[str]:
    return [dialog.accounts.item(row).text() for row in range(dialog.accounts.count())]


def test_an_import_shows_what_it_will_add_before_it_does(open_file, service, qtbot):
    service.settings_file = SettingsFile((PERSONAL, OFFICE), frozenset({PERSONAL.address}))
    dialog = open_file()
    assert dialog.title.text() == "1 account will be added:"
    assert rows(dialog) == [
        "Personal  me@personal.example – is here already and stays as it is",
        "公司邮箱  wang@qiye.example",
    ]
    assert service.imported == []
    assert not dialog.passphrase.isVisible()
    assert not dialog.exemptions.isVisible()
    service.import_result = Imported((OFFICE,), (PERSONAL.address,), ("公司邮箱",))
    qtbot.mouseClick(dialog.import_button, LEFT)
    assert service.imported == [(FILE, None)]
    text = dialog.outcome.notice("outcome").text()
    assert text == "1 account was added. These ask for their password: 公司邮箱."


def test_the_wrong_passphrase_is_said_and_can_be_entered_again(open_file, service, qtbot):
    service.settings_file = SettingsFile((OFFICE,), has_secrets=True)
    service.import_result = FileFailed("This passphrase does not open the file.", advice="Enter it again.")
    dialog = open_file()
    qtbot.keyClicks(dialog.passphrase, "wrong words")
    qtbot.mouseClick(dialog.import_button, LEFT)
    strip = dialog.outcome.notice("outcome")
    assert strip.text() == "This passphrase does not open the file. Enter it again."
    assert dialog.import_button.isEnabled()
    assert service.imported == [(FILE, "wrong words")]


def test_a_file_that_is_no_settings_file_is_said(open_file, service):
    service.settings_file = FileFailed("There are no settings of qtmail in this file.")
    dialog = open_file()
    assert dialog.title.text() == "mine.qtmail-settings could not be read."
    assert not dialog.import_button.isEnabled()


def test_preferences_come_with_the_import_and_not_before(open_file, service, qtbot):
    service.settings_file = SettingsFile((), preferences={"theme": "dark"})
    dialog = open_file()
    with qtbot.waitSignal(dialog.preferences_taken) as taken:
        qtbot.mouseClick(dialog.import_button, LEFT)
    assert taken.args == [{"theme": "dark"}]


def test_the_passphrase_of_a_file_can_be_typed_at_once(open_file, service):
    service.settings_file = SettingsFile((OFFICE,), has_secrets=True)
    dialog = open_file()
    assert dialog.focusWidget() is dialog.passphrase


def test_what_weakens_a_connection_is_shown_and_taken_only_if_the_user_says_so(open_file, service, qtbot):
    exemptions = (
        AcceptedCertificate("imap.qiye.example", 993, "ab" * 32),
        ClearPermission("old.example", 110),
    )
    service.settings_file = SettingsFile((OFFICE,), exemptions=exemptions)
    dialog = open_file()
    shown = dialog.exemption_list.text()
    assert "imap.qiye.example:993" in shown and "old.example:110 – the password over" in shown
    assert not dialog.exemptions.isChecked()
    qtbot.mouseClick(dialog.import_button, LEFT)
    assert not service.imported_exemptions
    dialog = open_file()
    dialog.exemptions.setChecked(True)
    qtbot.mouseClick(dialog.import_button, LEFT)
    assert service.imported_exemptions


def test_the_file_is_chosen_without_stopping_the_program(export, service, qtbot, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    qtbot.mouseClick(export.export_button, LEFT)
    export.findChild(QFileDialog).accept()
    assert [path.name for path, _, _ in service.exported] == ["settings.qtmail-settings"]


def test_the_settings_dialog_imports_the_file_that_was_chosen(dialog, service, qtbot, tmp_path):
    file = tmp_path / "old.qtmail-settings"
    file.touch()
    service.settings_file = SettingsFile((PERSONAL,), frozenset({PERSONAL.address}), preferences={"a": "b"})
    qtbot.mouseClick(dialog.import_button, LEFT)
    chooser = dialog.findChild(QFileDialog)
    chooser.selectFile(str(file))
    chooser.accept()
    question = dialog.findChild(ImportDialog)
    assert question.title.text() == "No account in old.qtmail-settings is new."
    with qtbot.waitSignal(dialog.preferences_taken) as taken:
        qtbot.mouseClick(question.import_button, LEFT)
    assert taken.args == [{"a": "b"}]


def test_an_export_takes_the_preferences_of_the_window_along(dialog, service, qtbot):
    qtbot.mouseClick(dialog.export_button, LEFT)
    dialog.findChild(ExportDialog).export_to(FILE)
    assert service.exported == [(FILE, None, {"theme": "dark"})]
