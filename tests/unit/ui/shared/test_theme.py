"""The theme: readable in light and dark, and every part of it follows a change."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.paths import resource
from qtmail.ui.shared.theme import (
    DARK,
    LIGHT,
    Colors,
    Theme,
    ThemeMode,
    contrast,
    font_families,
    palette,
    style_sheet,
)

GROUNDS = ("window", "surface", "sidebar", "raised", "hover", "selection_inactive", "notice_ground")
QUOTES = ("quote1", "quote2", "quote3", "quote4")
TEXTS = ("text", "muted", "accent", "unread", "flag", "warning", "danger", "success", *QUOTES)
AA_TEXT = 4.5
AA_CONTROL = 3.0

both = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """A theme; the application gets back the look it had."""
    style, colors, sheet, font = qapp.style().name(), qapp.palette(), qapp.styleSheet(), qapp.font()
    yield Theme()
    qapp.styleHints().unsetColorScheme()
    qapp.setStyleSheet(sheet)
    qapp.setStyle(style)
    qapp.setPalette(colors)
    qapp.setFont(font)


@both
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable_on_every_ground(colors: Colors, text: str) -> None:
    for ground in GROUNDS:
        assert contrast(getattr(colors, text), getattr(colors, ground)) >= AA_TEXT, ground


@both
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("selection_text", "selection"),
        ("muted", "selection"),
        ("unread", "selection"),
        ("flag", "selection"),
        ("accent", "selection"),
        ("accent_text", "accent"),
        ("warning", "warning_ground"),
        ("text", "warning_ground"),
        ("danger", "danger_ground"),
        ("text", "danger_ground"),
        ("success", "success_ground"),
        ("text", "success_ground"),
        ("text", "highlight"),
    ],
)
def test_text_is_readable_on_its_own_ground(colors: Colors, text: str, ground: str) -> None:
    assert contrast(getattr(colors, text), getattr(colors, ground)) >= AA_TEXT


@both
def test_initials_are_readable_and_controls_can_be_found(colors: Colors) -> None:
    assert all(contrast(colors.avatar_text, avatar) >= AA_TEXT for avatar in colors.avatars)
    assert all(contrast(colors.outline, getattr(colors, ground)) >= AA_CONTROL for ground in GROUNDS[:2])


def test_contrast_of_black_and_white_is_the_greatest() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


def test_a_sender_keeps_their_colour() -> None:
    assert LIGHT.avatar("Anna@x.test") == LIGHT.avatar("anna@X.test")
    assert LIGHT.avatars.index(LIGHT.avatar("a@x.test")) == DARK.avatars.index(DARK.avatar("a@x.test"))


def test_quote_colours_begin_anew() -> None:
    assert LIGHT.quote(1) == LIGHT.quote(5) == LIGHT.quote1
    assert LIGHT.quote(4) == LIGHT.quote4


@both
def test_the_style_sheet_is_complete(qapp: QApplication, colors: Colors) -> None:
    sheet = style_sheet(colors)
    assert "$" not in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    images = re.findall(r'url\("(.+?)"\)', sheet)
    assert images and all(resource("style", image).is_file() for image in images)


@both
def test_the_palette_carries_the_colours(colors: Colors) -> None:
    made = palette(colors)
    assert made.color(QPalette.ColorRole.Base) == colors.surface
    assert made.color(QPalette.ColorRole.ButtonText) == colors.text
    assert made.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText) != colors.text


def test_applying_a_mode_changes_all_and_tells(qapp: QApplication, qtbot: QtBot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.apply(qapp, ThemeMode.DARK)
    assert theme.colors() is DARK and theme.mode is ThemeMode.DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
    assert DARK.border.name() in qapp.styleSheet()
    with qtbot.waitSignal(theme.changed):
        theme.apply(qapp, ThemeMode.LIGHT)
    assert theme.colors() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.window


def test_the_system_is_followed_until_the_user_chooses(
    qapp: QApplication, qtbot: QtBot, theme: Theme
) -> None:
    theme.apply(qapp, ThemeMode.SYSTEM)
    system = qapp.styleHints().colorScheme()
    assert theme.colors() is (DARK if system == Qt.ColorScheme.Dark else LIGHT)
    theme.apply(qapp, ThemeMode.DARK)
    with qtbot.assertNotEmitted(theme.changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.colors() is DARK


def test_fonts_begin_with_the_systems_own_and_know_chinese(qapp: QApplication, theme: Theme) -> None:
    theme.apply(qapp, ThemeMode.LIGHT)
    assert qapp.font().families() == list(font_families())
    assert len(font_families()) > 1
