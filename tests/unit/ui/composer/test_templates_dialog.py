from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.identity import Template
from qtmail.ui.composer.templates_dialog import TemplatesDialog
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.window import light_theme


@pytest.fixture
def service():
    return FakeComposeService(
        templates=[
            Template(1, "Thanks", "Thank you", "<p>Thank you.</p>"),
            Template(2, "Way", "", "<p>Bus 4</p>"),
        ]
    )


@pytest.fixture
def dialog(qapp, qtbot, service):
    dialog = TemplatesDialog(service, light_theme(qapp))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def save(dialog, qtbot) -> None:
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)


def test_a_template_is_changed(dialog, service, qtbot):
    assert dialog.name.text() == "Thanks"
    dialog.subject.clear()
    qtbot.keyClicks(dialog.subject, "Many thanks")
    save(dialog, qtbot)
    assert Template(1, "Thanks", "Many thanks", "<p>Thank you.</p>") in service.templates()


def test_a_new_one_is_written(dialog, service, qtbot):
    qtbot.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(dialog.name, "Bye")
    qtbot.keyClicks(dialog.text.editor, "So long")
    save(dialog, qtbot)
    assert service.templates()[-1] == Template(3, "Bye", "", "<p>So long</p>")


def test_one_is_removed(dialog, service, qtbot):
    qtbot.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)
    assert dialog.name.text() == "Way"
    save(dialog, qtbot)
    assert [template.name for template in service.templates()] == ["Way"]


def test_looking_at_templates_changes_none(dialog, service, qtbot):
    before = service.templates()
    dialog.list.setCurrentRow(1)
    dialog.list.setCurrentRow(0)
    assert dialog.templates() == before


def test_without_templates_there_is_nothing_to_edit(qapp, qtbot):
    dialog = TemplatesDialog(FakeComposeService(), light_theme(qapp))  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    assert not dialog.name.isEnabled()
    assert not dialog.remove_button.isEnabled()
