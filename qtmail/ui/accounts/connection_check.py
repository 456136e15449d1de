"""The check of an account's connection: what was tried of its servers and of this computer, and a report of
it to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.ui.accounts.verdict_list import VerdictList, layer_title
from qtmail.ui.shared.labels import heading
from qtmail.ui.shared.scrolled import scrolled
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService


class ConnectionCheck(QDialog):
    """Opens at once, and shows the verdicts as soon as they are there."""

    def __init__(
        self,
        service: MailService,
        account: Account,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        saved: bool = True,
    ) -> None:
        """`saved`: the account is as it is stored; False: it was changed, and is tried as it stands here."""
        super().__init__(parent)
        self._service = service
        self._account = account
        self._saved = saved
        self._fault_due = False
        self._servers: Sequence[Verdict] | None = None
        self._computer: Sequence[Verdict] | None = None
        self.setWindowTitle(self.tr("Connection of {account}").format(account=account.name))
        self.summary = heading()
        self.verdicts = VerdictList(theme)
        self.waiting = QProgressBar()
        self.waiting.setRange(0, 0)
        self.waiting.setTextVisible(False)
        self.waiting.setAccessibleName(self.tr("The check is under way"))
        self._lay_out()
        self.check()

    def check(self) -> None:
        """Try everything, or try it again."""
        self._servers = self._computer = None
        self.verdicts.clear()
        self.summary.setText(self.tr("Asking the servers…"))
        self._refresh()
        if self._saved:
            self._service.check_connection(self._account.id, self._show_servers)
        else:
            self._service.test_account(self._account, None, self._show_servers)
        self._service.check_computer(self._show_computer)

    @property
    def ended(self) -> bool:
        """Whether all that was asked has been answered."""
        return self._servers is not None and self._computer is not None

    def _lay_out(self) -> None:
        self.copy_button = QPushButton()
        self.copy_button.setToolTip(
            self.tr("Copies what was found, without passwords and names, to send it to someone who can help")
        )
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(lambda _checked: self._copy())
        self.again_button = QPushButton(self.tr("Check &again"))
        self.again_button.setAutoDefault(False)
        self.again_button.clicked.connect(lambda _checked: self.check())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self.copy_button, self.again_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self.summary)
        layout.addWidget(self.waiting)
        self._area = self._make_area()
        layout.addWidget(self._area, 1)
        layout.addWidget(buttons)
        self.resize(760, 560)

    def _make_area(self) -> QScrollArea:
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addWidget(self.verdicts)
        inner.addStretch(1)
        area = scrolled(page)
        area.setAccessibleName(self.tr("What was found"))
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the arrow keys scroll it
        # The new lines get their places later, and wrapped ones not all at once.
        area.verticalScrollBar().rangeChanged.connect(lambda _least, _most: self._show_fault())
        area.verticalScrollBar().actionTriggered.connect(lambda _action: self._leave_there())
        return area

    def _show_servers(self, verdicts: list[Verdict]) -> None:
        self._servers = verdicts
        self._refresh()

    def _show_computer(self, verdicts: list[Verdict]) -> None:
        self._computer = verdicts
        self._refresh()

    def _show_fault(self) -> None:
        fault = self.verdicts.first_fault
        if self._fault_due and fault is not None:
            self._area.ensureWidgetVisible(fault)

    def _leave_there(self) -> None:
        """The user scrolls now."""
        self._fault_due = False

    def _refresh(self) -> None:
        found = self._found()
        self.verdicts.show_verdicts(found)
        self.waiting.setVisible(not self.ended)
        self.copy_button.setEnabled(self.ended)
        self.copy_button.setText(self.tr("&Copy report"))
        self.again_button.setEnabled(self.ended)
        failed = dict.fromkeys(layer_title(verdict.layer) for verdict in found if not verdict.ok)
        if failed:
            self.summary.setText(self.tr("What failed: {layers}.").format(layers=", ".join(failed)))
        elif self.ended:
            self.summary.setText(self.tr("Everything works."))
        self._fault_due = self.ended

    def _found(self) -> list[Verdict]:
        return [*(self._servers or ()), *(self._computer or ())]

    def _copy(self) -> None:
        toolkit = f"Qt {qVersion()}, PySide6 {PySide6.__version__}"
        report = self._service.connection_report(self._account, self._found(), toolkit)
        QGuiApplication.clipboard().setText(report)
        self.copy_button.setText(self.tr("&Copied"))
