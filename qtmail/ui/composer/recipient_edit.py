"""The field recipients are typed into: chips, and a line with completion."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from qtmail.domain.address import Address
from qtmail.mime.recipients import format_recipient, split_finished, split_recipients
from qtmail.ui.composer.chip_field import ChipField, distinct, key_of
from qtmail.ui.composer.completion import Completion, CompletionService
from qtmail.ui.composer.recipient_chip import RecipientChip, fault_of
from qtmail.ui.composer.recipient_line import RecipientLine
from qtmail.ui.shared.theme import Theme

_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RecipientEdit(ChipField):
    """Recipients as chips, and a line to type further ones.

    What is typed becomes a chip by Enter, Tab, comma, semicolon (also the Chinese ones) and by leaving the
    field. Nothing that was typed is lost: what is no address becomes a chip that is marked.

    Signals:
        changed(): the recipients, or what is being typed, changed by the user's doing.
    """

    def __init__(self, service: CompletionService, theme: Theme, parent: QWidget | None = None) -> None:
        line = RecipientLine(self._line_key)
        super().__init__(line, theme, parent)
        self._edited: Address | None = None
        self._completion = Completion(line, service, theme, self._is_new)
        self._completion.chosen.connect(self._choose)
        self.edit_wanted.connect(self.edit)
        self.pasted.connect(self._paste)
        line.textEdited.connect(self._typed)
        line.pasted.connect(self._paste)
        line.left.connect(self.commit)

    @property
    def completion(self) -> Completion:
        return self._completion

    # --- what the composer asks ---

    def addresses(self) -> tuple[Address, ...]:
        """The recipients in order, with what is being typed; what is no address as `Address("", text)`."""
        index = self._area.line_index
        people = [chip.address for chip in self._area.chips]
        return (*people[:index], *split_recipients(self.line.text()), *people[index:])

    def set_addresses(self, addresses: Iterable[Address]) -> None:
        """Show these instead of all there are; says nothing of a change."""
        self._completion.stop()
        self._edited = None
        self.line.clear()
        self._area.remove(self._area.chips)
        self._area.insert(0, distinct(addresses))
        self._arranging.start()

    def faults(self) -> list[str]:
        """What is wrong with the recipients, a sentence for each."""
        typed = split_recipients(self.line.text())
        people = [(chip.address, chip.fault) for chip in self._area.chips]
        people += [(address, fault_of(address)) for address in typed]
        return [f"“{address}”: {fault}" for address, fault in people if fault]

    def set_name(self, name: str) -> None:
        """What the field is called ("To"), for people who do not see the label beside it."""
        self.line.setAccessibleName(name)
        self._area.setAccessibleName(self.tr("{0}: recipients").format(name))

    # --- typing ---

    def commit(self) -> None:
        """Make chips of what is typed, and end the completion."""
        text, self._edited = self.line.text(), None
        self._completion.stop()
        if text:
            self.line.clear()
            self.add(split_recipients(text))
        self._area.line_index = len(self._area.chips)
        self._arranging.start()

    def edit(self, chip: RecipientChip) -> None:
        """Turn a chip into text, in its place."""
        self.commit()
        self._edited = chip.address
        index = self._area.chips.index(chip)
        self.line.setFocus()
        self._area.remove([chip])
        self._area.line_index = index
        self.line.setText(format_recipient(self._edited))
        self.line.selectAll()

    def _typed(self, text: str) -> None:
        self._area.clear_selection()
        if text.startswith(" "):
            self.line.setText(text := text.lstrip())  # behind a comma people type a space
        finished, rest = split_finished(text)
        if finished:
            self._edited = None
            self.line.setText(rest.lstrip())
            self.add(split_recipients(finished))
        else:
            self.changed.emit()
        self.arrange()  # suggestions stand under the line: it must be in its place
        self._completion.ask(preselect=any(fault_of(one) for one in split_recipients(rest)))

    def _paste(self, text: str) -> None:
        """Several recipients become chips; a single one, or a part of one, is text to go on typing."""
        people = split_recipients(text)
        if len(people) > 1:
            self.commit()
            self.add(people)
        else:
            self.line.insert(" ".join(text.split()))
            self._typed(self.line.text())

    def _choose(self, address: Address) -> None:
        self.line.clear()
        self.add([address])
        self.commit()

    def _is_new(self, address: str) -> bool:
        return all(key_of(chip.address) != address.casefold() for chip in self._area.chips)

    def _line_key(self, event: QKeyEvent) -> bool:
        """A key pressed in the line; True: it was dealt with, and the line itself does not get it."""
        key, plain = event.key(), event.modifiers() in _PLAIN
        if plain and self._completion.key(key):
            return True
        if plain and key in _ENTER:
            self._enter()
        elif plain and key == Qt.Key.Key_Tab:
            return self._completion.take_current()
        elif plain and key == Qt.Key.Key_Escape and self._edited is not None:
            self.line.setText(format_recipient(self._edited))
            self.commit()
        elif (
            event.matches(QKeySequence.StandardKey.SelectAll) and self.line.selectedText() == self.line.text()
        ):
            self.select_all()
        else:
            return self._leaves_line(key)
        return True

    def _enter(self) -> None:
        """Take the highlighted suggestion, else what is typed; with nothing typed go on to the next field."""
        if self._completion.take_current():
            return
        if self.line.text():
            self.commit()
        else:
            self.line.focusNextChild()

    def _leaves_line(self, key: int) -> bool:
        """Whether a key at an end of the line goes on to the chip beyond."""
        at, index = self.line.cursorPosition(), self._area.line_index
        if self.line.hasSelectedText():
            return False
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Backspace) and at == 0 and index > 0:
            self._area.select(index - 1)
            return True
        at_end = at == len(self.line.text())
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Delete) and at_end and index < len(self._area.chips):
            self._area.select(index)
            return True
        return False
