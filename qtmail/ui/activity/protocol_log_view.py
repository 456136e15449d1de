"""The conversation with an account's server, as it was on the line, secrets left out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase, QGuiApplication, QPalette, QTextOption
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.account import Account

if TYPE_CHECKING:
    from qtmail.log import LogLine
    from qtmail.workers.mail_service import MailService

LINES_SHOWN = 1000
_DIRECTIONS = {"C": "→", "S": "←", "*": "•"}


class ProtocolLogView(QWidget):
    """The last lines of one account's protocol, with a filter and a button to copy them."""

    def __init__(self, service: MailService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._last: LogLine | None = None
        self._offered: list[tuple[int, str]] = []
        self._account = QComboBox()
        self._account.setAccessibleName(self.tr("Account whose protocol is shown"))
        self._account.currentIndexChanged.connect(lambda _index: self._show_anew())
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(self.tr("Only lines with…"))
        self._filter.setAccessibleName(self.tr("Only lines with this text"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(lambda _text: self._show_anew())
        self._copy = QPushButton(self.tr("Copy all"))
        self._copy.clicked.connect(lambda _checked: self.copy())
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(LINES_SHOWN)
        self._text.setUndoRedoEnabled(False)
        self._text.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName(self.tr("Protocol"))
        self._text.setPlaceholderText(self.tr("Nothing was said yet."))
        self._lay_out()

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """Offer these accounts; the one chosen stays chosen."""
        names = [(account.id, account.name) for account in accounts]
        if names == self._offered:
            return
        self._offered = names
        chosen = self._account.currentData()
        self._account.clear()
        for account in accounts:
            self._account.addItem(account.name, account.id)
        self._account.setCurrentIndex(max(0, self._account.findData(chosen)))

    def refresh(self) -> None:
        """Append what was said since the last time."""
        lines = self._lines()
        if not lines or lines[-1] is self._last:
            return
        known = next((at for at in range(len(lines) - 1, -1, -1) if lines[at] is self._last), None)
        if known is None:
            self._show_anew()
        else:
            self._append(lines[known + 1 :])

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())

    def text(self) -> str:
        return self._text.toPlainText()

    def _lines(self) -> list[LogLine]:
        account_id = self._account.currentData()
        return self._service.protocol_log(account_id) if account_id is not None else []

    def _show_anew(self) -> None:
        self._text.clear()
        self._last = None
        self._append(self._lines())

    def _append(self, lines: Sequence[LogLine]) -> None:
        if lines:
            self._last = lines[-1]
        wanted = self._filter.text().casefold()
        shown = [_written(line) for line in lines[-LINES_SHOWN:]]
        shown = [line for line in shown if wanted in line.casefold()]
        if shown:
            bar = self._text.verticalScrollBar()
            at_end = bar.value() == bar.maximum()
            self._text.appendPlainText("\n".join(shown))
            if at_end:
                bar.setValue(bar.maximum())

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Protocol"))
        title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(title)
        bar.addWidget(self._account)
        bar.addWidget(self._filter, 1)
        bar.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 12, 8)
        layout.addLayout(bar)
        layout.addWidget(self._text, 1)


def _written(line: LogLine) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(line.when))
    return f"{clock} {_DIRECTIONS.get(line.direction, line.direction)} {line.text}"
