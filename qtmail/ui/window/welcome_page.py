"""What the window shows before there is an account."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.shared.icons import IconName, application_icon, icon
from qtmail.ui.shared.theme import Theme

_LOGO = 96
_CARD_WIDTH = 300


class WelcomePage(QWidget):
    """Two ways to begin.

    Signals:
        add_account_requested: the user wants to set up their account.
        demo_requested: the user wants to look around first.
    """

    add_account_requested = Signal()
    demo_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._logo = QLabel()
        self._logo.setPixmap(application_icon().pixmap(QSize(_LOGO, _LOGO), self.devicePixelRatioF()))
        self.add_button = QPushButton(self.tr("Add your account…"))
        self.add_button.setDefault(True)
        self.add_button.clicked.connect(lambda _checked: self.add_account_requested.emit())
        self.demo_button = QPushButton(self.tr("Try the demo mailbox"))
        self.demo_button.clicked.connect(lambda _checked: self.demo_requested.emit())
        self._column = QVBoxLayout(self)
        self._icons: list[tuple[QLabel, IconName]] = []
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.setAccessibleName(self.tr("Welcome to qtmail"))
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def hold(self, notices: QWidget) -> None:
        """Have the strips above all else."""
        self._column.insertWidget(0, notices)

    def _lay_out(self) -> None:
        layout = self._column
        layout.addStretch(2)
        layout.addWidget(self._logo, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addSpacing(10)
        layout.addWidget(_heading(self.tr("Welcome to qtmail"), 1.9))
        subtitle = QLabel(self.tr("Mail that stays yours: nothing is lost, nothing leaks."))
        subtitle.setAlignment(Qt.AlignmentFlag.AlignCenter)
        subtitle.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout.addWidget(subtitle)
        layout.addSpacing(26)
        cards = QHBoxLayout()
        cards.setSpacing(18)
        cards.addStretch(1)
        cards.addWidget(
            self._card(
                IconName.ADD_ACCOUNT,
                self.tr("Read your own mail"),
                self.tr("Name, address and password, and your mail comes in while you watch."),
                self.add_button,
            )
        )
        cards.addWidget(
            self._card(
                IconName.ALL_MAIL,
                self.tr("Look around first"),
                self.tr("A small mail server on this computer, with sample mail. Nothing leaves it."),
                self.demo_button,
            )
        )
        cards.addStretch(1)
        layout.addLayout(cards)
        layout.addStretch(3)

    def _card(self, name: IconName, title: str, text: str, button: QPushButton) -> QFrame:
        card = QFrame()
        card.setObjectName("welcomeCard")
        card.setFixedWidth(_CARD_WIDTH)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        picture = QLabel()
        self._icons.append((picture, name))
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(_heading(title, 1.15))
        explanation = QLabel(text)
        explanation.setWordWrap(True)
        explanation.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout.addWidget(explanation, 1)
        layout.addSpacing(10)
        layout.addWidget(button)
        return card

    def _restyle(self) -> None:
        colors = self._theme.colors()
        for picture, name in self._icons:
            picture.setPixmap(icon(name, colors.accent).pixmap(QSize(36, 36), self.devicePixelRatioF()))
        self.setStyleSheet(
            f"#welcomeCard {{ border: 1px solid {colors.border.name()}; border-radius: 12px; "
            f"background: {colors.raised.name()}; }}"
        )


def _heading(text: str, scale: float) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setBold(True)
    label.setFont(font)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
