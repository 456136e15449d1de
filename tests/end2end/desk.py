"""A person at the real window, with a mailbox on real servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTextBrowser
from pytestqt.qtbot import QtBot

from qtmail.app import Application
from qtmail.domain.account import Account, BodyPolicy, Pop3Policy, Security, ServerSettings, SyncPolicy
from qtmail.models.roles import MessageColumn, MessageRole
from tests.end2end.dovecot import Dovecot, User

LIMIT = 30_000
"""Milliseconds a step may take on a busy machine."""


@dataclass
class Desk:
    """The window, the person's mailbox, and what they can do with both."""

    qtbot: QtBot
    application: Application
    dovecot: Dovecot
    user: User

    @property
    def window(self):
        return self.application.window

    @property
    def table(self):
        return self.window.message_pane.table

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=LIMIT)

    def add_account(
        self, *, port: int | None = None, password: str | None = None, smtp_port: int | None = None
    ) -> Account:
        """Put the account into the profile as the dialog would."""
        settings = ServerSettings("localhost", port or self.dovecot.imaps_port, Security.TLS, self.user.name)
        smtp = None
        if smtp_port is not None:
            smtp = ServerSettings("localhost", smtp_port, Security.STARTTLS, self.user.name)
        account = Account(
            0, "Test", self.user.address, "Test", settings, smtp, sync=SyncPolicy(bodies=BodyPolicy.NONE)
        )
        self.application.service.add_account(account, password or self.user.password, remember=False)
        self.wait(lambda: self.application.service.states())
        return self.application.store.accounts.list()[0]

    def add_pop3_account(self, policy: Pop3Policy | None = None) -> Account:
        """Put an account into the profile that fetches its mail."""
        pop3 = ServerSettings("localhost", self.dovecot.pop3s_port, Security.TLS, self.user.name)
        account = Account(
            0, "Test", self.user.address, "Test", None, pop3=pop3, pop3_policy=policy or Pop3Policy()
        )
        self.application.service.add_account(account, self.user.password, remember=False)
        self.wait(lambda: self.application.service.states())
        return self.application.store.accounts.list()[0]

    def on_server(self) -> int:
        """How many messages are in the inbox on the server."""
        return len(self.dovecot.messages(self.user, "INBOX"))

    def subjects(self) -> list[str]:
        model = self.table.model()
        rows = (model.index(number, 0).data(MessageRole.ROW) for number in range(model.rowCount()))
        return [row.subject for row in rows if row is not None]

    def click(self, subject: str) -> None:
        """Click on the message with this subject in the list."""
        self.wait(lambda: subject in self.subjects())
        index = self.table.model().index(self.subjects().index(subject), MessageColumn.SUBJECT)
        self.table.scrollTo(index)
        center = self.table.visualRect(index).center()
        self.qtbot.mouseClick(self.table.viewport(), Qt.MouseButton.LeftButton, pos=center)

    def open_folder(self, title: str) -> None:
        """Choose a folder of the account in the folder pane."""
        folders = self.application.store.folders.list()
        path = next(folder.path for folder in folders if folder.name == title)
        self.window.folder_pane.open(f"folder/{folders[0].account_id}/{path}")

    def text(self) -> str:
        """The plain text on display."""
        shown = self.window.view.body.currentWidget()
        return shown.toPlainText() if isinstance(shown, QTextBrowser) else ""

    def problems(self) -> str:
        """What the strips above the list say."""
        labels = self.window.problems.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())

    def flags(self) -> list[str]:
        """What the server says of the messages in the inbox."""
        answers = self.dovecot.commands(self.user, "SELECT INBOX", "UID FETCH 1:* FLAGS")
        return [line for line in answers if " FETCH " in line]

    def state(self):
        (state,) = self.application.service.states().values()
        return state
