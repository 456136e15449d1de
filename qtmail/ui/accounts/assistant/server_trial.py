"""The test of an account's servers: how it goes, what failed, and the way to where that can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from qtmail.domain.account import Account, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import Problem
from qtmail.domain.sign_in import Secret
from qtmail.errors import Layer
from qtmail.ui.accounts.assistant.wording import fault_words
from qtmail.ui.accounts.certificate_dialog import CertificateDialog
from qtmail.ui.accounts.verdict_list import VerdictList
from qtmail.ui.shared.notice_strip import NoticeAction, NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class ServerTrial(QWidget):
    """Tries the servers of an account that is not stored yet, one trial at a time.

    Signals:
        changed: it runs, it ended, or its outcome was forgotten.
        secret_refused: the sign-in failed; the user has to type something else.
        again_requested: the user wants the same tried again.
        mend_requested: the user wants to change a server, or their name on it; carries the
            `ServerSettings` and whether it is the name.
    """

    changed = Signal()
    secret_refused = Signal()
    again_requested = Signal()
    mend_requested = Signal(object, bool)

    def __init__(self, service: MailService, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._number = 0
        self._account: Account | None = None
        self._outcome: Sequence[Verdict] = ()
        self.running = False
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("The servers are being tried"))
        self.notices = NoticeArea(theme)
        self.verdicts = VerdictList(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self.progress, self.notices, self.verdicts):
            layout.addWidget(widget)
        self.progress.hide()

    @property
    def passed(self) -> bool:
        """Whether every step worked."""
        return bool(self._outcome) and all(verdict.ok for verdict in self._outcome)

    @property
    def may_add_anyway(self) -> bool:
        """Whether it failed through no fault of the user's: not while their sign-in is refused."""
        failed = [verdict for verdict in self._outcome if not verdict.ok]
        return bool(failed) and all(verdict.layer is not Layer.SIGN_IN for verdict in failed)

    def run(self, account: Account, secret: Secret | None) -> None:
        """Begin; what ran before has nobody to tell any more."""
        self.forget()
        self._account = account
        self._set_running(True)
        hosts = " · ".join(dict.fromkeys(server.host for server in self._servers()))
        self.verdicts.show_text(self.tr("Asking {servers}…").format(servers=hosts))
        # A method and not a lambda: then nobody calls it once the window is deleted.
        self._service.test_account(account, secret, partial(self._ended, self._number))

    def forget(self) -> None:
        """Wait for nothing, and show nothing: what was tried is not what is there now."""
        self._number += 1
        self._outcome = ()
        self.verdicts.clear()
        self.notices.clear()
        self._set_running(False)

    def _ended(self, number: int, verdicts: list[Verdict]) -> None:
        # What ends after the page was left, or after a later trial began, is of no interest.
        if number != self._number:
            return
        self._outcome = verdicts
        self.verdicts.show_verdicts(verdicts)
        self._set_running(False)
        failed = next((verdict for verdict in verdicts if not verdict.ok), None)
        if failed is not None:
            self._show_fault(failed)
        else:
            words = self.tr("Everything works. Add the account, and your mail comes in.")
            self.notices.show_notice("outcome", words, closable=False)

    def _show_fault(self, verdict: Verdict) -> None:
        text = fault_words(verdict.layer, verdict.server)
        actions = self._remedies(verdict)
        self.notices.show_notice("outcome", text, tone=Tone.WARNING, actions=actions, closable=False)
        if verdict.layer is Layer.SIGN_IN:
            self.secret_refused.emit()

    def _remedies(self, verdict: Verdict) -> list[NoticeAction]:
        """What the user can do about a fault, each a way to the place where it is done."""
        server = self._server_named(verdict.server)
        again = (self.tr("Try again"), self.again_requested.emit)
        if server is None:
            return [again]
        if verdict.layer is Layer.SIGN_IN:
            return [(self.tr("Change the user name"), partial(self.mend_requested.emit, server, True))]
        change = (self.tr("Change the server"), partial(self.mend_requested.emit, server, False))
        if verdict.certificate:
            look = (self.tr("Look at the certificate…"), partial(self._show_certificate, verdict, server))
            return [look, change]
        return [again, change]

    def _servers(self) -> list[ServerSettings]:
        account = self._account
        both = (account.incoming, account.smtp) if account is not None else ()
        return [server for server in both if server is not None]

    def _server_named(self, name: str) -> ServerSettings | None:
        """The server that a verdict calls "host:port"."""
        return next((one for one in self._servers() if f"{one.host}:{one.port}" == name), None)

    def _show_certificate(self, verdict: Verdict, server: ServerSettings) -> None:
        problem = Problem(
            0, verdict.sentence, verdict.advice, verdict.detail, Layer.TLS, certificate=verdict.certificate
        )
        self._service.certificate_changes(
            server.host, server.port, verdict.certificate, partial(self._open_certificate, problem, server)
        )

    def _open_certificate(self, problem: Problem, server: ServerSettings, changes: tuple[str, ...]) -> None:
        dialog = CertificateDialog(problem, f"{server.host}:{server.port}", self, changes=changes)
        dialog.trusted.connect(lambda trusted: self._trust(server, trusted.certificate))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _trust(self, server: ServerSettings, pem: str) -> None:
        trusted = partial(self._trusted, self._number)
        self._service.trust_server(server.host, server.port, pem, trusted)

    def _trusted(self, number: int) -> None:
        if number == self._number:
            self.again_requested.emit()

    def _set_running(self, running: bool) -> None:
        self.running = running
        self.progress.setVisible(running)
        self.changed.emit()
