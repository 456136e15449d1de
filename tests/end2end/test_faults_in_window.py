"""What a person sees of a fault: a sentence in the account's place, the button that helps, and their mail."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTextBrowser
from pytestqt.qtbot import QtBot

from qtmail.app import Application
from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.events import Connection
from qtmail.models.roles import MessageColumn, MessageRole
from qtmail.ui.accounts.certificate_dialog import CertificateDialog
from qtmail.ui.accounts.password_prompt import PasswordPrompt
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.shared.notice_strip import NoticeStrip
from tests.end2end.fault_bench import at, goodbye, refusing
from tests.fakes.mailbox_server import MailboxServer, honest
from tests.fakes.memory_imap import plain_message

LIMIT = 15_000
"""Milliseconds a step may take on a busy machine."""


@dataclass
class Desk:
    """The window, its one account, and the server behind it."""

    qtbot: QtBot
    application: Application
    server: MailboxServer

    @property
    def window(self):
        return self.application.window

    @property
    def state(self):
        (state,) = self.application.service.states().values()
        return state

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=LIMIT)

    def add_account(
        self, password: str = "secret", *, port: int | None = None, security: Security = Security.NONE
    ) -> None:
        settings = ServerSettings("localhost", port or self.server.port, security, "eva")
        account = Account(
            0,
            "Home",
            "eva@example.org",
            "Eva",
            settings,
            sync=SyncPolicy(bodies=BodyPolicy.ALL),
        )
        self.application.service.add_account(account, password, remember=False)
        self.wait(lambda: self.application.service.states())

    def in_step(self) -> bool:
        return self.state.connection is Connection.WATCHING and self.state.problem is None

    # -- what is on the screen ---------------------------------------------------------------------

    def strip(self) -> NoticeStrip | None:
        problems: ProblemBar = self.window.problems
        return problems.account_strip(1)

    def strip_says(self, words: str) -> bool:
        strip = self.strip()
        return strip is not None and strip.isVisible() and words in strip.text()

    def press(self, button: str) -> None:
        strip = self.strip()
        assert strip is not None
        self.qtbot.mouseClick(strip.button(button), Qt.MouseButton.LeftButton)

    def offers(self, button: str) -> bool:
        strip = self.strip()
        return strip is not None and strip.button(button) is not None

    def subjects(self) -> list[str]:
        model = self.window.message_pane.table.model()
        rows = (model.index(number, 0).data(MessageRole.ROW) for number in range(model.rowCount()))
        return [row.subject for row in rows if row is not None]

    def read(self, subject: str) -> None:
        """Click on a message and wait for its text."""
        table = self.window.message_pane.table
        self.wait(lambda: subject in self.subjects())
        index = table.model().index(self.subjects().index(subject), MessageColumn.SUBJECT)
        table.scrollTo(index)
        center = table.visualRect(index).center()
        self.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=center)
        number = subject.rpartition(" ")[2]
        self.wait(lambda: f"Text of message {number}." in self.text())

    def text(self) -> str:
        shown = self.window.view.body.currentWidget()
        return shown.toPlainText() if isinstance(shown, QTextBrowser) else ""


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer() as server:
        for number in (1, 2):
            server.inbox.deliver(plain_message(number))
        yield server


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, server: MailboxServer, tmp_path: Path) -> Iterator[Desk]:
    application = Application(qapp, tmp_path / "profile")
    application.show()
    with qtbot.waitExposed(application.window):
        pass
    yield Desk(qtbot, application, server)
    application.close()


def test_a_server_that_goes_away_and_comes_back(desk: Desk) -> None:
    desk.add_account()
    desk.wait(desk.in_step)
    desk.server.tamper = at("", goodbye)
    desk.server.hang_up()
    desk.wait(lambda: desk.strip_says("Home: localhost turned the connection away: Server shutting down."))
    assert desk.offers("Try again") and not desk.offers("Enter password…")
    desk.read("Message 2")
    desk.read("Message 1")
    desk.server.tamper = honest
    with desk.server.lock:
        desk.server.inbox.deliver(plain_message(3))
    desk.press("Try again")
    desk.wait(lambda: "Message 3" in desk.subjects())
    desk.wait(lambda: desk.strip() is None)


def test_it_comes_back_without_being_asked(desk: Desk) -> None:
    desk.add_account()
    desk.wait(desk.in_step)
    desk.server.hang_up()
    desk.wait(lambda: desk.strip_says("localhost closed the connection."))
    desk.wait(lambda: desk.strip() is None and desk.in_step())


def test_a_port_where_nothing_listens(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    desk.add_account(port=port)
    desk.wait(lambda: desk.strip_says(f"nothing answers on port {port}"))
    assert desk.offers("Try again")


def test_a_refused_password_is_asked_for_and_not_tried_again_before(desk: Desk) -> None:
    desk.add_account(password="wrong")
    desk.wait(lambda: desk.strip_says("did not accept the user name eva or the password"))
    desk.wait(lambda: desk.server.commands.count("AUTHENTICATE") == 2)
    assert desk.offers("Enter password…")
    desk.press("Enter password…")
    prompt = desk.window.findChild(PasswordPrompt)
    desk.qtbot.keyClicks(prompt.password, "secret")
    prompt.accept()
    desk.read("Message 1")
    desk.wait(lambda: desk.strip() is None)


def test_a_password_that_is_refused_one_day(desk: Desk) -> None:
    """What is here stays readable, and reading it does not try the refused password again and again."""
    desk.add_account()
    desk.wait(desk.in_step)
    desk.server.password = "changed"
    desk.server.hang_up()
    desk.wait(lambda: desk.strip_says("did not accept"))
    desk.wait(lambda: desk.state.connection is Connection.NEEDS_USER)
    tries = desk.server.commands.count("AUTHENTICATE")
    desk.read("Message 2")
    desk.read("Message 1")
    desk.wait(lambda: desk.application.service.pending_operations(1))
    assert desk.server.commands.count("AUTHENTICATE") == tries
    desk.server.password = "secret"
    desk.press("Try again")
    desk.wait(lambda: desk.strip() is None)
    desk.wait(lambda: not desk.application.service.pending_operations(1))


def test_too_many_connections_are_no_reason_to_ask_for_the_password(desk: Desk) -> None:
    desk.server.tamper = at("AUTHENTICATE", refusing(b"NO [LIMIT] Too many"))
    desk.add_account()
    desk.wait(lambda: desk.strip_says("Too many connections"))
    assert desk.offers("Try again") and not desk.offers("Enter password…")
    desk.server.tamper = honest
    desk.read("Message 1")
    desk.wait(lambda: desk.strip() is None)


def test_a_folder_that_is_refused(desk: Desk) -> None:
    desk.server.tamper = at("SELECT", refusing(b"NO SELECT Unsafe Login. Please contact kefu@188.com"))
    desk.add_account()
    desk.wait(lambda: desk.strip_says("Unsafe Login") and desk.strip_says("授权码"))
    desk.server.tamper = honest
    desk.press("Try again")
    desk.read("Message 1")
    desk.wait(lambda: desk.strip() is None)


def test_the_strip_stands_still_while_the_fault_does(desk: Desk) -> None:
    """Each attempt signs in and fails again; the strip must not come and go with it."""
    desk.server.tamper = at("SELECT", goodbye)
    desk.add_account()
    desk.wait(lambda: desk.strip_says("ended the connection"))
    desk.wait(lambda: desk.server.commands.count("SELECT") >= 4)
    strip = desk.strip()
    assert strip is not None
    before = desk.server.commands.count("SELECT")
    desk.press("Try again")
    desk.wait(lambda: desk.server.commands.count("SELECT") >= before + 2)
    assert desk.strip() is strip


@pytest.fixture
def foreign_server() -> Iterator[MailboxServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with MailboxServer(context=context) as server:
        server.inbox.deliver(plain_message(1))
        yield server


def test_a_certificate_nobody_vouches_for(desk: Desk, foreign_server: MailboxServer) -> None:
    desk.add_account(port=foreign_server.port, security=Security.TLS)
    desk.wait(lambda: desk.strip_says("issued by an authority that this computer does not know"))
    assert not foreign_server.commands, "nothing was said to it"
    desk.press("Show certificate…")
    desk.wait(lambda: desk.window.findChild(CertificateDialog))
    dialog = desk.window.findChild(CertificateDialog)
    dialog.trusted.emit(desk.state.problem)
    dialog.close()
    desk.read("Message 1")
    desk.wait(lambda: desk.strip() is None)
