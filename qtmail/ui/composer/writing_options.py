"""The choices of the menu *Options* about how text is written and shows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from qtmail.ui.composer.composer_form import ComposerForm
from qtmail.ui.composer.composer_strips import ComposerStrips
from qtmail.ui.composer.habits import RemembersHabits

SMALLEST, LARGEST, STEP = 0.5, 4.0, 1.1
"""Of the zoom."""


class WritingOptions(QObject):
    """Carries the choices out in one window, and remembers those that hold for all.

    Signals:
        changed: what is checked in the menu is another.
        became_plain(bool): the text was made plain; True: nothing had been written yet.
    """

    changed = Signal()
    became_plain = Signal(bool)

    def __init__(
        self,
        form: ComposerForm,
        strips: ComposerStrips,
        habits: RemembersHabits,
        untouched: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`untouched`: whether nothing was written yet, the signature apart."""
        super().__init__(parent)
        self._form = form
        self._strips = strips
        self._habits = habits
        self._untouched = untouched
        form.editor.set_zoom(habits.text_zoom)
        self.refresh()
        form.editor.became_rich.connect(self.changed)

    def refresh(self) -> None:
        """Take up what was chosen in another window or in the preferences; the text stays as it is."""
        self._form.editor.set_monospace(self._habits.one_width)
        self.changed.emit()

    def switch_plain(self) -> None:
        """Plain text or rich; asks where looks would be lost."""
        self._strips.remove("plain")
        if not self._form.editor.rich:
            self._form.editor.make_rich()
        elif self._form.editor.loses_formatting():
            self._strips.ask_to_make_plain(self._make_plain)
        else:
            self._make_plain()
        self.changed.emit()

    def switch_plain_always(self) -> None:
        """How all messages begin from now on; this one follows, unless its looks would be lost."""
        self._habits.write_plain = not self._habits.write_plain
        editor = self._form.editor
        keeps = self._untouched() or not editor.loses_formatting()
        if self._habits.write_plain and editor.rich and keeps and not self._form.resends:
            self._make_plain()
        self.changed.emit()

    def switch_monospace(self) -> None:
        self._habits.one_width = not self._habits.one_width
        self.refresh()

    def zoom_in(self) -> None:
        self._zoom(self._habits.text_zoom * STEP)

    def zoom_out(self) -> None:
        self._zoom(self._habits.text_zoom / STEP)

    def zoom_reset(self) -> None:
        self._zoom(1.0)

    def _make_plain(self) -> None:
        untouched = self._untouched()
        self._form.make_plain()
        self.became_plain.emit(untouched)
        self.changed.emit()

    def _zoom(self, factor: float) -> None:
        """How large the text shows while it is written; recipients do not see it."""
        self._habits.text_zoom = min(max(factor, SMALLEST), LARGEST)
        self._form.editor.set_zoom(self._habits.text_zoom)
