"""What the window remembers from one start to the next, in an ini file of the profile."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings

from qtmail.domain.message import SortKey
from qtmail.ui.shared.theme import ThemeMode

Choice = TypeVar("Choice", bound=StrEnum)

_WIDEST = 16_384
"""Pixels of a side of a window; what is larger is a mistake."""


class ListView(StrEnum):
    """How the message list shows a message."""

    CARDS = "cards"
    COLUMNS = "columns"


class Layout(StrEnum):
    """Where the open message stands."""

    RIGHT = "right"
    BELOW = "below"


class WindowState:
    """Typed access to the remembered values; a value that is missing or was edited into nonsense is the
    default.
    """

    def __init__(self, path: Path) -> None:
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def save(self) -> None:
        """Write what was set; Qt otherwise does so some time later."""
        self._settings.sync()

    def layout_bytes(self, name: str) -> QByteArray:
        """A saved geometry, splitter, dock or header state; empty if there is none."""
        value = self._settings.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_layout_bytes(self, name: str, value: QByteArray) -> None:
        self._settings.setValue(f"layout/{name}", value)

    @property
    def layout(self) -> Layout:
        return _member(Layout, self._text("view/layout"), Layout.RIGHT)

    @layout.setter
    def layout(self, value: Layout) -> None:
        self._settings.setValue("view/layout", value.value)

    @property
    def list_view(self) -> ListView:
        return _member(ListView, self._text("view/list"), ListView.CARDS)

    @list_view.setter
    def list_view(self, value: ListView) -> None:
        self._settings.setValue("view/list", value.value)

    @property
    def theme_mode(self) -> ThemeMode:
        return _member(ThemeMode, self._text("view/theme"), ThemeMode.SYSTEM)

    @theme_mode.setter
    def theme_mode(self, value: ThemeMode) -> None:
        self._settings.setValue("view/theme", value.value)

    @property
    def sort(self) -> tuple[SortKey, bool]:
        """What the list is sorted by, and whether descending."""
        key = _member(SortKey, self._text("view/sort"), SortKey.DATE)
        return key, self._text("view/descending", "true") != "false"

    @sort.setter
    def sort(self, value: tuple[SortKey, bool]) -> None:
        self._settings.setValue("view/sort", value[0].value)
        self._settings.setValue("view/descending", "true" if value[1] else "false")

    @property
    def zoom(self) -> float:
        """The zoom of messages; 1.0 is their own size."""
        return self._factor("view/zoom")

    @zoom.setter
    def zoom(self, value: float) -> None:
        self._settings.setValue("view/zoom", f"{value:.2f}")

    @property
    def mark_read_after_ms(self) -> int:
        """How long a message is on screen before it counts as read, in milliseconds; negative for never."""
        try:
            return int(self._text("reading/mark_read_after_ms", "1000"))
        except ValueError:
            return 1000

    @property
    def folder(self) -> str:
        """The key of the folder that was open, or ""."""
        return self._text("folders/open")

    @folder.setter
    def folder(self, value: str) -> None:
        self._settings.setValue("folders/open", value)

    @property
    def toggled_folders(self) -> frozenset[str]:
        """The keys of the folders whose branch is not as it would be by default (open or closed)."""
        # One string and not a list: QSettings would give back a list of one as a string.
        return frozenset(key for key in self._text("folders/toggled").split("\n") if key)

    @toggled_folders.setter
    def toggled_folders(self, value: frozenset[str]) -> None:
        self._settings.setValue("folders/toggled", "\n".join(sorted(value)))

    @property
    def undo_seconds(self) -> int:
        """How long a message that was sent can be taken back."""
        text = self._text("compose/undo_seconds")
        return int(text) if text in ("0", "5", "10", "30") else 5

    @undo_seconds.setter
    def undo_seconds(self, value: int) -> None:
        self._settings.setValue("compose/undo_seconds", str(value))

    @property
    def write_plain(self) -> bool:
        """Whether messages begin as plain text."""
        return self._truth("compose/plain")

    @write_plain.setter
    def write_plain(self, value: bool) -> None:
        self._set_truth("compose/plain", value)

    @property
    def one_width(self) -> bool:
        """Whether plain text is written in letters of one width."""
        return self._truth("compose/one_width")

    @one_width.setter
    def one_width(self, value: bool) -> None:
        self._set_truth("compose/one_width", value)

    @property
    def text_zoom(self) -> float:
        """The zoom of text that is being written; 1.0 is its own size."""
        return self._factor("compose/zoom")

    @text_zoom.setter
    def text_zoom(self, value: float) -> None:
        self._settings.setValue("compose/zoom", f"{value:.2f}")

    @property
    def composer_size(self) -> tuple[int, int]:
        """Width and height of a window to write in, in pixels; (0, 0) where none is remembered."""
        width, _, height = self._text("compose/size").partition("x")
        if width.isdecimal() and height.isdecimal():
            return min(int(width), _WIDEST), min(int(height), _WIDEST)
        return 0, 0

    @composer_size.setter
    def composer_size(self, value: tuple[int, int]) -> None:
        self._settings.setValue("compose/size", f"{value[0]}x{value[1]}")

    @property
    def spelling_languages(self) -> tuple[str, ...] | None:
        """The languages the user chose to check; None: none were chosen yet, () means none."""
        text = self._text("compose/languages", "?")
        return None if text == "?" else tuple(text.split())

    @spelling_languages.setter
    def spelling_languages(self, value: tuple[str, ...]) -> None:
        self._settings.setValue("compose/languages", " ".join(value))

    @property
    def keep_in_tray(self) -> bool:
        """Whether the program stays in the notification area when its window is closed."""
        return self._truth("desktop/keep_in_tray")

    @keep_in_tray.setter
    def keep_in_tray(self, value: bool) -> None:
        self._set_truth("desktop/keep_in_tray", value)

    @property
    def start_in_tray(self) -> bool:
        """Whether a start at sign-in is to be one without a window."""
        return self._truth("desktop/start_in_tray")

    @start_in_tray.setter
    def start_in_tray(self, value: bool) -> None:
        self._set_truth("desktop/start_in_tray", value)

    @property
    def told_of_tray(self) -> bool:
        """Whether the user was told where the program stays."""
        return self._truth("desktop/told_of_tray")

    @told_of_tray.setter
    def told_of_tray(self, value: bool) -> None:
        self._set_truth("desktop/told_of_tray", value)

    def _factor(self, key: str) -> float:
        try:
            return min(5.0, max(0.25, float(self._text(key, "1.0"))))
        except ValueError:
            return 1.0

    def _truth(self, key: str) -> bool:
        return self._text(key) == "true"

    def _set_truth(self, key: str, value: bool) -> None:
        self._settings.setValue(key, str(value).lower())

    def _text(self, key: str, default: str = "") -> str:
        value = self._settings.value(key, default)
        return value if isinstance(value, str) else default


def _member(kind: type[Choice], value: str, default: Choice) -> Choice:
    return kind(value) if value in list(kind) else default
