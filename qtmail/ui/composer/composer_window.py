"""The window a message is written in.

    ComposerForm (fields) ── DraftSaver (every pause) ── ComposeService
         └── ComposerStrips (what must be said)   SendingSteps (what happens between Send and the outbox)

Closing hides the window at once and saves; it comes back if what was written cannot be kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QVBoxLayout, QWidget

from qtmail.domain.composition import Composition, Draft, Quote
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.outgoing import OutboxItem
from qtmail.models.background import Background
from qtmail.ui.composer.composer_actions import (
    EDIT_MENU,
    MESSAGE_MENU,
    OPTIONS_MENU,
    TOOLBAR,
    ComposerActions,
    FocusedField,
)
from qtmail.ui.composer.composer_form import ComposerForm
from qtmail.ui.composer.composer_strips import ComposerStrips
from qtmail.ui.composer.draft_saver import DraftSaver, SaveState
from qtmail.ui.composer.habits import RemembersHabits
from qtmail.ui.composer.insertions import Insertions
from qtmail.ui.composer.quote_panel import ShowsQuote
from qtmail.ui.composer.save_status import SaveStatus
from qtmail.ui.composer.send_later_dialog import SendLaterDialog
from qtmail.ui.composer.sending_steps import SendingSteps
from qtmail.ui.composer.spelling import SpellHighlighter, Spelling
from qtmail.ui.composer.templates_menu import TemplatesMenu
from qtmail.ui.composer.window_parts import WindowParts
from qtmail.ui.composer.writing_options import WritingOptions
from qtmail.ui.shared.theme import Theme
from qtmail.ui.shared.tool_bar import ToolBar

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

WIDTH, HEIGHT = 860, 720
"""Pixels of a window, before the user has chosen a size."""


class ComposerWindow(QMainWindow):
    """Writes one draft.

    Args:
        fresh: the draft was just made: it gets the signature, and is dropped again if nothing is written.
        habits: kept as the user changes them.
        restored: the draft comes back after the program ended, or after it was discarded.
        undo_seconds: how long a message that was sent waits in the outbox, to be taken back.

    Signals:
        sent(OutboxItem): the message is in the outbox, and the window is closing.
        discarded(int): the draft of this id was thrown away; it can be restored.
        closed: the window is about to be deleted.
    """

    sent = Signal(object)
    discarded = Signal(int)
    closed = Signal()

    def __init__(
        self,
        service: ComposeService,
        draft: Draft,
        theme: Theme,
        *,
        background: Background,
        make_quote_view: Callable[[], ShowsQuote],
        habits: RemembersHabits,
        undo_seconds: int = 5,
        fresh: bool = False,
        restored: bool = False,
        spelling: Spelling | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.draft_id = draft.id
        self._service = service
        self._theme = theme
        self._habits = habits
        self._fresh = fresh
        self._closing = False
        self._leaving = False
        self._focused: QWidget | None = None
        self.form = ComposerForm(service, draft, theme, background, make_quote_view)
        if fresh:
            self.form.add_signature()
        self.strips = ComposerStrips(theme)
        self.options = WritingOptions(self.form, self.strips, habits, self._untouched, self)
        self._insertions = Insertions(self, self.form)
        self.actions_ = ComposerActions(
            self,
            {
                "window": self,
                "parts": WindowParts(self, [self.strips, *self.form.parts()]),
                "insert": self._insertions,
                "options": self.options,
                "edit": FocusedField(self, self.form.editor),
            },
        )
        self.actions_["receipt"].setChecked(draft.composition.request_receipt)
        self.actions_["delivery"].setChecked(draft.composition.request_delivery)
        self._show_options()
        self._begun = self._read()
        self.saver = DraftSaver(service, draft, self._read, lambda: self.form.editor.composing, self)
        self.sending = SendingSteps(service, draft.id, self.form, self.strips, self.saver, undo_seconds, self)
        self._status = SaveStatus(self.saver, theme)
        self._lay_out()
        self._connect()
        self._check_spelling(spelling)
        self._show_title()
        self._say_at_first(draft, restored=restored)

    # -- what the user does

    def send(self) -> None:
        self.sending.begin()

    def send_later(self) -> None:
        dialog = SendLaterDialog(parent=self)
        dialog.accepted.connect(lambda: self.sending.begin(at=int(dialog.when().timestamp())))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self) -> None:
        self.form.rows.commit()
        self.saver.save_now()

    def discard(self) -> None:
        """Throw the draft away; what was written last goes with it, so that it can come back whole."""
        self.saver.hand_over()
        self._service.discard(self.draft_id)
        self.discarded.emit(self.draft_id)
        self.leave()

    def options_changed(self) -> None:
        self.saver.touch()

    # -- what others ask of the window

    def bring_up(self) -> None:
        """Show the window, also one that was closed and is still being saved."""
        self._closing = False
        self.show()
        self.raise_()
        self.activateWindow()

    def leave(self) -> None:
        """Close for good, without saving."""
        self._leaving = True
        self.saver.stop()
        self.closed.emit()
        self.hide()
        self.deleteLater()

    def leave_saving(self) -> None:
        """Hand over what is not saved and close at once: the program ends."""
        self.form.rows.commit()
        if not self.sending.under_way:
            if self._untouched():
                self._service.discard(self.draft_id)
            else:
                self.saver.hand_over()
                self._service.close(self.draft_id)
        self.leave()

    def status(self) -> str:
        """The sentence in the status line."""
        return self._status.text()

    # -- inside

    def _read(self) -> Composition:
        return replace(
            self.form.composition(),
            request_receipt=self.actions_["receipt"].isChecked(),
            request_delivery=self.actions_["delivery"].isChecked(),
        )

    def _untouched(self) -> bool:
        return self._fresh and not self.form.attachments.pending and self._read() == self._begun

    def _lay_out(self) -> None:
        width, height = self._habits.composer_size
        self.resize(width or WIDTH, height or HEIGHT)
        self.setMinimumSize(520, 400)
        self._make_menus()
        self._make_toolbar()
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strips)
        layout.addWidget(self.form, 1)
        self.setCentralWidget(center)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self._status, 1)

    def _make_menus(self) -> None:
        message, edit, look, options = (
            QMenu(title, self)
            for title in (self.tr("&Message"), self.tr("&Edit"), self.tr("F&ormat"), self.tr("&Options"))
        )
        self.actions_.fill(message, MESSAGE_MENU)
        self.actions_.fill(edit, EDIT_MENU)
        self.form.toolbar.fill(look)
        self.actions_.fill(options, OPTIONS_MENU)
        for menu in (message, edit, look, options, TemplatesMenu(self._service, self.form, self)):
            self.menuBar().addMenu(menu)

    def _make_toolbar(self) -> None:
        bar = ToolBar(self.tr("Message"))
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.actions_.fill(bar, TOOLBAR)
        self.addToolBar(bar)

    def _connect(self) -> None:
        form = self.form
        form.changed.connect(self.saver.touch)
        form.subject.textChanged.connect(self._show_title)
        self.options.changed.connect(self._show_options)
        self.options.became_plain.connect(self._became_plain)
        form.editor.files_pasted.connect(form.attachments.add_files)
        form.quote_removed.connect(self._quote_removed)
        form.attachments.failed.connect(self.strips.tell_failure)
        form.attachments.changed.connect(self._save_and_leave)
        self.saver.state_changed.connect(self._saver_turned)
        self.sending.sent.connect(self._sent)
        self.sending.frozen.connect(self._freeze)
        self.sending.attach_wanted.connect(self._insertions.ask_for_files)
        self.sending.progressed.connect(self._status.show_progress)
        self._service.bridge.store_changed.connect(self._store_changed)

    def _say_at_first(self, draft: Draft, *, restored: bool) -> None:
        """What is to be known of a message that is not simply a new one."""
        if self.form.resends:
            self.strips.tell_sent_on()
        if restored:
            self.strips.tell_restored(draft.saved_at)
        planned = draft.composition.send_at
        if planned is not None and planned > time.time():
            self.strips.tell_planned(planned, lambda: self.sending.begin(at=planned))

    def _check_spelling(self, spelling: Spelling | None) -> None:
        if spelling is not None and not self.form.resends:
            self._speller = SpellHighlighter(self.form.editor, spelling, self._theme)
            self.form.editor.menu_opening.connect(self._speller.add_suggestions)
            spelling.start()

    def _show_options(self) -> None:
        """Check in the menu what is chosen, and offer only what can be done."""
        rich, resends = self.form.editor.rich, self.form.resends
        self.setAcceptDrops(not resends)
        self.actions_["attach"].setEnabled(not resends)
        self.actions_["plain"].setEnabled(not resends)
        self.actions_["plain"].setChecked(not rich)
        self.actions_["plain_always"].setChecked(self._habits.write_plain)
        self.actions_["monospace"].setEnabled(not rich)
        self.actions_["monospace"].setChecked(self._habits.one_width)
        self.form.toolbar.set_usable(rich and not resends)

    def _quote_removed(self, quote: Quote) -> None:
        self.strips.tell_original_removed(lambda: self.form.restore_quote(quote))

    def _became_plain(self, untouched: bool) -> None:
        if untouched:
            self._begun = self._read()

    def _show_title(self) -> None:
        self.setWindowTitle(self.form.subject.text().strip() or self.tr("New message"))

    def _saver_turned(self) -> None:
        if self.saver.state is SaveState.SAVED:
            self.strips.remove("saving")

    def _store_changed(self, change: StoreChange) -> None:
        if ChangeKind.IDENTITIES in change.kinds:
            self.form.refresh_identities()

    def _freeze(self, on: bool) -> None:
        focused = self.focusWidget()
        self.form.setEnabled(not on)
        self.actions_.set_sending(on)
        if on:
            self._focused = focused
            return
        self._show_options()
        (self._focused or self.form.editor).setFocus()

    def _sent(self, item: OutboxItem) -> None:
        self.sent.emit(item)
        self.leave()

    def _save_and_leave(self) -> None:
        """Go on with closing, once all that is being attached is there."""
        if self._closing and not self.form.attachments.pending:
            self.saver.finish(self._finished)

    def _finished(self, kept: bool) -> None:
        """The last save before closing has ended."""
        if not self._closing:
            return
        if kept:
            self._service.close(self.draft_id)
            self.leave()
            return
        self.bring_up()
        if self.saver.fault is not None:
            self.strips.tell_not_saved(self.saver.fault, self.saver.save_now)

    # -- Qt's

    def closeEvent(self, event: QCloseEvent) -> None:
        # The window is deleted by `leave`, once all is kept, and not because it was closed.
        event.ignore()
        if self.sending.under_way or self._leaving:
            return
        self.form.rows.commit()
        if self._untouched():
            self._service.discard(self.draft_id)
            self.leave()
        elif not self._closing:
            self._closing = True
            self.hide()
            self._save_and_leave()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible() and not self.isMaximized() and not self.isFullScreen():
            self._habits.composer_size = (event.size().width(), event.size().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.form.attachments.look_again()
            if not self.sending.under_way:
                self.options.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.form.isEnabled() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.form.attachments.add_files(files)
        event.acceptProposedAction()
