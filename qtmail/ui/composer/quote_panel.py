"""The original under a reply or in a forward: sealed, shown on demand, opened for editing, or removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from qtmail.domain.composition import DraftAttachment, Quote
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

VIEW_HEIGHT = 260
"""Pixels the original is shown in at least."""
_BEGINNING = 300
"""Characters of the text that stand for the original while it is folded."""
_BAR_WIDTH = 3


class ShowsQuote(Protocol):
    """The part of `quote_view.QuoteView` that the panel needs; it is a QWidget as well."""

    def show_quote(self, quote: Quote, attachments: Sequence[DraftAttachment]) -> None: ...


class QuotePanel(QFrame):
    """A line that says what goes out below the text; expanded, the original itself.

    Signals:
        inline_wanted: the user wants to edit the original.
        remove_wanted: it is not to be sent along.
        expanded_changed(bool)
    """

    inline_wanted = Signal()
    remove_wanted = Signal()
    expanded_changed = Signal(bool)

    def __init__(
        self, theme: Theme, make_view: Callable[[], ShowsQuote], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make_view = make_view
        self._view: QWidget | None = None
        self._quote: Quote | None = None
        self._attachments: tuple[DraftAttachment, ...] = ()
        self._toggle = QToolButton()
        self._toggle.setCheckable(True)
        self._toggle.setAccessibleName(self.tr("Show the original"))
        self._toggle.toggled.connect(self._expand)
        self._title = ElidedLabel()
        self._beginning = ElidedLabel(muted=True)
        self._layout = QVBoxLayout(self)
        self._lay_out()
        theme.changed.connect(self.update)
        self.hide()

    @property
    def expanded(self) -> bool:
        return self._toggle.isChecked()

    def quote(self) -> Quote | None:
        return self._quote

    def set_quote(self, quote: Quote | None, attachments: Sequence[DraftAttachment]) -> None:
        """Show this quote, folded; None: there is nothing to show."""
        self._quote = quote
        self._attachments = tuple(attachments)
        self._toggle.setChecked(False)
        self.setVisible(quote is not None)
        if quote is not None:
            self._title.setText(quote.attribution)
            self._beginning.setText(quote.text[:_BEGINNING])
        self._show_state()

    def _lay_out(self) -> None:
        say = QLabel(self.tr("This is the original, sent unchanged."))
        say.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._toggle)
        top.addWidget(say, 1)
        for text, tip, signal in (
            (self.tr("Quote inline"), self.tr("Edit the original as text"), self.inline_wanted),
            (self.tr("Remove"), self.tr("Send without the original"), self.remove_wanted),
        ):
            button = QPushButton(text)
            button.setFlat(True)
            button.setToolTip(tip)
            button.clicked.connect(signal)
            top.addWidget(button)
        self._layout.setContentsMargins(24, 6, 16, 8)
        self._layout.setSpacing(2)
        self._layout.addLayout(top)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._beginning)

    def _expand(self, on: bool) -> None:
        if on and self._view is None:
            view = self._make_view()
            self._view = cast(QWidget, view)
            self._view.setMinimumHeight(VIEW_HEIGHT)
            self._layout.addWidget(self._view, 1)
        if on and self._quote is not None:
            cast(ShowsQuote, self._view).show_quote(self._quote, self._attachments)
        self._show_state()
        self.expanded_changed.emit(on)

    def _show_state(self) -> None:
        on = self.expanded
        self._toggle.setIcon(icon(IconName.EXPAND if on else IconName.COLLAPSED))
        self._toggle.setToolTip(self.tr("Hide the original") if on else self.tr("Show the original"))
        self._beginning.setVisible(not on and bool(self._beginning.text()))
        self._title.setVisible(bool(self._title.text()))
        if self._view is not None:
            self._view.setVisible(on)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline above, and the bar of a quote beside it."""
        colors = self._theme.colors()
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, colors.border)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.quote(1))
        painter.drawRoundedRect(16, 8, _BAR_WIDTH, self.height() - 16, 1, 1)
