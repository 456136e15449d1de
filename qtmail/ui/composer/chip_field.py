"""A field of recipient chips around a line edit: they are selected, copied, moved and removed in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QMenu, QScrollArea, QWidget

from qtmail.domain.address import Address
from qtmail.mime.recipients import format_recipient, split_recipients
from qtmail.ui.composer.chip_area import ChipArea
from qtmail.ui.composer.recipient_chip import RecipientChip
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.theme import Theme

MOST_LINES = 4
"""The field grows to so many lines, then it scrolls."""

_MARGIN = 4
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ERASE = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
_Standard = QKeySequence.StandardKey
_CLIPBOARD = (_Standard.Copy, _Standard.Cut, _Standard.Paste, _Standard.SelectAll)
_OWN_MODIFIERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class ChipField(QScrollArea):
    """Chips that the user selects with arrow keys or the mouse, and the line edit among them.

    A chip that is current has the keyboard; Tab goes only to the line edit. Chips are dragged from field to
    field, and to other programs as text.

    Attributes:
        line: the line edit. Whoever makes the field says what becomes of what is typed.

    Signals:
        changed(): chips came, went or moved by the user's doing.
        edit_wanted(RecipientChip)
        pasted(str): text to take as recipients.
    """

    changed = Signal()
    edit_wanted = Signal(object)
    pasted = Signal(str)

    def __init__(self, line: QLineEdit, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self._area = ChipArea(line, theme)
        self._others: list[tuple[str, ChipField]] = []
        self._pressed: QPoint | None = None
        self._arranging = QTimer(self, singleShot=True, interval=0)
        self._arranging.timeout.connect(self.arrange)
        self._set_up()
        line.textChanged.connect(self._arranging.start)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_changed)

    def _set_up(self) -> None:
        self.setWidget(self._area)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportMargins(0, _MARGIN, 0, _MARGIN)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(self.line)
        self.viewport().setAcceptDrops(True)
        self._set_height(1)

    # --- chips ---

    def chips(self) -> list[RecipientChip]:
        return list(self._area.chips)

    def add(self, addresses: Iterable[Address], index: int | None = None) -> None:
        """Add recipients before a chip, or where the line is; who is there already is not doubled."""
        known = {key_of(chip.address): chip for chip in self._area.chips}
        new = []
        for address in distinct(addresses):
            chip = known.get(key_of(address))
            if chip is None:
                new.append(address)
            elif address.name and not chip.address.name:
                chip.show_address(address)
        self._area.insert(self._area.line_index if index is None else index, new)
        self._after_change()

    def remove(self, chips: Sequence[RecipientChip]) -> None:
        """Remove chips; if one had the keyboard, it goes to the chip behind them, or to the line."""
        if not chips:
            return
        had_focus, index = self._focused() is not None, self._area.chips.index(chips[0])
        self._area.remove(chips)
        if had_focus and index < len(self._area.chips):
            self._area.select(index)
        elif had_focus:
            self.line.setFocus()
        self._after_change()

    def move_chips(self, chips: Sequence[RecipientChip], other: ChipField) -> None:
        """Give chips to another field."""
        people = [chip.address for chip in chips]
        self.remove(chips)
        other.add(people)

    def copy(self, chips: Sequence[RecipientChip]) -> None:
        """Put recipients on the clipboard, as text that can be pasted here and elsewhere."""
        if chips:
            QGuiApplication.clipboard().setText(_as_text(chips))

    def select_all(self) -> None:
        if self._area.chips:
            self._area.select(len(self._area.chips) - 1)  # the line loses the keyboard: what is typed joins
            self._area.select_all()

    def offer_moves_to(self, others: Sequence[tuple[str, ChipField]]) -> None:
        """The fields, by their names, that the menu of a chip can move it to."""
        self._others = list(others)

    def chip_menu(self, chip: RecipientChip) -> QMenu:
        """What can be done with a chip, and with the others that are selected with it."""
        chips = self._area.selected if chip.selected else [chip]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon(IconName.EDIT), self.tr("Edit"), lambda: self.edit_wanted.emit(chip))
        menu.addAction(icon(IconName.COPY), self.tr("Copy"), lambda: self.copy(chips))
        menu.addAction(icon(IconName.REMOVE), self.tr("Remove"), lambda: self.remove(chips))
        if self._others:
            menu.addSeparator()
        for name, other in self._others:
            menu.addAction(self.tr("Move to {0}").format(name), partial(self.move_chips, chips, other))
        return menu

    def _after_change(self) -> None:
        self._arranging.start()
        self.changed.emit()

    def _focused(self) -> RecipientChip | None:
        return next((chip for chip in self._area.chips if chip.hasFocus()), None)

    # --- keyboard ---

    def _chip_key(self, chip: RecipientChip, event: QKeyEvent) -> bool:
        """A key pressed while a chip has the keyboard; True: it was dealt with."""
        selected, key = self._area.selected, event.key()
        if event.matches(_Standard.Copy):
            self.copy(selected)
        elif event.matches(_Standard.Cut):
            self.copy(selected)
            self.remove(selected)
        elif event.matches(_Standard.Paste):
            self.line.setFocus()
            self.pasted.emit(QGuiApplication.clipboard().text())
        elif event.matches(_Standard.SelectAll):
            self.select_all()
        elif event.modifiers() & ~_OWN_MODIFIERS:
            return False
        elif key in _ERASE:
            self.remove(selected)
        elif key in _ENTER or key == Qt.Key.Key_F2:
            self.edit_wanted.emit(chip)
        elif key == Qt.Key.Key_Escape:
            self.line.setFocus()
        else:
            return self._step(chip, event) or self._type(event)
        return True

    def _step(self, chip: RecipientChip, event: QKeyEvent) -> bool:
        """Arrow keys, Home and End go from chip to chip; with Shift they take along those between."""
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        here, last = self._area.chips.index(chip), len(self._area.chips) - 1
        targets: dict[int, int] = {
            Qt.Key.Key_Left: max(here - 1, 0),
            Qt.Key.Key_Right: min(here + 1, last) if extend else here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last if extend else last + 1,
        }
        target = targets.get(event.key())
        if target is None:
            return False
        if target > last:
            self.line.setFocus()
        else:
            self._area.select(target, extend=extend)
            self.ensureWidgetVisible(self._area.chips[target], 0, 0)
        return True

    def _type(self, event: QKeyEvent) -> bool:
        """A letter typed on a chip goes into the line."""
        if not event.text() or not event.text().isprintable():
            return False
        self.line.setFocus()
        QApplication.sendEvent(self.line, event)
        return True

    # --- lines ---

    def arrange(self) -> None:
        """Set the chips into lines and the height to them."""
        width = self.viewport().width()
        lines = self._area.arrange(width)
        scrolls = lines > MOST_LINES
        bar = self.verticalScrollBar()
        if scrolls and not bar.isVisible():
            self._area.arrange(width - bar.sizeHint().width())
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff)
        self._set_height(min(lines, MOST_LINES))
        if self.line.hasFocus():
            self.ensureWidgetVisible(self.line, 0, 0)

    def _set_height(self, lines: int) -> None:
        self.setFixedHeight(self._area.height_of(lines) + 2 * _MARGIN)

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Chips stay selected as long as one of them has the keyboard, or another window has."""
        if new is not None and not (isinstance(new, RecipientChip) and new.parent() is self._area):
            self._area.clear_selection()

    # --- mouse ---

    def _chip_under(self, event: QMouseEvent) -> RecipientChip | None:
        return self._area.chip_at(self._area.mapFrom(self.viewport(), event.position().toPoint()))

    def _drag(self) -> None:
        chips = self._area.selected
        data = QMimeData()
        data.setText(_as_text(chips))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(chips[0].grab())
        taken = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.MoveAction)
        if taken == Qt.DropAction.MoveAction and drag.target() not in (self, self.viewport()):
            self.remove(chips)  # dropped on this field itself, they have been moved by the drop

    # --- Qt ---

    def event(self, event: QEvent) -> bool:
        # Delete on a chip removes the chip, whatever the window does with that key.
        if event.type() == QEvent.Type.ShortcutOverride and self._focused() is not None:
            assert isinstance(event, QKeyEvent)
            if not event.modifiers() & ~_OWN_MODIFIERS or any(map(event.matches, _CLIPBOARD)):
                event.accept()
                return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for chip in self._area.chips:
                chip.show_address(chip.address)
            self._arranging.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chip = self._focused()
        if chip is None or not self._chip_key(chip, event):
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arranging.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        chip = self._chip_under(event)
        if chip is None:
            self.line.setFocus()
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
        toggle = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if toggle or extend or not chip.selected:
            self._area.select(self._area.chips.index(chip), extend=extend, toggle=toggle)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not self._area.selected:
            return
        moved = event.position().toPoint() - self._pressed
        if moved.manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self._drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        chip = self._chip_under(event)
        # A click on one of several selected chips leaves only this one, unless they were dragged.
        if self._pressed is not None and chip is not None and not event.modifiers():
            self._area.select(self._area.chips.index(chip))
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if chip := self._chip_under(event):
            self.edit_wanted.emit(chip)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        position = self._area.mapFromGlobal(event.globalPos())
        chip = self._area.chip_at(position) if by_mouse else self._focused()
        if chip is not None:
            self.chip_menu(chip).popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasText() and not event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        position = self._area.mapFrom(self.viewport(), event.position().toPoint())
        before = self._area.chips[self._area.index_at(position) :]
        if event.source() is self:
            moved = self._area.selected
            before = [chip for chip in before if chip not in moved]
            self._area.remove(moved)
        index = self._area.chips.index(before[0]) if before else len(self._area.chips)
        self.add(split_recipients(event.mimeData().text()), index)
        event.acceptProposedAction()


def key_of(address: Address) -> str:
    """Two recipients with the same key are one."""
    return address.address.casefold() or address.name.casefold()


def distinct(addresses: Iterable[Address]) -> Iterator[Address]:
    """Each recipient once."""
    seen = set()
    for address in addresses:
        if key_of(address) not in seen:
            seen.add(key_of(address))
            yield address


def _as_text(chips: Sequence[RecipientChip]) -> str:
    return ", ".join(format_recipient(chip.address) for chip in chips)
