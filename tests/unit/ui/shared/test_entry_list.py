from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProxyStyle, QStyle

from qtmail.models.value_list import ValueListModel
from qtmail.ui.shared.entry_list import Entry, EntryList
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.notice_strip import Tone
from tests.fakes.window import light_theme


@dataclass(frozen=True)
class Note:
    id: int
    tone: Tone | None = None


def entry(note: Note) -> Entry:
    sign = IconName.WARNING if note.tone else None
    return Entry("Ann", "14:05", f"Note {note.id}", "2 KB", "It waits", note.tone, sign)


@pytest.fixture
def model(qapp):
    return ValueListModel[Note](lambda note: f"note {note.id}")


@pytest.fixture
def view(qapp, qtbot, model):
    view = EntryList(model, entry, light_theme(qapp))
    view.setAccessibleName("Notes")
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.show()
    return view


def shows_red(view) -> bool:
    """Whether anything reddish is painted; the edges of letters are blended with the ground."""
    image = view.viewport().grab().toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return any(pixel.red() > pixel.green() + 60 for pixel in pixels)


def test_a_list_with_entries_has_a_current_one(view, model, qtbot):
    assert view.current_value() is None
    with qtbot.waitSignal(view.current_changed):
        model.show_values([Note(1), Note(2)])
    assert view.current_value() == Note(1)


def test_when_the_current_entry_goes_another_is_current(view, model):
    model.show_values([Note(1), Note(2)])
    model.show_values([Note(2)])
    assert view.current_value() == Note(2)


def test_an_alarming_state_is_painted_in_its_colour(view, model):
    model.show_values([Note(1)])
    assert not shows_red(view)
    model.show_values([Note(1, Tone.DANGER)])
    assert shows_red(view)


def test_enter_opens_and_delete_wants_to_remove(view, model, qtbot):
    model.show_values([Note(1)])
    with qtbot.waitSignal(view.opened):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    with qtbot.waitSignal(view.removal_wanted):
        qtbot.keyClick(view, Qt.Key.Key_Delete)


class OneClick(QProxyStyle):
    """The style of a desktop that activates items with one click."""

    def styleHint(self, hint, option=None, widget=None, returnData=None):
        if hint == QStyle.StyleHint.SH_ItemView_ActivateItemOnSingleClick:
            return 1
        return super().styleHint(hint, option, widget, returnData)


def test_one_click_never_opens(view, model, qtbot):
    style = OneClick()
    view.setStyle(style)
    model.show_values([Note(1)])
    opened: list[bool] = []
    view.opened.connect(lambda: opened.append(True))
    place = view.visualRect(model.index(0, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == []
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == [True]
