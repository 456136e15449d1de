"""The composer windows that are open; a draft is never open in two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from qtmail.domain.composition import AnswerKind, Composition, Draft
from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.models.background import Background
from qtmail.ui.composer.habits import Habits, RemembersHabits, in_plain_text
from qtmail.ui.shared.immediate import Immediate
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.ui.composer.composer_window import ComposerWindow
    from qtmail.ui.composer.quote_panel import ShowsQuote
    from qtmail.ui.composer.spelling import Spelling
    from qtmail.workers.compose_service import ComposeService

UNDO_SECONDS = 5


class Composers(QObject):
    """Opens composers and keeps them while they are open.

    Attributes:
        undo_seconds: how long a message that was sent waits to be taken back; for windows opened from now on.
        habits: what new windows take up from those before, kept in them as the user changes it.

    Signals:
        sent(OutboxItem): a message is in the outbox.
        discarded(int): a draft was thrown away; it can be restored.
        failed(QtmailError): a composer could not be opened.
    """

    sent = Signal(object)
    discarded = Signal(int)
    failed = Signal(object)

    def __init__(
        self,
        service: ComposeService,
        theme: Theme,
        *,
        background: Background | None = None,
        make_spelling: Callable[[], Spelling] | None = None,
        make_quote_view: Callable[[], ShowsQuote] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`background` makes documents and pictures off the GUI thread; None: at once, as tests want it.

        `make_spelling` is called when the first composer opens; None: spelling is not checked.
        """
        super().__init__(parent)
        self.undo_seconds = UNDO_SECONDS
        self.habits: RemembersHabits = Habits()
        self._service = service
        self._theme = theme
        self._background = background or Immediate()
        self._make_spelling = make_spelling
        self._spelling: Spelling | None = None
        self._make_quote_view = make_quote_view or self._quote_view
        self._windows: dict[int, ComposerWindow] = {}

    def windows(self) -> list[ComposerWindow]:
        """Those that are open, in the order in which they were opened."""
        return list(self._windows.values())

    def new(self, composition: Composition | None = None) -> None:
        """Begin a message."""
        self._service.new(composition or Composition(), self._open_fresh, self.failed.emit)

    def answer(
        self,
        kind: AnswerKind,
        row: MessageRow | None,
        message: ParsedMessage,
        selection: str = "",
        selection_html: str = "",
    ) -> None:
        """Begin a message from another, or open a draft of the server (AnswerKind.OPEN_DRAFT)."""
        done = self.open if kind is AnswerKind.OPEN_DRAFT else self._open_fresh
        self._service.answer(
            kind, row, message, done, self.failed.emit, selection=selection, selection_html=selection_html
        )

    def open(self, draft: Draft, *, restored: bool = False) -> None:
        """Go on writing a draft; `restored`: it was saved by itself, and that is to be said."""
        self._show(draft, fresh=False, restored=restored)

    def close_all(self) -> None:
        """Save and close all windows at once: the program ends."""
        for window in self.windows():
            window.leave_saving()

    def _open_fresh(self, draft: Draft) -> None:
        if self.habits.write_plain:
            draft = replace(draft, composition=in_plain_text(draft.composition))
        self._show(draft, fresh=True, restored=False)

    def _show(self, draft: Draft, *, fresh: bool, restored: bool) -> None:
        window = self._windows.get(draft.id)
        if window is None:
            window = self._make(draft, fresh=fresh, restored=restored)
            self._windows[draft.id] = window
            window.form.focus_first()
        window.bring_up()

    def _make(self, draft: Draft, *, fresh: bool, restored: bool) -> ComposerWindow:
        # Not before somebody writes: the editor and the writing of messages cost some 50 ms to import.
        from qtmail.ui.composer.composer_window import ComposerWindow  # noqa: PLC0415

        if self._spelling is None and self._make_spelling is not None:
            self._spelling = self._make_spelling()
        window = ComposerWindow(
            self._service,
            draft,
            self._theme,
            background=self._background,
            make_quote_view=self._make_quote_view,
            habits=self.habits,
            undo_seconds=self.undo_seconds,
            fresh=fresh,
            restored=restored,
            spelling=self._spelling,
        )
        window.sent.connect(self.sent)
        window.discarded.connect(self.discarded)
        window.closed.connect(lambda: self._windows.pop(draft.id, None))
        return window

    def _quote_view(self) -> ShowsQuote:
        from qtmail.ui.composer.quote_view import QuoteView  # noqa: PLC0415  (as in _make)

        return QuoteView(self._theme, self._background, self._service)
