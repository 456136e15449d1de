from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.domain.outgoing import OutboxState
from qtmail.models.outbox import OutboxModel
from qtmail.ui.outbox.outbox_commands import OutboxCommands
from qtmail.ui.outbox.outbox_pane import OutboxPane
from qtmail.ui.outbox.outbox_texts import described
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.outbox_items import NOW, outbox_item, refused
from tests.fakes.window import light_theme


class Bench:
    def __init__(self, app) -> None:
        self.now = float(NOW)
        self.service = FakeComposeService()
        self.service.draft()
        self.service.items = [
            outbox_item(1, attempts=2, next_try=NOW + 30, last_answer="451 4.7.1 Try later"),
            outbox_item(2, OutboxState.UNCERTAIN),
            outbox_item(3, OutboxState.FAILED, recipients=(refused("bob@x"),), last_answer="550 No"),
        ]
        self.model = OutboxModel(self.service.outbox, described)
        self.service.bridge.store_changed.connect(self.model.apply)
        self.commands = OutboxCommands(self.service)  # type: ignore[arg-type]
        theme = light_theme(app)
        self.pane = OutboxPane(self.model, self.commands, theme, clock=lambda: self.now)
        self.model.load()

    @property
    def details(self):
        return self.pane.details


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp)
    for widget in (bench.pane, bench.details):
        qtbot.addWidget(widget)
        widget.resize(420, 500)
        widget.show()
    return bench


def button(bench, text: str):
    found = bench.details.button(text)
    assert found is not None, text
    return found


def test_the_first_message_is_chosen_and_told_in_full(bench):
    assert bench.pane.current_item().id == 1
    assert bench.details.state.text() == "Not sent yet; next try in 30 s"
    assert bench.details.answer.toPlainText() == "451 4.7.1 Try later"
    rows = [bench.details.recipients.topLevelItem(row) for row in range(2)]
    assert [row.text(0) for row in rows] == ["ann@example.org", "bob@example.org"]


def test_the_next_try_is_counted_down(bench, qtbot):
    bench.now += 10
    qtbot.waitUntil(lambda: bench.details.state.text() == "Not sent yet; next try in 20 s", timeout=5000)


def test_a_button_for_what_can_be_done(bench, qtbot):
    qtbot.mouseClick(button(bench, "Try again now"), Qt.MouseButton.LeftButton)
    assert bench.service.retried == [1]
    bench.pane.show_item(2)
    assert "arrive twice" in bench.details.explanation.text()
    qtbot.mouseClick(button(bench, "It arrived"), Qt.MouseButton.LeftButton)
    assert bench.service.resolved == [(2, True)]


def test_enter_takes_a_message_back_to_edit_it_and_delete_to_the_drafts(bench, qtbot):
    bench.pane.list.setFocus()
    with qtbot.waitSignal(bench.commands.draft_wanted):
        qtbot.keyClick(bench.pane.list, Qt.Key.Key_Return)
    assert [item.id for item in bench.model.values] == [2, 3]
    bench.pane.show_item(3)
    qtbot.keyClick(bench.pane.list, Qt.Key.Key_Delete)
    assert bench.service.cancelled == [3]
    assert [item.id for item in bench.model.values] == [2]


def test_delete_does_nothing_to_a_message_that_may_have_been_sent(bench, qtbot):
    bench.pane.show_item(2)
    qtbot.keyClick(bench.pane.list, Qt.Key.Key_Delete)
    assert bench.service.cancelled == []


def test_the_context_menu_offers_the_same_as_the_buttons(bench, qtbot):
    bench.pane.show_item(3)
    place = bench.pane.list.visualRect(bench.pane.list.currentIndex()).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, bench.pane.list.viewport().mapToGlobal(place)
    )
    QGuiApplication.sendEvent(bench.pane.list.viewport(), event)
    menu = bench.pane.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == ["Edit", "Try again now", "Cancel sending"]
    menu.close()


def test_everything_queued_can_be_sent_now(bench, qtbot):
    qtbot.mouseClick(bench.pane.send_button, Qt.MouseButton.LeftButton)
    assert bench.service.retried == [1]
    bench.service.items = [outbox_item(2, OutboxState.UNCERTAIN)]
    bench.model.load()
    assert not bench.pane.send_button.isEnabled()


def test_all_that_the_server_said_can_be_copied(bench, qtbot):
    bench.pane.show_item(3)
    qtbot.mouseClick(bench.details.copy_button, Qt.MouseButton.LeftButton)
    assert "bob@x: refused: 550 5.1.1 No such user" in QGuiApplication.clipboard().text()


def test_an_empty_outbox_says_so(bench):
    bench.service.items = []
    bench.model.load()
    assert bench.details.item() is None
    assert not bench.pane.list.isVisible()


def test_a_row_is_told_to_a_screen_reader(bench):
    spoken = bench.model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("To ann@example.org, bob@example.org: Plans 2. Perhaps sent")


def test_everything_the_keyboard_reaches_has_an_accessible_name(bench):
    nameless = [
        widget
        for pane in (bench.pane, bench.details)
        for widget in pane.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not (widget.accessibleName() or getattr(widget, "text", str)() or widget.focusProxy())
    ]
    assert [f"{type(widget).__name__} {widget.objectName()}" for widget in nameless] == []
