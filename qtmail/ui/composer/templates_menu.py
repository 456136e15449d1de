"""The menu of texts that are written often: put one in, or keep what is written as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from qtmail.domain.identity import Template
from qtmail.ui.composer.composer_form import ComposerForm
from qtmail.ui.composer.html_writer import write_html
from qtmail.ui.composer.rich_text import text_lines
from qtmail.ui.shared.icons import IconName, icon

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService


class TemplatesMenu(QMenu):
    """Filled each time it opens."""

    def __init__(self, service: ComposeService, form: ComposerForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("&Templates"))
        self._service = service
        self._form = form
        self.aboutToShow.connect(self.refresh)

    def refresh(self) -> None:
        self.clear()
        for template in self._service.templates():
            act = self.addAction(icon(IconName.TEMPLATE), template.name.replace("&", "&&"))
            act.triggered.connect(lambda _checked=False, template=template: self._insert(template))
        if not self.isEmpty():
            self.addSeparator()
        keep = self.addAction(self.tr("&Save as template…"), self._ask_name)
        keep.setEnabled(bool(self._form.editor.text().strip()))

    def _insert(self, template: Template) -> None:
        """Put the text at the cursor; its subject only where there is none yet."""
        if not self._form.subject.text().strip():
            self._form.subject.setText(template.subject)
        self._form.editor.insert_fragment(template.html)
        self._form.editor.setFocus()

    def _ask_name(self) -> None:
        dialog = QInputDialog(self.window().parentWidget() or self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Save as template"))
        dialog.setLabelText(self.tr("What should the template be called?"))
        dialog.setTextValue(self._form.subject.text())
        dialog.textValueSelected.connect(self.save_as)
        dialog.open()

    def save_as(self, name: str) -> None:
        """Keep what is written as a template of this name."""
        editor = self._form.editor
        html = editor.body() if editor.rich else write_html(text_lines(editor.text()))
        if name.strip():
            self._service.save_template(Template(0, name.strip(), self._form.subject.text(), html))
