"""What happens when a link in a message is clicked: it is checked, asked about if in doubt, and opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from qtmail.ui.message_view.link_check import LinkCheck, LinkKind, check_link_in
from qtmail.ui.message_view.message_notices import MessageNotices
from qtmail.ui.shared.desktop import Desktop


class LinkOpening(QObject):
    """Opens the links of one reading pane.

    Args:
        html: the HTML of the message on display, against which a link is checked; "" for plain text.

    Signals:
        mail_link_activated(url): a `mailto:` link was clicked.
    """

    mail_link_activated = Signal(str)

    def __init__(
        self, html: Callable[[], str], notices: MessageNotices, desktop: Desktop, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._html = html
        self._notices = notices
        self._desktop = desktop

    def follow(self, url: str) -> None:
        """A link was clicked."""
        check = check_link_in(self._html(), url)
        if check.kind is LinkKind.MAIL:
            self.mail_link_activated.emit(check.url)
        elif check.kind is LinkKind.REFUSED:
            self._notices.tell_refused_link(check.url)
        elif check.suspicious:
            copy = QGuiApplication.clipboard().setText
            self._notices.ask_about_link(check, lambda: self._open(check), lambda: copy(check.url))
        else:
            self._open(check)

    def _open(self, check: LinkCheck) -> None:
        if not self._desktop.open_link(check.url):
            words = self.tr("No browser could be started to open {0}.")
            self._notices.tell_failure(words.format(check.host))
