"""Who writes: the identities to choose from, and a word where the choice may surprise the recipient."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from qtmail.domain.account import Account
from qtmail.domain.identity import Identity

_DOT = 10


class IdentityPicker(QWidget):
    """The From line. With one identity it only says which.

    Signals:
        picked(Identity): the user chose another.
    """

    picked = Signal(object)

    def __init__(
        self,
        identities: Sequence[Identity],
        accounts: dict[int, Account],
        came_to: int | None,
        parent: QWidget | None = None,
    ) -> None:
        """`came_to`: the id of the account that received the message answered; None for a new message."""
        super().__init__(parent)
        self._accounts = accounts
        self._came_to = came_to
        self._box = QComboBox()
        self._box.setAccessibleName(self.tr("From"))
        self._only = QLabel()
        self._only.setTextFormat(Qt.TextFormat.PlainText)
        self._only.setContentsMargins(6, 4, 0, 4)
        self._word = QLabel()
        self._word.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._dot = QLabel()
        self.setFocusProxy(self._box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addWidget(self._only)
        layout.addSpacing(8)
        layout.addWidget(self._dot)
        layout.addWidget(self._word)
        layout.addStretch(1)
        self._box.activated.connect(self._activated)
        self.set_identities(identities)

    def set_identities(self, identities: Sequence[Identity]) -> None:
        """Offer these; the one chosen stays chosen."""
        before = self.current()
        self._box.clear()
        for identity in identities:
            account = self._accounts.get(identity.account_id)
            self._box.addItem(_dot(account.color if account else ""), str(identity.sender), identity)
        self._box.setVisible(len(identities) > 1)
        self._only.setVisible(len(identities) <= 1)
        self.choose(before.id if before else 0)

    def current(self) -> Identity | None:
        identity = self._box.currentData()
        return identity if isinstance(identity, Identity) else None

    def choose(self, identity_id: int) -> None:
        """Choose by id; the first one where there is none of that id."""
        ids = [self._box.itemData(row).id for row in range(self._box.count())]
        self._box.setCurrentIndex(ids.index(identity_id) if identity_id in ids else 0)
        self._show()

    def box(self) -> QComboBox:
        """The choice itself, hidden where there is none."""
        return self._box

    def word(self) -> str:
        """What is said beside the choice, or ""."""
        return self._word.text()

    def _activated(self, _row: int) -> None:
        self._show()
        self.picked.emit(self.current())

    def _show(self) -> None:
        identity = self.current()
        self._only.setText(str(identity.sender) if identity else self.tr("There is no account yet."))
        differs = identity is not None and self._came_to not in (None, identity.account_id)
        account = self._accounts.get(self._came_to or 0)
        self._dot.setVisible(differs)
        self._word.setVisible(differs)
        if differs and account is not None:
            self._dot.setPixmap(_dot(account.color).pixmap(_DOT + 2, _DOT + 2))
            self._word.setText(self.tr("The message you answer came to {0}.").format(account.name))
        else:
            self._word.setText("")


def _dot(color: str) -> QIcon:
    """A disc in the colour of an account."""
    pixmap = QPixmap(_DOT + 2, _DOT + 2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color or "#888888"))
    painter.drawEllipse(1, 1, _DOT, _DOT)
    painter.end()
    return QIcon(pixmap)
