"""The bar under a message that looks for words in it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from qtmail.ui.shared.icons import IconName, icon


class FindBar(QWidget):
    """A field, how many places there are, and buttons to go from one to the next.

    Signals:
        find_wanted(text, backward, match_case): look for the next place.
        closed: the bar was closed; marks should go.
    """

    find_wanted = Signal(str, bool, bool)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = QLineEdit()
        self._field.setPlaceholderText(self.tr("Find in message"))
        self._field.setAccessibleName(self.tr("Find in message"))
        self._field.setClearButtonEnabled(True)
        self._field.setMaximumWidth(320)
        self._count = QLabel()
        self._count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._match_case = QCheckBox(self.tr("Match case"))
        self._field.textChanged.connect(lambda _text: self.find_next())
        self._match_case.toggled.connect(lambda _on: self.find_next())
        self._lay_out()
        self.hide()

    def open(self, text: str = "") -> None:
        """Show the bar, ready to type; `text` (the selection) is looked for at once."""
        self.show()
        if text and "\n" not in text:
            self._field.setText(text)
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def close_bar(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def find_next(self) -> None:
        self._find(backward=False)

    def find_previous(self) -> None:
        self._find(backward=True)

    def show_result(self, number: int, count: int) -> None:
        """Tell the place that was gone to, from 1, and how many there are."""
        if not self._field.text():
            self._count.clear()
        elif count == 0:
            self._count.setText(self.tr("Not found"))
        else:
            self._count.setText(self.tr("{0} of {1}").format(number, count))

    def show_found(self, found: bool) -> None:
        """Tell only whether there is such a place, where counting them all would take too long."""
        self._count.setText("" if found or not self._field.text() else self.tr("Not found"))

    def result(self) -> str:
        return self._count.text()

    def _find(self, *, backward: bool) -> None:
        self.find_wanted.emit(self._field.text(), backward, self._match_case.isChecked())

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        layout.addWidget(self._field, 1)
        layout.addWidget(self._button(IconName.EXPANDED, self.tr("Previous"), self.find_previous))
        layout.addWidget(self._button(IconName.EXPAND, self.tr("Next"), self.find_next))
        layout.addWidget(self._match_case)
        layout.addWidget(self._count)
        layout.addStretch(1)
        layout.addWidget(self._button(IconName.CLOSE, self.tr("Close"), self.close_bar))

    def _button(self, name: IconName, text: str, act: object) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(act)
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._find(backward=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)
