"""The second step, once something was found: the settings, shown before they are used."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from qtmail.domain.account import ServerSettings
from qtmail.domain.discovery import Discovery
from qtmail.domain.sign_in import SignInMethod
from qtmail.ui.accounts.assistant.choice import Choice
from qtmail.ui.accounts.assistant.confirmations import Confirmations
from qtmail.ui.accounts.assistant.found_panel import FoundPanel
from qtmail.ui.accounts.assistant.manual_form import ManualForm
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.assistant.person import Person
from qtmail.ui.shared.desktop import Desktop
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme


class SettingsPage(Page):
    """What was found, or the fields to type it in.

    Attributes:
        confirmations: what has to be confirmed about either. The window shows it beside its buttons, where
            it cannot be scrolled out of sight while it keeps the user from going on.
    """

    def __init__(self, theme: Theme, desktop: Desktop) -> None:
        super().__init__()
        self._person = Person("", "")
        self._found: Choice | None = None  # what the fields begin with; the user may have changed them since
        self.notices = NoticeArea(theme)
        self.found = FoundPanel(theme, desktop)
        self.manual = ManualForm()
        self.switch = QPushButton()
        self.switch.setFlat(True)
        self.switch.setAutoDefault(False)
        self.confirmations = Confirmations(theme)
        for widget in (self.notices, self.found, self.manual):
            self.rows.addWidget(widget)
        self.rows.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.rows.addStretch(1)
        self._say_titles(by_hand=False)
        self.manual.hide()
        self.switch.clicked.connect(lambda _checked: self._show_by_hand(by_hand=not self.by_hand))
        for widget in (self.found, self.manual):
            widget.changed.connect(self._choice_changed)
        self.confirmations.changed.connect(self.changed)

    @property
    def by_hand(self) -> bool:
        """Whether the fields are on display."""
        return not self.manual.isHidden()

    def show_discovery(self, person: Person, discovery: Discovery) -> None:
        """Show what was found; where that is nothing, the fields, and what was tried."""
        self._begin(person)
        self.found.show_discovery(discovery)
        if not self._has_found:
            self._tell_nothing_found(discovery)
        self._show_by_hand(by_hand=not self._has_found)

    def show_fields(self, person: Person, reason: str = "") -> None:
        """Let the user type the settings, because nothing was found or they would rather."""
        self._begin(person)
        self.found.show_nothing()
        if reason:
            self.notices.show_notice("reason", reason, tone=Tone.WARNING, closable=False)
        self._show_by_hand(by_hand=True)

    def mend(self, server: ServerSettings, *, user: bool) -> None:
        """Have the user change one server, or their name on it, after a test of it failed."""
        self._show_by_hand(by_hand=True)
        self.manual.focus_server(server, user=user)

    def choice(self) -> Choice | None:
        """What is chosen or typed, or None while something is missing."""
        found = self.found.choice()
        if not self.by_hand:
            return found
        typed = self.manual.choice()
        if typed is None or found is None:
            return typed
        # It is the same provider, with the same wishes; and a doubtful host does not get better by retyping.
        hosts = {server.host for server in typed.servers()}
        with_password = typed.sign_in.method is SignInMethod.PASSWORD
        return replace(
            typed,
            provider=found.provider,
            app_password=found.app_password and with_password,
            foreign=tuple(host for host in found.foreign if host in hosts),
        )

    def complete(self) -> bool:
        return self.choice() is not None and self.confirmations.given()

    def enter(self) -> None:
        if self.by_hand:
            self.manual.kind.setFocus()
        elif self.confirmations.boxes:
            self.confirmations.boxes[0].setFocus()

    @property
    def _has_found(self) -> bool:
        return self.found.choice() is not None

    def _begin(self, person: Person) -> None:
        """What stood here was perhaps about another address."""
        self.notices.clear()
        if person != self._person:
            self._person = person
            self._found = None
            self.manual.begin(person)

    def _tell_nothing_found(self, discovery: Discovery) -> None:
        sentence = self.tr(
            "No settings were found for {domain}. Ask your provider for the names of its servers, or look "
            "them up in its help pages."
        ).format(domain=self._person.domain)
        tried = "\n".join(attempt.outcome for attempt in discovery.attempts)
        show = (self.tr("What was tried"), lambda: self._show_tried(tried))
        actions = [show] if tried else []
        self.notices.show_notice("nothing", sentence, tone=Tone.WARNING, actions=actions, closable=False)

    def _show_tried(self, tried: str) -> None:
        self.notices.show_notice("tried", tried)

    def _show_by_hand(self, *, by_hand: bool) -> None:
        found = self.found.choice()
        if by_hand and found is not None and found != self._found:
            self._found = found
            self.manual.show_choice(found)
        self.manual.setVisible(by_hand)
        self.found.setVisible(not by_hand)
        self.switch.setVisible(self._has_found)
        self._say_titles(by_hand=by_hand)
        self._choice_changed()

    def _say_titles(self, *, by_hand: bool) -> None:
        if by_hand:
            self.title = self.tr("Your mail servers")
            self.hint = self.tr("Your provider tells you these names, often under “IMAP” or “mail programs”.")
            self.switch.setText(self.tr("Use what was found"))
        else:
            self.title = self.tr("These settings were found")
            self.hint = self.tr("qtmail signs in to these servers only, and only when you continue.")
            self.switch.setText(self.tr("Change the settings by hand…"))

    def _choice_changed(self) -> None:
        self.confirmations.ask(self.choice(), self._person.domain)
        self.changed.emit()
