from __future__ import annotations

import pytest

from qtmail.ui.shared.notice_strip import NoticeArea
from qtmail.ui.shared.passing_notice import show_passing_notice
from tests.fakes.window import light_theme


@pytest.fixture
def area(qapp, qtbot):
    area = NoticeArea(light_theme(qapp))
    qtbot.addWidget(area)
    area.show()
    return area


def test_it_goes_away_by_itself(area, qtbot):
    show_passing_notice(area, "sent", "Sending…", milliseconds=30)
    assert area.notice("sent") is not None
    qtbot.waitUntil(lambda: area.notice("sent") is None, timeout=3000)


def test_a_strip_that_took_its_place_stays(area, qtbot):
    show_passing_notice(area, "sent", "Sending the first…", milliseconds=30)
    show_passing_notice(area, "other", "Something else", milliseconds=60)
    later = show_passing_notice(area, "sent", "Sending the second…", milliseconds=60_000)
    qtbot.waitUntil(lambda: area.notice("other") is None, timeout=3000)
    assert area.notice("sent") is later
