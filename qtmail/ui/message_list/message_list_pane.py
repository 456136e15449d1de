"""The middle of the window: quick filter and list of messages."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from qtmail.domain.message import MessageQuery, MessageRow, SortKey
from qtmail.models.folder_nodes import FolderNode
from qtmail.models.message_list import MessageListModel
from qtmail.ui.message_list.message_table import MessageTable
from qtmail.ui.message_list.quick_filter import Filter, QuickFilter
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.state_page import StatePage
from qtmail.ui.shared.theme import Theme

SETTLING_MS = 600
"""After so long a window that opens no folder at its start says so; most open one much sooner."""


class MessageListPane(QWidget):
    """Shows the messages of the folder that is open.

    Signals:
        selection_changed: other messages are selected.
        order_changed: the user chose another order; carries the SortKey and whether descending.
    """

    selection_changed = Signal()
    order_changed = Signal(object, bool)

    def __init__(self, model: MessageListModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: FolderNode | None = None
        self._syncing = False
        self._sort = (SortKey.DATE, True)
        self._selected: array[int] = array("q")
        self._keep: int | None = None
        self._expected: int | None = None
        self._when_selected: Callable[[array[int]], None] | None = None
        self.filter = QuickFilter()
        self.table = MessageTable(model, theme)
        self._group = _GroupStrip()
        self._empty = StatePage(theme)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        QTimer.singleShot(SETTLING_MS, self, self._show_state)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter)
        layout.addWidget(self._group)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        layout.addWidget(self._stack, 1)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.filter.filter_changed.connect(self._reopen)
        self.filter.sort_requested.connect(self.sort_by)
        self.table.header.sort_requested.connect(self.sort_by)
        self.table.selection_settled.connect(self._announce_selection)
        self.table.top_changed.connect(self._show_group)
        self._empty.button_clicked.connect(self.filter.reset)
        for signal in (self._model.opened, self._model.completed, self._model.changed):
            signal.connect(self._show_state)
        self._model.completed.connect(self._select_kept)
        # After the table, which selects what is in now.
        self._model.completed.connect(self._act_on_all)
        self._model.changed.connect(self._select_expected)

    # What is open

    @property
    def node(self) -> FolderNode | None:
        return self._node

    def open(self, node: FolderNode | None) -> None:
        """Show a folder or view, without a filter; None or an account shows nothing."""
        self._node = node
        self.filter.clear()
        self._reopen()

    def follow(self, node: FolderNode | None) -> None:
        """Show the open view as the folder tree now has it: a unified view may cover other folders than
        before.
        """
        self._node = node
        if self._query() != self._model.query:
            self._reopen()

    def sort_by(self, key: SortKey, descending: bool) -> None:
        """Show the messages in another order; the selected message stays selected."""
        self._sort = (key, descending)
        self.order_changed.emit(key, descending)
        self._reopen()

    def restore_order(self, key: SortKey, descending: bool) -> None:
        """Set the order of the folders opened from now on."""
        self._sort = (key, descending)

    def set_syncing(self, syncing: bool) -> None:
        """Whether messages of the open folder may still be on their way; decides what an empty list says."""
        if syncing != self._syncing:
            self._syncing = syncing
            self._show_state()

    def _reopen(self) -> None:
        self._keep = self.table.single_selection()
        self._expected = self._when_selected = None
        key, descending = self._sort
        shows_sent_mail = self._node is not None and self._node.shows_sent_mail
        self._model.open(self._query(), show_recipients=shows_sent_mail)
        self.filter.show_sort(key, descending=descending)
        self._select_kept()

    def _query(self) -> MessageQuery:
        query = self._node.query if self._node else None
        return _narrowed(query, self.filter.filter, *self._sort) if query else MessageQuery(())

    def _select_kept(self) -> None:
        """Select the message again that was selected before the list was opened anew, once it is in."""
        row = self._model.row_of(self._keep) if self._keep is not None else None
        if row is not None and not self.table.selected_count():
            self.table.select_row(row)
        if row is not None or self._model.complete:
            self._keep = None

    # Selection and movement

    def selected_ids(self) -> array[int]:
        return self.table.selected_ids()

    def selected_count(self) -> int:
        return self.table.selected_count()

    def current_message(self) -> MessageRow | None:
        """The message the keyboard is on, if it is selected; of several selected ones it decides what a
        toggle does.
        """
        index = self.table.currentIndex()
        chosen = index.isValid() and self.table.selectionModel().isSelected(index)
        return self._model.row(index.row()) if chosen else self._first_selected()

    def _first_selected(self) -> MessageRow | None:
        ids = self.table.selected_ids()[:1]
        row = self._model.row_of(ids[0]) if ids else None
        return self._model.row(row) if row is not None else None

    def selected_message(self) -> MessageRow | None:
        """The message that is selected alone."""
        only = self.table.single_selection()
        row = self._model.row_of(only) if only is not None else None
        return self._model.row(row) if row is not None else None

    def with_selection(self, act: Callable[[array[int]], None]) -> None:
        """Do something with the ids of the selected messages: now, or once all selected are known."""
        if self.table.selection_pending:
            self._when_selected = act
        elif ids := self.table.selected_ids():
            act(ids)

    def leave_selection(self) -> None:
        """Go on to the next message: those that are selected are about to go."""
        row = self.table.row_beyond_selection()
        if row is None:
            self.table.forget_selection()
        else:
            self.table.select_row(row)

    def select_when_back(self, message_id: int) -> None:
        """Select a message that is about to come back into the list."""
        self._expected = message_id
        self._select_expected()

    def select_next(self) -> None:
        self._step(1)

    def select_previous(self) -> None:
        self._step(-1)

    def select_next_unread(self) -> None:
        self._seek_unread(1)

    def select_previous_unread(self) -> None:
        self._seek_unread(-1)

    def select_all(self) -> None:
        self.table.selectAll()

    def _act_on_all(self) -> None:
        act, self._when_selected = self._when_selected, None
        if act is not None:
            act(self.table.selected_ids())

    def _select_expected(self) -> None:
        row = self._model.row_of(self._expected) if self._expected is not None else None
        if row is not None:
            self._expected = None
            self.table.select_row(row)

    def _step(self, direction: int) -> None:
        here = self.table.currentIndex().row()
        # Where the keyboard is but nothing is selected, the message under it is the next one.
        row = here + direction if self.table.selected_count() or here < 0 else here
        if 0 <= row < self._model.rowCount():
            self.table.select_row(row)

    def _seek_unread(self, direction: int) -> None:
        self._model.seek_unread(self.table.currentIndex().row(), direction, self.table.select_row)

    def _announce_selection(self) -> None:
        selected = self.table.selected_ids()
        if selected != self._selected:
            self._selected = selected
            self.selection_changed.emit()

    # What stands above and instead of the list

    def _show_group(self) -> None:
        self._group.show_name(self.table.top_group())

    def _show_state(self) -> None:
        count = self._model.rowCount()
        title = self._node.title if self._node else ""
        self.filter.show_title(title, f"{count:,}" if count and self._model.complete else "")
        if count:
            self._stack.setCurrentWidget(self.table)
        else:
            self._explain_emptiness()
            self._stack.setCurrentWidget(self._empty)
        self._show_group()

    def _explain_emptiness(self) -> None:
        say = self._empty.show_state
        if self.filter.filter != Filter():
            say(
                IconName.FILTER,
                self.tr("No message here matches the filter"),
                button=self.tr("Show all messages"),
            )
        elif self._syncing:
            say(
                IconName.SYNC,
                self.tr("Looking for messages…"),
                self.tr("They appear here as they arrive, the newest first."),
            )
        elif self._node is None or self._node.query is None:
            say(IconName.FOLDER_OPEN, self.tr("No folder is open"), self.tr("Choose a folder on the left."))
        elif self._node.query.unread:
            say(IconName.SUCCESS, self.tr("Everything is read"))
        elif self._node.query.flagged:
            say(IconName.FLAG, self.tr("No flagged messages"), self.tr("Press S to flag a message."))
        else:
            say(IconName.NO_MESSAGES, self.tr("This folder is empty"))


class _GroupStrip(QLabel):
    """The group of the first message on screen ("Yesterday"), always above the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.82)
        font.setBold(True)
        self.setFont(font)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setContentsMargins(12, 0, 12, 2)
        self.hide()

    def show_name(self, name: str) -> None:
        if name != self.text():
            self.setText(name)
        self.setVisible(bool(name))


def _narrowed(query: MessageQuery, chosen: Filter, sort: SortKey, descending: bool) -> MessageQuery:
    return replace(
        query,
        unread=query.unread or chosen.unread,
        flagged=query.flagged or chosen.flagged,
        attachment=query.attachment or chosen.attachment,
        sort=sort,
        descending=descending,
    )
