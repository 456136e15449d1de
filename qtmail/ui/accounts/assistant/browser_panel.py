"""Signing in at the provider: in the browser on this computer, or with a code on another device."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.oauth import KNOWN_PROVIDERS, BrowserStep, DeviceStep, Permission
from qtmail.domain.sign_in import SignIn
from qtmail.errors import QtmailError
from qtmail.ui.accounts.assistant.choice import Choice, needs_own_client
from qtmail.ui.accounts.assistant.client_form import ClientForm
from qtmail.ui.accounts.assistant.wording import oauth_title
from qtmail.ui.shared.dates import short_date
from qtmail.ui.shared.desktop import Desktop
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService
    from qtmail.workers.setup_requests import Search


class BrowserPanel(QWidget):
    """Asks the provider for a permission and waits for it, never for ever: the user can give up, try again,
    or go another way at any time.

    Signals:
        permitted: the provider gave its permission; carries the `Permission`.
        changed: the client id is another.
    """

    permitted = Signal(object)
    changed = Signal()

    def __init__(
        self, service: MailService, theme: Theme, desktop: Desktop, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._desktop = desktop
        self._search: Search | None = None
        self._choice: Choice | None = None
        self._address = ""
        self._copied = ""
        self.explanation = paragraph()
        self.notices = NoticeArea(theme)
        self.client = ClientForm()
        self.browser_button = QPushButton(self.tr("Sign in with your &browser"))
        self.device_button = QPushButton(self.tr("Use a &code on another device instead"))
        self.waiting = paragraph()
        self.code = heading(scale=2.0)
        self.link = QLineEdit()
        self.copy_button = QPushButton(self.tr("Co&py"))
        self.cancel_button = QPushButton(self.tr("Stop waitin&g"))
        self._begin, self._wait, self._end = QWidget(), QWidget(), QWidget()
        self.done_text = heading()
        self._lay_out()
        self._connect()

    def show_choice(self, choice: Choice, address: str) -> None:
        """Begin anew, for this address at the provider of `choice`."""
        self.cancel()
        self._choice, self._address = choice, address
        self.notices.clear()
        self.client.show_client(choice.sign_in.client_id, choice.client_secret)
        title = oauth_title(choice.sign_in.provider)
        words = self.tr("{provider} asks for your password in your browser; qtmail never sees it.")
        self.explanation.setText(words.format(provider=title))
        if needs_own_client(choice.sign_in):
            self._explain_client(title)
        known = KNOWN_PROVIDERS.get(choice.sign_in.provider)
        self.device_button.setVisible(known is None or bool(known.device_url))
        self._show(self._begin)
        self._check_complete()

    def show_permitted(self) -> None:
        """There is a permission; nothing is left to do here."""
        assert self._choice is not None
        self.notices.clear()
        words = self.tr("{provider} gave qtmail its permission.")
        self.done_text.setText(words.format(provider=oauth_title(self._choice.sign_in.provider)))
        self._show(self._end)

    def sign_in(self) -> SignIn:
        """The sign-in with the client id that stands in the field."""
        assert self._choice is not None
        return replace(self._choice.sign_in, client_id=self.client.client_id())

    def cancel(self) -> None:
        """Stop waiting for the user or the provider."""
        if self._search is not None:
            self._search.cancel()
            self._search = None
        self._show(self._begin)

    def focus_first(self) -> None:
        if self.browser_button.isEnabled():
            self.browser_button.setFocus()
        else:
            self.client.ask()

    def _explain_client(self, title: str) -> None:
        words = self.tr(
            "qtmail is not registered with {provider} yet, so signing in there takes a client id of your "
            "own. Some providers offer an app password instead."
        )
        self.notices.show_notice("client", words.format(provider=title), closable=False)
        self.client.advanced.setChecked(True)

    def _start(self, *, device: bool) -> None:
        assert self._choice is not None
        self.notices.clear()
        self.waiting.setText(self.tr("Asking {0}…").format(oauth_title(self._choice.sign_in.provider)))
        self._show_step("", "")
        self._show(self._wait)
        self.cancel_button.setFocus()
        self._search = self._service.sign_in_by_browser(
            self.sign_in(),
            self._address,
            show=self._show_what_to_do,
            done=self._permitted,
            failed=self._failed,
            device=device,
            client_secret=self.client.client_secret(),
        )

    def _show_what_to_do(self, step: BrowserStep | DeviceStep) -> None:
        match step:
            case DeviceStep():
                until = short_date(datetime.fromtimestamp(step.expires_at, UTC))
                words = self.tr("On any device, open {url} and type this code, until {time}:")
                self.waiting.setText(words.format(url=step.url, time=until))
                self._show_step(step.user_code, step.url)
            case BrowserStep():
                self.waiting.setText(self.tr("Waiting for your browser. Sign in there, then come back."))
                self._show_step("", step.url)
                if not self._desktop.open_link(step.url):
                    self.waiting.setText(
                        self.tr("No browser could be started. Copy this address into one on this computer:")
                    )

    def _show_step(self, code: str, url: str) -> None:
        self.code.setText(code)
        self.code.setVisible(bool(code))
        self.link.setText(url)
        self.link.setCursorPosition(0)
        self.link.setVisible(bool(url) and not code)
        self.copy_button.setVisible(bool(url))
        self.copy_button.setText(self.tr("Co&py the code") if code else self.tr("Co&py the address"))
        self._copied = code or url

    def _permitted(self, permission: Permission) -> None:
        self._search = None
        self.show_permitted()
        self.permitted.emit(permission)

    def _failed(self, error: QtmailError) -> None:
        self._search = None
        self._show(self._begin)
        strip = self.notices.show_notice("failed", str(error), tone=Tone.WARNING, closable=False)
        strip.setToolTip(error.detail)
        self.focus_first()

    def _show(self, shown: QWidget) -> None:
        for part in (self._begin, self._wait, self._end):
            part.setVisible(part is shown)

    def _check_complete(self) -> None:
        possible = self._choice is not None and not needs_own_client(self.sign_in())
        self.browser_button.setEnabled(possible)
        self.device_button.setEnabled(possible)

    def _connect(self) -> None:
        self.browser_button.clicked.connect(lambda _checked: self._start(device=False))
        self.device_button.clicked.connect(lambda _checked: self._start(device=True))
        self.cancel_button.clicked.connect(lambda _checked: self.cancel())
        self.copy_button.clicked.connect(lambda _checked: QGuiApplication.clipboard().setText(self._copied))
        self.client.accepted.connect(self.browser_button.click)
        self.client.changed.connect(self._check_complete)
        self.client.changed.connect(self.changed)

    def _lay_out(self) -> None:
        for button in (self.device_button, self.copy_button, self.cancel_button):
            button.setAutoDefault(False)
        self.device_button.setFlat(True)
        self._lay_out_begin()
        self._lay_out_wait()
        end = QVBoxLayout(self._end)
        end.setContentsMargins(0, 0, 0, 0)
        end.addWidget(self.done_text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for widget in (self.notices, self._begin, self._wait, self._end):
            layout.addWidget(widget)
        self._show(self._begin)

    def _lay_out_begin(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.browser_button)
        buttons.addWidget(self.device_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self._begin)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.explanation)
        layout.addWidget(self.client)
        layout.addLayout(buttons)

    def _lay_out_wait(self) -> None:
        progress = QProgressBar()
        progress.setRange(0, 0)
        progress.setTextVisible(False)
        progress.setAccessibleName(self.tr("Waiting for the provider"))
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.code.setAccessibleName(self.tr("Code"))
        self.link.setReadOnly(True)
        self.link.setAccessibleName(self.tr("Address of the sign-in page"))
        row = QHBoxLayout()
        row.addWidget(self.link, 1)
        row.addWidget(self.copy_button)
        row.addWidget(self.cancel_button)
        row.addStretch(0)
        layout = QVBoxLayout(self._wait)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(progress)
        layout.addWidget(self.waiting)
        layout.addWidget(self.code)
        layout.addLayout(row)
