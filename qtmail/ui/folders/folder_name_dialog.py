"""Asks what a folder is to be called."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QWidget

from qtmail.ui.shared.labels import paragraph

_LEVEL = "/"


class FolderNameDialog(QDialog):
    """Takes no name that is there already.

    Args:
        taken: the paths of the folders there are.
        above: the path of the folder it is in, with a "/" at its end; "" at the top.
        name: what it is called now.

    Signals:
        chosen(str): the path of the folder, another than before.
    """

    chosen = Signal(str)

    def __init__(self, taken: Iterable[str], above: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self._taken = {_folded(path) for path in taken}
        self._above = above
        self._name = name
        self.field = QLineEdit(name)
        self.field.selectAll()
        self.field.textChanged.connect(lambda _text: self._check())
        self.hint = paragraph()
        ok, cancel = QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        self.buttons = QDialogButtonBox(ok | cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(22, 18, 22, 16)
        form.setVerticalSpacing(12)
        form.addRow(self.tr("&Name"), self.field)
        form.addRow(self.hint)
        form.addRow(self.buttons)
        self._check()

    def path(self) -> str:
        """What was typed, as a path: with the folder it is in, and without spaces around names."""
        levels = (level.strip() for level in self.field.text().split(_LEVEL))
        return self._above + unicodedata.normalize("NFC", _LEVEL.join(levels))

    def accept(self) -> None:
        super().accept()
        if self.path() != self._above + self._name:
            self.chosen.emit(self.path())

    def _check(self) -> None:
        path = self.path()
        whole = all(path.split(_LEVEL))
        taken = _folded(path) in self._taken
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(whole and not taken)
        if taken:
            self.hint.setText(self.tr("There is already a folder “{path}”.").format(path=path))
        elif self._above:
            where = self._above.removesuffix(_LEVEL)
            self.hint.setText(self.tr("It is in the folder “{path}”.").format(path=where))
        else:
            self.hint.setText(self.tr("A “/” in the name makes a folder within a folder."))


def _folded(path: str) -> str:
    """Letter case makes no difference between folders."""
    return unicodedata.normalize("NFC", path).casefold()
