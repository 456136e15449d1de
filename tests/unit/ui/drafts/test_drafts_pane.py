from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition
from qtmail.models.drafts import DraftsModel
from qtmail.ui.drafts.draft_texts import described
from qtmail.ui.drafts.drafts_pane import DraftsPane
from qtmail.ui.drafts.versions_dialog import VersionsDialog
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.window import light_theme

ANN = Composition(to=(Address("Ann", "ann@x"),), subject="Plans", body="<p>First thoughts</p>")


class Bench:
    def __init__(self, app, qtbot) -> None:
        self.service = FakeComposeService()
        self.draft = self.service.draft(ANN, open_=False)
        self.service.save(1, replace(ANN, body="<p>Second thoughts</p>"), lambda _: None, lambda _: None)
        self.model = DraftsModel(self.service.drafts, described)
        self.service.bridge.store_changed.connect(self.model.apply)
        self.pane = DraftsPane(self.service, self.model, light_theme(app))  # type: ignore[arg-type]
        self.model.load()
        for widget in (self.pane, self.pane.preview):
            qtbot.addWidget(widget)
            widget.show()

    def versions(self) -> VersionsDialog:
        (dialog,) = self.pane.findChildren(VersionsDialog)
        return dialog


@pytest.fixture
def bench(qapp, qtbot):
    return Bench(qapp, qtbot)


def test_the_draft_is_shown_as_it_is_now(bench):
    assert bench.pane.current_draft().id == 1
    assert bench.pane.preview.text.toPlainText() == "Second thoughts"
    assert bench.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("To Ann: Plans")


def test_enter_opens_it(bench, qtbot):
    with qtbot.waitSignal(bench.pane.draft_wanted) as wanted:
        qtbot.keyClick(bench.pane.list, Qt.Key.Key_Return)
    assert wanted.args[0].id == 1


def test_delete_discards_it_and_says_so_while_it_can_still_be_named(bench, qtbot):
    named: list[str] = []
    bench.pane.discarded.connect(lambda id_: named.append(bench.model.find(id_).composition.subject))
    qtbot.keyClick(bench.pane.list, Qt.Key.Key_Delete)
    assert bench.service.discarded == [1]
    assert bench.model.rowCount() == 0
    assert named == ["Plans"]


def test_one_that_is_open_in_a_window_is_not_discarded_under_it(bench, qtbot):
    bench.service.open(1, lambda _: None, lambda _: None)
    bench.model.load()
    qtbot.keyClick(bench.pane.list, Qt.Key.Key_Delete)
    assert bench.service.discarded == []
    assert not bench.pane.preview.discard_button.isEnabled()


def test_an_earlier_version_comes_back_and_the_present_one_is_kept(bench, qtbot):
    qtbot.mouseClick(bench.pane.preview.versions_button, Qt.MouseButton.LeftButton)
    dialog = bench.versions()
    assert dialog.list.count() == 2
    assert not dialog.restore_button.isEnabled()
    dialog.list.setCurrentRow(1)
    assert "First thoughts" in dialog.text.toPlainText()
    with qtbot.waitSignal(bench.pane.draft_wanted) as wanted:
        qtbot.mouseClick(dialog.restore_button, Qt.MouseButton.LeftButton)
    assert wanted.args[0].composition.body == "<p>First thoughts</p>"
    assert [kept.body for kept in bench.service.saved] == ["<p>Second thoughts</p>", "<p>First thoughts</p>"]


def test_beside_an_open_window_no_version_can_be_brought_back(bench):
    bench.service.open(1, lambda _: None, lambda _: None)
    bench.model.load()
    bench.pane.show_versions()
    dialog = bench.versions()
    dialog.list.setCurrentRow(1)
    assert not dialog.restore_button.isEnabled()


def test_without_drafts_the_pane_says_so(bench):
    bench.service.discard(1)
    assert bench.pane.current_draft() is None
    assert not bench.pane.list.isVisible()
