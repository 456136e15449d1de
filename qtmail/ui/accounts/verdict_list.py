"""The outcome of a check of an account's servers, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from qtmail.domain.diagnosis import Verdict
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

_ICON = QSize(16, 16)


class VerdictList(QWidget):
    """One line for every step that was tried: whether it worked, what was found, how long it took."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.setAccessibleName(self.tr("Result of the test"))

    def clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def show_text(self, text: str) -> None:
        """Say one thing instead of a result."""
        self.clear()
        label = _label(text)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._grid.addWidget(label, 0, 1)

    def show_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        self.clear()
        colors = self._theme.colors()
        for row, verdict in enumerate(verdicts):
            mark = QLabel()
            glyph = (
                icon(IconName.SUCCESS, colors.success) if verdict.ok else icon(IconName.ERROR, colors.danger)
            )
            mark.setPixmap(glyph.pixmap(_ICON, self.devicePixelRatioF()))
            mark.setAccessibleName(self.tr("worked") if verdict.ok else self.tr("failed"))
            text = verdict.sentence if verdict.ok else f"{verdict.sentence} {verdict.advice}".strip()
            sentence = _label(text)
            sentence.setToolTip(verdict.detail)
            seconds = QLabel(self.tr("{ms:,} ms").format(ms=round(verdict.seconds * 1000)))
            seconds.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(sentence, row, 1)
            self._grid.addWidget(seconds, row, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
