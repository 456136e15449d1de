"""How qtmail looks: named colours for light and dark, the palette and style sheet made of them, the fonts.

One `Theme` is built by the composition root, applied to the application and handed down. Widgets that Qt
draws need nothing of it: they follow the palette and the style sheet. What qtmail draws itself (delegates,
HTML) asks `colors()` whenever it paints, and repaints on `changed`.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass, fields
from enum import StrEnum
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from qtmail.paths import resource


class ThemeMode(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Colors:
    """The colours of one appearance, by what they are for.

    Every text colour has a contrast of at least 4.5 to 1 (WCAG 2.2, level AA) on each ground it may stand on.

    Attributes:
        dark: whether this is the dark appearance.
        window: the ground of toolbars, dialogs and the status bar.
        surface: the ground of the message list and of messages.
        sidebar: the ground of the folder pane.
        raised: cards, menus, tool tips and input fields.
        border: hairlines between panes and around cards.
        outline: the edge of input fields and buttons (3 to 1, so that they can be found).
        text, muted: what is read first, and what is read second (previews, dates, counts).
        accent, accent_text: the default button and links; what stands on it.
        unread: the dot and date of an unread message.
        flag: the flag mark.
        warning, danger, success: text and icons of notices; each with the ground `..._ground`.
        notice_ground: the ground of a neutral notice strip.
        selection, selection_text: the selected row of a list that has the keyboard.
        selection_inactive: the selected row of a list without the keyboard.
        hover: the row or button under the pointer.
        highlight: the ground of found words.
        quote1 … quote4: quoted text by depth.
        avatars: grounds for a sender's initials, which are drawn in `avatar_text`.
    """

    dark: bool
    window: QColor
    surface: QColor
    sidebar: QColor
    raised: QColor
    border: QColor
    outline: QColor
    text: QColor
    muted: QColor
    accent: QColor
    accent_text: QColor
    unread: QColor
    flag: QColor
    warning: QColor
    warning_ground: QColor
    danger: QColor
    danger_ground: QColor
    success: QColor
    success_ground: QColor
    notice_ground: QColor
    selection: QColor
    selection_text: QColor
    selection_inactive: QColor
    hover: QColor
    highlight: QColor
    quote1: QColor
    quote2: QColor
    quote3: QColor
    quote4: QColor
    avatar_text: QColor
    avatars: tuple[QColor, ...]

    def quote(self, level: int) -> QColor:
        """The colour of text quoted `level` deep (1 and up); deeper levels begin anew."""
        return (self.quote1, self.quote2, self.quote3, self.quote4)[(level - 1) % 4]

    def avatar(self, address: str) -> QColor:
        """The colour that goes with a person, the same on every computer and in every session."""
        return self.avatars[zlib.crc32(address.casefold().encode()) % len(self.avatars)]

    def names(self) -> dict[str, str]:
        """Every single colour as `#rrggbb` under its name, to fill a style sheet with."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value.name() for name, value in values.items() if isinstance(value, QColor)}


def _avatars(names: str) -> tuple[QColor, ...]:
    return tuple(QColor(name) for name in names.split())


LIGHT = Colors(
    dark=False,
    window=QColor("#f7f8fa"),
    surface=QColor("#ffffff"),
    sidebar=QColor("#eef1f6"),
    raised=QColor("#ffffff"),
    border=QColor("#dfe3ea"),
    outline=QColor("#868e9c"),
    text=QColor("#1b2230"),
    muted=QColor("#596274"),
    accent=QColor("#2f5bd7"),
    accent_text=QColor("#ffffff"),
    unread=QColor("#2453cf"),
    flag=QColor("#b93f0c"),
    warning=QColor("#7d4e04"),
    warning_ground=QColor("#fdf3d9"),
    danger=QColor("#b3261e"),
    danger_ground=QColor("#fdecea"),
    success=QColor("#176638"),
    success_ground=QColor("#e6f5eb"),
    notice_ground=QColor("#edf1fa"),
    selection=QColor("#dfe9ff"),
    selection_text=QColor("#111a2e"),
    selection_inactive=QColor("#e6e9ef"),
    hover=QColor("#f0f3f8"),
    highlight=QColor("#ffe58a"),
    quote1=QColor("#3a5bb0"),
    quote2=QColor("#26703f"),
    quote3=QColor("#8a4a9c"),
    quote4=QColor("#96540f"),
    avatar_text=QColor("#ffffff"),
    avatars=_avatars("#3f63c8 #1f7a74 #8b4fb0 #b0483f #9a5a10 #3d7a35 #b03d78 #4b6179 #6a55c0 #1f74a0"),
)

DARK = Colors(
    dark=True,
    window=QColor("#1c1f26"),
    surface=QColor("#20242c"),
    sidebar=QColor("#191c22"),
    raised=QColor("#292e38"),
    border=QColor("#353b47"),
    outline=QColor("#7c8596"),
    text=QColor("#e7eaf0"),
    muted=QColor("#a5aebd"),
    accent=QColor("#8fb0ff"),
    accent_text=QColor("#0e1730"),
    unread=QColor("#8fb0ff"),
    flag=QColor("#ff9d66"),
    warning=QColor("#f3c969"),
    warning_ground=QColor("#3a3220"),
    danger=QColor("#ff9a90"),
    danger_ground=QColor("#412625"),
    success=QColor("#82d6a0"),
    success_ground=QColor("#20372a"),
    notice_ground=QColor("#272e3d"),
    selection=QColor("#2c3c63"),
    selection_text=QColor("#ffffff"),
    selection_inactive=QColor("#313743"),
    hover=QColor("#282d37"),
    highlight=QColor("#6b5a15"),
    quote1=QColor("#9db8ff"),
    quote2=QColor("#8fd3a5"),
    quote3=QColor("#dba6ec"),
    quote4=QColor("#eab676"),
    avatar_text=QColor("#10141c"),
    avatars=_avatars("#8fa9f2 #6cc4bc #c79be6 #ee9a91 #e0ab68 #8fc986 #ec94c0 #9fb3ca #b3a4f5 #79bde2"),
)


class Theme(QObject):
    """The appearance in force.

    Signals:
        changed: the colours are others now, by the user's choice or because the system went dark or light.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = ThemeMode.SYSTEM
        self._colors = LIGHT
        self._app: QApplication | None = None

    @property
    def mode(self) -> ThemeMode:
        return self._mode

    def colors(self) -> Colors:
        return self._colors

    def apply(self, app: QApplication, mode: ThemeMode = ThemeMode.SYSTEM) -> None:
        """Give the application this appearance; called at start and when the user chooses another."""
        self._mode = mode
        hints = app.styleHints()
        if self._app is None:
            self._app = app
            app.setStyle("Fusion")
            app.setFont(interface_font())
            hints.colorSchemeChanged.connect(self._system_changed)
        if mode is ThemeMode.SYSTEM:
            hints.unsetColorScheme()
        else:
            # The title bar is drawn by the system and HTML by WebEngine: both learn the choice from here.
            hints.setColorScheme(Qt.ColorScheme.Dark if mode is ThemeMode.DARK else Qt.ColorScheme.Light)
        self._use(self._wanted())

    def _wanted(self) -> Colors:
        if self._mode is ThemeMode.SYSTEM:
            return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode is ThemeMode.DARK else LIGHT

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        colors = self._wanted()
        if colors is not self._colors:
            self._use(colors)

    def _use(self, colors: Colors) -> None:
        assert self._app is not None
        self._colors = colors
        self._app.setPalette(palette(colors))
        self._app.setStyleSheet(style_sheet(colors))
        self.changed.emit()


def palette(colors: Colors) -> QPalette:
    """The palette that Fusion draws with."""
    role = QPalette.ColorRole
    result = QPalette(colors.window)
    pairs = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.surface,
        role.AlternateBase: colors.hover,
        role.Text: colors.text,
        role.PlaceholderText: colors.muted,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.danger,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.accent_text,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.LinkVisited: colors.quote3,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.Mid: colors.border,
    }
    for name, color in pairs.items():
        result.setColor(name, color)
    faint = QColor(colors.muted)
    faint.setAlphaF(0.55)
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, faint)
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colors.selection_inactive)
    return result


def style_sheet(colors: Colors) -> str:
    """The application's style sheet: resources/style/qtmail.qss with each `$name` replaced by its colour."""
    directory = resource("style")
    names = colors.names() | {
        "images": directory.as_posix(),
        "appearance": "dark" if colors.dark else "light",
    }
    return Template((directory / "qtmail.qss").read_text("utf-8")).substitute(names)


_CJK_FAMILIES = {
    "win32": (
        "Microsoft YaHei UI",
        "Microsoft YaHei",
        "Microsoft JhengHei UI",
        "Yu Gothic UI",
        "Malgun Gothic",
    ),
    "darwin": ("PingFang SC", "PingFang TC", "Hiragino Sans", "Apple SD Gothic Neo"),
}
_CJK_FAMILIES_ELSEWHERE = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei")


def font_families() -> tuple[str, ...]:
    """The system's interface font, followed by families that can write Chinese, Japanese and Korean."""
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    return (family, *_CJK_FAMILIES.get(sys.platform, _CJK_FAMILIES_ELSEWHERE))


def interface_font() -> QFont:
    """The system's interface font in the system's size, able to write Chinese, Japanese and Korean."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFamilies(font_families())
    return font


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())
