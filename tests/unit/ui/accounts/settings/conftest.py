"""A dialog over an IMAP account, a POP3 account with a Chinese name, and local folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.domain.account import Account, BodyPolicy, FolderPolicy, Security, ServerSettings
from qtmail.domain.folder import FolderSettings, SpecialUse
from qtmail.ui.accounts.settings.settings_dialog import SettingsDialog
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.window import folder, light_theme

SMTP = ServerSettings("smtp.personal.example", 465, Security.TLS, "me@personal.example")
POP = ServerSettings("pop.qiye.example", 995, Security.TLS, "wang@qiye.example")
PERSONAL = replace(account(), smtp=SMTP)
OFFICE = replace(account(2, "公司邮箱"), address="wang@qiye.example", imap=None, pop3=POP, smtp=SMTP)
LOCAL = Account(3, "Local folders", "", "", None)
FOLDERS = [
    FolderSettings(folder(1, "INBOX", SpecialUse.INBOX), FolderPolicy(), None),
    FolderSettings(folder(2, "Sent Items", SpecialUse.SENT), FolderPolicy(BodyPolicy.ALL), None),
    FolderSettings(folder(3, "Old mail", SpecialUse.ARCHIVE), FolderPolicy(), SpecialUse.ARCHIVE),
    FolderSettings(folder(4, "Travel"), FolderPolicy(), None),
]


@pytest.fixture
def service() -> FakeMailService:
    service = FakeMailService([PERSONAL, OFFICE, LOCAL])
    service.folders[1] = FOLDERS
    return service


@pytest.fixture
def compose(service: FakeMailService) -> FakeComposeService:
    return FakeComposeService(service.accounts())


@pytest.fixture
def dialog(
    qapp: QApplication, qtbot: QtBot, service: FakeMailService, compose: FakeComposeService
) -> Iterator[SettingsDialog]:
    dialog = SettingsDialog(
        service,  # type: ignore[arg-type]
        compose,  # type: ignore[arg-type]
        [one.folder for one in FOLDERS],
        light_theme(qapp),
        preferences={"theme": "dark"},
    )
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
