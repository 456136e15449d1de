from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.composition import Composition
from qtmail.models.drafts import DraftsModel
from qtmail.ui.drafts.draft_strips import DraftStrips
from qtmail.ui.drafts.recover_dialog import RecoverDialog
from qtmail.ui.shared.notice_strip import NoticeArea
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.window import light_theme


class Bench:
    def __init__(self, app) -> None:
        self.service = FakeComposeService()
        self.model = DraftsModel(self.service.drafts, str)
        self.area = NoticeArea(light_theme(app))
        self.strips = DraftStrips(self.service, self.model, self.area)  # type: ignore[arg-type]
        self.opened: list[int] = []
        self.recovered: list[int] = []
        self.strips.draft_wanted.connect(lambda draft: self.opened.append(draft.id))
        self.strips.recovered.connect(lambda draft: self.recovered.append(draft.id))

    def crash(self, *subjects: str) -> None:
        """The program ended while these messages were being written."""
        for subject in subjects:
            self.service.draft(Composition(subject=subject))
        self.service.opened.clear()
        self.strips.offer_recovery()

    def click(self, qtbot, key: str, text: str) -> None:
        strip = self.area.notice(key)
        assert strip is not None
        qtbot.mouseClick(strip.button(text), Qt.MouseButton.LeftButton)


@pytest.fixture
def bench(qapp, qtbot):
    bench = Bench(qapp)
    qtbot.addWidget(bench.area)
    bench.area.resize(800, 200)
    bench.area.show()
    return bench


def test_a_discarded_draft_can_be_brought_back(bench, qtbot):
    bench.service.draft(Composition(subject="Plans"))
    bench.model.load()
    bench.strips.note_discarded(1)
    bench.service.discard(1)
    assert bench.area.notice("discarded/1").text() == "“Plans” was discarded."
    bench.click(qtbot, "discarded/1", "Undo")
    assert bench.service.restored == [1]
    assert bench.opened == [1]
    assert bench.area.notice("discarded/1") is None


def test_after_a_clean_end_nothing_is_offered(bench):
    bench.crash()
    assert bench.area.notice("recover") is None


def test_one_message_is_opened_at_once(bench, qtbot):
    bench.crash("Plans")
    assert bench.area.notice("recover").text() == "A message you were writing was saved."
    bench.click(qtbot, "recover", "Open")
    assert bench.recovered == [1]
    assert bench.area.notice("recover") is None


def test_of_several_the_user_chooses_and_the_others_stay_drafts(bench, qtbot):
    bench.crash("Plans", "Report", "Thanks")
    assert bench.area.notice("recover").text() == "3 messages you were writing were saved."
    bench.click(qtbot, "recover", "Open")
    (dialog,) = bench.area.findChildren(RecoverDialog)
    assert [dialog.list.topLevelItem(row).text(2) for row in range(3)] == ["Plans", "Report", "Thanks"]
    dialog.list.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
    qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert bench.recovered == [1, 3]
    assert bench.service.closed == [2]
    assert bench.area.notice("recover") is None


def test_whoever_closes_the_dialog_is_still_offered_them(bench, qtbot):
    bench.crash("Plans", "Report")
    bench.click(qtbot, "recover", "Open")
    (dialog,) = bench.area.findChildren(RecoverDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert bench.area.notice("recover") is not None
    assert bench.recovered == []


def test_later_leaves_them_among_the_drafts(bench, qtbot):
    bench.crash("Plans", "Report")
    bench.click(qtbot, "recover", "Later")
    assert bench.service.closed == [1, 2]
    assert bench.area.notice("recover") is None
