"""The outbox in the place of the message list: every message that is not yet delivered or filed."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.models.outbox import OutboxModel
from qtmail.ui.outbox.outbox_commands import (
    OutboxCommand,
    OutboxCommands,
    command_hint,
    command_text,
    possible_commands,
)
from qtmail.ui.outbox.outbox_details import OutboxDetails
from qtmail.ui.outbox.outbox_texts import (
    item_recipients,
    item_sign,
    item_subject,
    item_tone,
    moment,
    state_sentence,
)
from qtmail.ui.shared.entry_list import Entry, EntryList
from qtmail.ui.shared.entry_place import EntryPlace
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.pane_title import PaneTitle
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme

_TICK_MS = 1000


class OutboxPane(EntryPlace):
    """The list of the outbox; `details` is shown beside or below it.

    Enter opens the message that is chosen in the composer, Delete takes it back to the drafts.
    """

    def __init__(
        self,
        model: OutboxModel,
        commands: OutboxCommands,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(theme, parent)
        self._model = model
        self._commands = commands
        self._clock = clock
        self.list = EntryList(model, self._entry, theme)
        self.list.setAccessibleName(self.tr("Outbox"))
        self.details = OutboxDetails(theme, clock=clock)
        self.send_button = QPushButton(self.tr("Send queued now"))
        self._tick = QTimer(self, interval=_TICK_MS)
        self.lay_out(PaneTitle(self.tr("Outbox"), self.send_button), self.list)
        self.empty.show_state(
            IconName.OUTBOX,
            self.tr("Nothing waits to be sent"),
            self.tr("What you send is here until it is."),
        )
        self._connect()
        self._follow()

    def show_item(self, item_id: int) -> None:
        """Choose this item, if it is still there."""
        index = self._model.index_of(item_id)
        if index.isValid():
            self.list.setCurrentIndex(index)

    def current_item(self) -> OutboxItem | None:
        value = self.list.current_value()
        return value if isinstance(value, OutboxItem) else None

    def _entry(self, item: OutboxItem) -> Entry:
        now = self._clock()
        return Entry(
            item_recipients(item),
            moment(item.queued_at, now),
            item_subject(item),
            format_size(item.size),
            state_sentence(item, now),
            item_tone(item),
            item_sign(item),
        )

    def _show_current(self) -> None:
        self.details.show_item(self.current_item())

    def _follow(self) -> None:
        """The items are others now, or stand otherwise."""
        items = self._model.values
        self.show_count(len(items))
        self.send_button.setEnabled(any(item.state is OutboxState.QUEUED for item in items))
        self._show_current()
        self._tick_while_needed()

    def _tick_while_needed(self) -> None:
        """Count seconds down only where someone sees it."""
        timed = (OutboxState.HELD, OutboxState.QUEUED)
        needed = self.isVisible() and any(item.state in timed for item in self._model.values)
        if needed != self._tick.isActive():
            self._tick.start() if needed else self._tick.stop()

    def _count_down(self) -> None:
        self.list.viewport().update()
        self.details.refresh()

    def _act(self, *commands: OutboxCommand) -> None:
        """Carry out the first of these commands that the chosen item allows."""
        item = self.current_item()
        if item is None:
            return
        allowed = [command for command in commands if command in possible_commands(item)]
        if allowed:
            self._commands.run(allowed[0], item)

    def _show_menu(self, place: QPoint) -> None:
        item = self.current_item()
        if item is None or not possible_commands(item):
            return
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        for command in possible_commands(item):
            action = menu.addAction(command_text(command))
            action.setToolTip(command_hint(command) or command_text(command))
            action.triggered.connect(lambda _checked, chosen=command: self._commands.run(chosen, item))
        menu.popup(place)

    def _connect(self) -> None:
        self._model.followed.connect(self._follow)
        self._tick.timeout.connect(self._count_down)
        self.list.current_changed.connect(self._show_current)
        self.list.opened.connect(lambda: self._act(OutboxCommand.EDIT, OutboxCommand.EDIT_REFUSED))
        self.list.removal_wanted.connect(lambda: self._act(OutboxCommand.CANCEL))
        self.list.menu_requested.connect(self._show_menu)
        self.details.command_chosen.connect(self._commands.run)
        self.send_button.clicked.connect(lambda _checked: self._commands.send_queued(self._model.values))

    # QWidget

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick_while_needed()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick_while_needed()
