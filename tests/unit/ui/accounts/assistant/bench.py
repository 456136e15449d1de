"""An assistant over the fake service, and what a person does with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.discovery import FoundSettings
from qtmail.errors import Layer
from qtmail.ui.accounts.assistant.assistant import AccountAssistant
from tests.fakes.discoveries import ADDRESS, berg, discovery
from tests.fakes.mail_service import FakeMailService
from tests.fakes.reading import NotingDesktop
from tests.fakes.window import light_theme


class AssistantBench:
    def __init__(
        self, app: QApplication, qtbot: QtBot, *, accounts: Sequence[Account] = (), keyring: str = ""
    ) -> None:
        self.qtbot = qtbot
        self.service = FakeMailService(accounts)
        self.service.keyring = keyring
        self.desktop = NotingDesktop()
        self.dialog = AccountAssistant(
            self.service,  # type: ignore[arg-type]
            light_theme(app),
            self.desktop,
        )
        self.added: list[tuple[Account, object, bool]] = []
        self.dialog.account_added.connect(lambda *args: self.added.append(args))
        qtbot.addWidget(self.dialog)
        self.dialog.show()

    def type_who(self, address: str = ADDRESS, password: str = "secret") -> None:
        self.qtbot.keyClicks(self.dialog.who.full_name, "Ann Berg")
        self.dialog.who.address.setText(address)
        self.dialog.who.password.setText(password)

    def search(self, address: str = ADDRESS, password: str = "secret") -> None:
        """Up to where the settings are looked for."""
        self.type_who(address, password)
        self.go_on()

    def find(self, *settings: FoundSettings, address: str = ADDRESS, password: str = "secret") -> None:
        """Up to where these settings, or those of berg.example, are shown."""
        self.search(address, password)
        self.service.searches[-1].answer(discovery(*(settings or (berg(),)), address=address))

    def go_on(self) -> None:
        self.qtbot.mouseClick(self.dialog.next_button, Qt.MouseButton.LeftButton)

    def go_back(self) -> None:
        self.qtbot.mouseClick(self.dialog.back_button, Qt.MouseButton.LeftButton)

    def answer(self, *verdicts: Verdict) -> None:
        """The last test of the servers ends."""
        self.service.tests[-1][2](list(verdicts))

    def press(self, text: str) -> None:
        """Click the button on display whose words begin with `text`."""
        buttons = [one for one in self.dialog.findChildren(QPushButton) if one.isVisible()]
        button = next(one for one in buttons if one.text().replace("&", "").startswith(text))
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def says(self, text: str) -> bool:
        """Whether `text` stands somewhere on display."""
        QApplication.processEvents()  # what was put into a layout just now is shown by it
        return any(text in label.text() for label in self.dialog.findChildren(QLabel) if label.isVisible())

    def has_focus(self, widget: QWidget) -> bool:
        return self.dialog.focusWidget() is widget


def worked(server: str = "imap.berg.example:993", layer: Layer = Layer.SIGN_IN) -> Verdict:
    return Verdict(server, layer, True, "It works.")


def failed(layer: Layer, server: str = "imap.berg.example:993", *, certificate: str = "") -> Verdict:
    return Verdict(server, layer, False, "It did not work.", "Do something.", certificate=certificate)
