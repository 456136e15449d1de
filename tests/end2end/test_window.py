"""A person's first day: the real window against a real Dovecot, by clicking and typing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from qtmail.app import Application
from qtmail.cli.arguments import window_parser
from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import Discovery, FoundServer, FoundSettings, ServerKind, Source
from qtmail.domain.events import Connection
from qtmail.single_instance import Wanted
from qtmail.ui.accounts.assistant.assistant import AccountAssistant
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.password_prompt import PasswordPrompt
from tests.end2end.desk import LIMIT, Desk
from tests.fakes.mail_service import FakeSearch
from tests.fakes.memory_imap import plain_message


def test_from_the_welcome_page_to_the_first_letter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "A first letter"))
    monkeypatch.setattr(desk.application.service, "discover", partial(_find, desk), raising=False)
    desk.qtbot.mouseClick(desk.window.welcome.add_button, Qt.MouseButton.LeftButton)
    assistant = desk.window.findChild(AccountAssistant)
    desk.qtbot.keyClicks(assistant.who.full_name, "Ann")
    desk.qtbot.keyClicks(assistant.who.address, desk.user.address)
    desk.qtbot.keyClicks(assistant.who.password, desk.user.password)
    for page in (assistant.who, assistant.settings, assistant.sign_in):
        desk.wait(partial(_may_go_on, assistant, page))
        desk.qtbot.mouseClick(assistant.next_button, Qt.MouseButton.LeftButton)

    desk.click("A first letter")
    desk.wait(lambda: "Text of message 1." in desk.text())


def _may_go_on(assistant: AccountAssistant, page: Page) -> bool:
    return assistant.page is page and assistant.next_button.isEnabled()


def _find(
    desk: Desk, address: str, _name: str, done: Callable[[Discovery], None], failed: Callable[..., None]
) -> FakeSearch:
    """Stands for the search, which would ask the servers of the whole world: it finds Dovecot."""
    settings = ServerSettings("localhost", desk.dovecot.imaps_port, Security.TLS, desk.user.name)
    found = FoundSettings(Source.AUTOCONFIG, "", (FoundServer(ServerKind.IMAP, settings),))
    search = FakeSearch((address,), done, failed)
    QTimer.singleShot(0, lambda: search.answer(Discovery(address, (found,), ())))
    return search


def test_what_is_marked_here_is_marked_on_the_server(desk: Desk) -> None:
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "Mark me"))
    desk.add_account()
    desk.click("Mark me")
    desk.qtbot.keyClick(desk.table, Qt.Key.Key_S)
    desk.wait(lambda: any("\\Flagged" in line for line in desk.flags()))
    # A message that stays on display for a moment counts as read.
    desk.wait(lambda: any("\\Seen" in line for line in desk.flags()))
    desk.qtbot.keyClick(desk.table, Qt.Key.Key_M)
    desk.wait(lambda: not any("\\Seen" in line for line in desk.flags()))


def test_mail_that_arrives_is_announced_and_listed(desk: Desk) -> None:
    desk.add_account()
    desk.wait(lambda: desk.state().connection is Connection.WATCHING)
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "Just in"))
    desk.wait(lambda: "Just in" in desk.subjects())


def test_what_another_program_does_shows(desk: Desk) -> None:
    for number in (1, 2):
        desk.dovecot.deliver(desk.user, "INBOX", plain_message(number, f"Letter {number}"))
    desk.add_account()
    desk.wait(lambda: len(desk.subjects()) == 2 and desk.state().connection is Connection.WATCHING)
    desk.dovecot.commands(
        desk.user,
        "SELECT INBOX",
        "UID STORE 2 +FLAGS (\\Deleted)",
        "UID EXPUNGE 2",
        "UID STORE 1 +FLAGS (\\Seen)",
    )
    desk.wait(lambda: desk.subjects() == ["Letter 1"])
    desk.wait(lambda: sum(folder.unread_count for folder in desk.application.store.folders.list()) == 0)


def test_a_wrong_password_is_asked_for_in_the_accounts_place(desk: Desk) -> None:
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "Behind the door"))
    desk.add_account(password="wrong")
    desk.wait(lambda: desk.state().connection is Connection.NEEDS_USER)
    bar = desk.window.problems
    desk.wait(lambda: bar.isVisible())
    button = next(b for b in bar.findChildren(QPushButton) if "assword" in b.text())
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    prompt = desk.window.findChild(PasswordPrompt)
    desk.qtbot.keyClicks(prompt.password, desk.user.password)
    prompt.accept()
    desk.wait(lambda: "Behind the door" in desk.subjects())
    desk.wait(lambda: not bar.isVisible())


def test_an_unknown_certificate_is_shown_and_can_be_trusted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "Trusted after all"))
    account = desk.add_account()
    desk.wait(lambda: desk.state().connection is Connection.NEEDS_USER)
    problem = desk.state().problem
    assert problem.certificate.startswith("-----BEGIN CERTIFICATE-----")
    assert desk.subjects() == []
    desk.application.service.trust_certificate(problem)
    desk.wait(lambda: "Trusted after all" in desk.subjects())
    assert desk.application.store.accounts.trusted(account.server.host, account.server.port)


def test_reading_goes_on_when_the_server_is_gone(desk: Desk) -> None:
    for number in (1, 2):
        desk.dovecot.deliver(desk.user, "INBOX", plain_message(number, f"Letter {number}"))
    account = desk.add_account()
    desk.click("Letter 1")
    desk.wait(lambda: "Text of message 1." in desk.text())
    desk.application.service.stop()
    desk.click("Letter 2")
    desk.click("Letter 1")
    desk.wait(lambda: "Text of message 1." in desk.text())
    assert account.id


def test_message_files_named_at_the_start_are_shown(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    file = tmp_path / "信.eml"
    file.write_bytes(plain_message(1, "From a file"))
    application = Application(qapp, tmp_path / "profile")
    wanted = Wanted.from_words(window_parser().parse_args(["--offline", str(file)]).open)
    application.show(then=lambda: application.open(wanted))
    windows = application.window.windows
    qtbot.waitUntil(lambda: len(windows.windows()) == 1, timeout=LIMIT)
    application.close()
