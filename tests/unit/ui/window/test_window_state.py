from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray

from qtmail.domain.message import SortKey
from qtmail.ui.shared.theme import ThemeMode
from qtmail.ui.window.window_state import Layout, ListView, WindowState


def test_what_was_set_is_there_after_a_restart(tmp_path: Path):
    state = WindowState(tmp_path / "window.ini")
    state.layout = Layout.BELOW
    state.list_view = ListView.COLUMNS
    state.theme_mode = ThemeMode.DARK
    state.sort = (SortKey.SENDER, False)
    state.zoom = 1.5
    state.folder = "folder/1/Ärger, sonst nichts"
    state.toggled_folders = frozenset({"folder/1/a, b", "folder/1/旅行"})
    state.set_layout_bytes("window", QByteArray(b"\x00\x01geometry"))
    state.save()
    again = WindowState(tmp_path / "window.ini")
    assert (again.layout, again.list_view, again.theme_mode) == (
        Layout.BELOW,
        ListView.COLUMNS,
        ThemeMode.DARK,
    )
    assert again.sort == (SortKey.SENDER, False)
    assert again.zoom == 1.5
    assert again.folder == "folder/1/Ärger, sonst nichts"
    assert again.toggled_folders == {"folder/1/a, b", "folder/1/旅行"}
    assert again.layout_bytes("window") == QByteArray(b"\x00\x01geometry")


def test_a_first_start_has_defaults(tmp_path: Path):
    state = WindowState(tmp_path / "window.ini")
    assert (state.layout, state.list_view, state.theme_mode) == (
        Layout.RIGHT,
        ListView.CARDS,
        ThemeMode.SYSTEM,
    )
    assert state.sort == (SortKey.DATE, True)
    assert (state.zoom, state.mark_read_after_ms) == (1.0, 1000)
    assert state.toggled_folders == frozenset()


def test_nonsense_in_the_file_is_taken_for_the_default(tmp_path: Path):
    file = tmp_path / "window.ini"
    file.write_text(
        "[view]\nlayout=sideways\nzoom=huge\nsort=7\ntheme=\n[reading]\nmark_read_after_ms=soon\n"
        "[layout]\nwindow=plain text\n"
    )
    state = WindowState(file)
    assert (state.layout, state.theme_mode, state.zoom) == (Layout.RIGHT, ThemeMode.SYSTEM, 1.0)
    assert state.sort == (SortKey.DATE, True)
    assert state.mark_read_after_ms == 1000
    assert state.layout_bytes("window").isEmpty()


def test_how_messages_are_written_is_remembered(tmp_path: Path):
    state = WindowState(tmp_path / "window.ini")
    assert (state.write_plain, state.one_width, state.text_zoom, state.composer_size) == (
        False,
        False,
        1.0,
        (0, 0),
    )
    state.write_plain = state.one_width = True
    state.text_zoom, state.composer_size = 1.21, (700, 500)
    state.save()
    again = WindowState(tmp_path / "window.ini")
    assert (again.write_plain, again.one_width, again.text_zoom, again.composer_size) == (
        True,
        True,
        1.21,
        (700, 500),
    )


def test_a_size_that_is_none_is_forgotten(tmp_path: Path):
    for text in ("big", "12", "-5x7", "7x"):
        (tmp_path / "window.ini").write_text(f"[compose]\nsize={text}\n")
        assert WindowState(tmp_path / "window.ini").composer_size == (0, 0)
