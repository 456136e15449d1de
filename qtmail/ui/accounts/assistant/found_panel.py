"""What was found out about a provider, in plain words, with the few choices that are left."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from qtmail.domain.discovery import Discovery, FoundSettings, ProviderAdvice, ServerKind
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.assistant.choice import Choice, found_choice, methods
from qtmail.ui.accounts.assistant.kind_card import KindCard
from qtmail.ui.accounts.assistant.wording import found_words, sign_in_words, source_words
from qtmail.ui.message_view.link_check import LinkKind, check_link
from qtmail.ui.shared.desktop import Desktop
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.ui.shared.notice_strip import NoticeArea
from qtmail.ui.shared.theme import Theme


class FoundPanel(QWidget):
    """Provider, where the settings come from, advice, IMAP or POP3, the servers, how to sign in.

    Signals:
        changed: the choice is another now.
    """

    changed = Signal()

    def __init__(self, theme: Theme, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._domain = ""
        self._found: tuple[FoundSettings, ...] = ()
        self.provider = heading(scale=1.15)
        self.source = paragraph(muted=True)
        self.sources = QComboBox()
        self.sources.setAccessibleName(self.tr("Where the settings come from"))
        self.advice = NoticeArea(theme)
        self.imap = KindCard(
            self.tr("IMAP (recommended)"),
            self.tr("Mail stays on the server and looks the same on all your devices."),
            theme,
        )
        self.pop3 = KindCard(
            self.tr("POP3"),
            self.tr("Mail is fetched to this computer; you decide what stays on the server."),
            theme,
        )
        self.incoming = paragraph()
        self.outgoing = paragraph()
        self.sign_in = paragraph()
        self.sign_ins = QComboBox()
        self.sign_ins.setAccessibleName(self.tr("How to sign in"))
        self._cards = QWidget()
        self._group = QButtonGroup(self)
        self._lay_out()
        self._connect()

    def show_discovery(self, discovery: Discovery) -> None:
        """Show the best of what was found."""
        self._domain = discovery.address.rpartition("@")[2]
        self._found = discovery.settings
        self.sources.blockSignals(True)
        self.sources.clear()
        for found in self._found:
            self.sources.addItem(source_words(found.source, self._domain))
        self.sources.blockSignals(False)
        self.sources.setVisible(len(self._found) > 1)
        self.source.setVisible(len(self._found) == 1)
        self._show_found()

    def show_nothing(self) -> None:
        """Nothing is known."""
        self._found = ()

    def choice(self) -> Choice | None:
        """What is chosen, or None where nothing was found that mail could be read from."""
        found = self._chosen()
        return found_choice(found, self._kind(), self._method()) if found is not None else None

    def _chosen(self) -> FoundSettings | None:
        row = self.sources.currentIndex()
        return self._found[row] if 0 <= row < len(self._found) else None

    def _kind(self) -> ServerKind:
        return ServerKind.POP3 if self.pop3.button.isChecked() else ServerKind.IMAP

    def _method(self) -> SignInMethod | None:
        data = self.sign_ins.currentData()
        return SignInMethod(data) if data is not None else None

    def _show_found(self) -> None:
        """Another source was chosen."""
        found = self._chosen()
        if found is None:
            return
        self.provider.setText(found.provider or self._domain)
        self.source.setText(source_words(found.source, self._domain))
        has_imap, has_pop3 = bool(found.of_kind(ServerKind.IMAP)), bool(found.of_kind(ServerKind.POP3))
        self._cards.setVisible(has_imap and has_pop3)
        (self.imap if has_imap or not has_pop3 else self.pop3).button.setChecked(True)
        self.advice.clear()
        for number, advice in enumerate(found.advice):
            self._show_advice(f"advice-{number}", advice)
        self._show_kind()

    def _show_kind(self) -> None:
        """IMAP or POP3 was chosen."""
        found = self._chosen()
        if found is None:
            return
        self.sign_ins.blockSignals(True)
        self.sign_ins.clear()
        offered = methods(found, self._kind())
        for method in offered:
            own = method is found.sign_in.method
            app_password = found.app_password or not own
            words = sign_in_words(found.sign_in if own else SignIn(method), app_password=app_password)
            self.sign_ins.addItem(words, method.value)
        self.sign_ins.blockSignals(False)
        self.sign_ins.setVisible(len(offered) > 1)
        self.sign_in.setVisible(len(offered) == 1)
        self._show_choice()

    def _show_choice(self) -> None:
        found, choice = self._chosen(), self.choice()
        if found is not None and choice is not None:
            outgoing = found.of_kind(ServerKind.SMTP)
            none = self.tr("No server was found: this account would only read mail.")
            self.incoming.setText(found_words(found.of_kind(choice.kind)[0], self._domain))
            self.outgoing.setText(found_words(outgoing[0], self._domain) if outgoing else none)
            self.sign_in.setText(sign_in_words(choice.sign_in, app_password=choice.app_password))
        self.changed.emit()

    def _show_advice(self, key: str, advice: ProviderAdvice) -> None:
        link = check_link(advice.url) if advice.url else None
        actions = []
        # Settings come from strangers too: what is no plain web page is not offered.
        if link is not None and link.kind is LinkKind.WEB and not link.suspicious:
            url = link.url
            text = self.tr("Open {host}").format(host=link.host)
            actions.append((text, lambda: self._open(url)))
        self.advice.show_notice(key, advice.sentence, actions=actions, closable=False)

    def _open(self, url: str) -> None:
        if not self._desktop.open_link(url):
            self.advice.show_notice("failed", self.tr("No browser could be started to open {0}.").format(url))

    def _connect(self) -> None:
        self.sources.currentIndexChanged.connect(lambda _row: self._show_found())
        self.imap.button.toggled.connect(lambda _on: self._show_kind())
        self.sign_ins.currentIndexChanged.connect(lambda _row: self._show_choice())

    def _lay_out(self) -> None:
        cards = QHBoxLayout(self._cards)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(12)
        for card in (self.imap, self.pop3):
            self._group.addButton(card.button)
            cards.addWidget(card, 1)
        self.imap.button.setChecked(True)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(16)
        for title, widgets in (
            (self.tr("Incoming mail"), (self.incoming,)),
            (self.tr("Outgoing mail"), (self.outgoing,)),
            (self.tr("You sign in"), (self.sign_in, self.sign_ins)),
        ):
            form.addRow(heading(title), _together(*widgets))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.provider)
        layout.addWidget(self.source)
        layout.addWidget(self.sources)
        layout.addWidget(self.advice)
        layout.addWidget(self._cards)
        layout.addLayout(form)


def _together(*widgets: QLabel | QComboBox) -> QWidget:
    """Widgets of which one at a time is on display."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget, 1)
    return holder
