"""The outcome of a check of an account's servers, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, groupby

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from qtmail.domain.diagnosis import Verdict
from qtmail.errors import Layer
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.ui.shared.theme import Theme

_ICON = QSize(16, 16)
_COLUMNS = 4


class VerdictList(QWidget):
    """One line for every step that was tried, server by server: whether it worked, what was found, how long
    it took.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._first_fault: QWidget | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self.setAccessibleName(self.tr("Result of the test"))

    def clear(self) -> None:
        self._first_fault = None
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def show_text(self, text: str) -> None:
        """Say one thing instead of a result."""
        self.clear()
        self._grid.addWidget(paragraph(text, muted=True), 0, 1, 1, _COLUMNS - 1)

    @property
    def first_fault(self) -> QWidget | None:
        """The line that says what failed first."""
        return self._first_fault

    def show_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        self.clear()
        rows = count()
        for server, steps in groupby(verdicts, key=lambda verdict: verdict.server):
            row = next(rows)
            self._grid.addWidget(self._heading(server, first=not row), row, 0, 1, _COLUMNS)
            for verdict in steps:
                self._add(next(rows), verdict)

    def _heading(self, server: str, *, first: bool) -> QLabel:
        label = heading(server or self.tr("This computer"))
        label.setContentsMargins(0, 0 if first else 10, 0, 2)
        return label

    def _add(self, row: int, verdict: Verdict) -> None:
        title = QLabel(layer_title(verdict.layer))
        title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        plain = verdict.ok and not verdict.remark
        sentence = paragraph(verdict.sentence if plain else f"{verdict.sentence} {verdict.advice}".strip())
        sentence.setToolTip(verdict.detail)
        if not verdict.ok and self._first_fault is None:
            self._first_fault = sentence
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        seconds = QLabel(self._duration(verdict.seconds))
        seconds.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(self._mark(verdict), row, 0, top)
        self._grid.addWidget(title, row, 1, top)
        self._grid.addWidget(sentence, row, 2, top)
        self._grid.addWidget(seconds, row, 3, top | Qt.AlignmentFlag.AlignRight)

    def _duration(self, seconds: float) -> str:
        if seconds < 1:
            return self.tr("{ms} ms").format(ms=round(seconds * 1000))
        return self.tr("{seconds:.1f} s").format(seconds=seconds)

    def _mark(self, verdict: Verdict) -> QLabel:
        colors = self._theme.colors()
        if verdict.remark:
            glyph, name = icon(IconName.INFO, colors.accent), self.tr("a remark")
        elif verdict.ok:
            glyph, name = icon(IconName.SUCCESS, colors.success), self.tr("worked")
        else:
            glyph, name = icon(IconName.ERROR, colors.danger), self.tr("failed")
        mark = QLabel()
        mark.setPixmap(glyph.pixmap(_ICON, self.devicePixelRatioF()))
        mark.setAccessibleName(name)
        return mark


def layer_title(layer: Layer) -> str:
    """What a step is called."""
    match layer:
        case Layer.NAME_LOOKUP:
            return _words("Name")
        case Layer.CONNECTION:
            return _words("Connection")
        case Layer.TLS:
            return _words("Encryption")
        case Layer.GREETING:
            return _words("Greeting")
        case Layer.CAPABILITY:
            return _words("Abilities")
        case Layer.SIGN_IN:
            return _words("Sign-in")
        case Layer.FOLDER:
            return _words("Mailbox")
        case Layer.QUOTA:
            return _words("Space")
        case Layer.CLOCK:
            return _words("Clock")
        case Layer.STORE:
            return _words("Local mail")
        case Layer.KEYRING:
            return _words("Passwords")
        case _:
            return _words("Other")


def _words(text: str) -> str:
    return QCoreApplication.translate("VerdictList", text)
