"""The buttons above the text that change its looks; the menu *Format* holds the same actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QIcon, QKeySequence, QPixmap, QTextCharFormat
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from qtmail.ui.composer import text_commands
from qtmail.ui.composer.document_html import is_code, quote_level
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.rich_text import LineKind
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.shared.tool_bar import ToolBar

TEXT_COLORS = (
    ("Red", "#d9363e"),
    ("Orange", "#b8570a"),
    ("Green", "#2e8540"),
    ("Blue", "#2f6fe0"),
    ("Purple", "#8e4ec6"),
    ("Grey", "#6b7280"),
)
"""Colours that can be read on white, where most recipients read, and made out on a dark ground."""


@dataclass(frozen=True, slots=True)
class _Button:
    """One action: what it is called, its icon and key, and whether it is on or off at the cursor."""

    id: str
    text: str
    icon: IconName
    key: str = ""
    checkable: bool = False


_BUTTONS = (
    _Button("bold", "&Bold", IconName.BOLD, "Ctrl+B", True),
    _Button("italic", "&Italic", IconName.ITALIC, "Ctrl+I", True),
    _Button("underline", "&Underline", IconName.UNDERLINE, "Ctrl+U", True),
    _Button("strike", "&Strikethrough", IconName.STRIKE, "Ctrl+Shift+X", True),
    _Button("color", "Text &colour", IconName.TEXT_COLOR),
    _Button("bullets", "Bulle&ted list", IconName.LIST_BULLETS, "Ctrl+Shift+8", True),
    _Button("numbers", "&Numbered list", IconName.LIST_NUMBERS, "Ctrl+Shift+7", True),
    _Button("quote", "&Quote", IconName.QUOTE, "Ctrl+Shift+9", True),
    _Button("code", "C&ode", IconName.CODE, "Ctrl+Shift+M", True),
    _Button("link", "&Link…", IconName.LINK, "Ctrl+K"),
    _Button("picture", "Pictu&re…", IconName.SHOW_IMAGES, "Ctrl+Shift+P"),
    _Button("clear", "Clear &formatting", IconName.CLEAR_FORMAT, "Ctrl+\\"),
)
_GROUPS = (
    ("bold", "italic", "underline", "strike", "color"),
    ("bullets", "numbers", "quote", "code"),
    ("link", "picture"),
    ("clear",),
)


class FormatToolbar(ToolBar):
    """Acts on one editor, and shows the looks at its cursor.

    Signals:
        link_wanted, picture_wanted: the user wants to put one in; the window asks for the rest.
    """

    link_wanted = Signal()
    picture_wanted = Signal()

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._editor = editor
        self._actions = {button.id: self._make(button) for button in _BUTTONS}
        self._colors = self._color_menu()
        self._actions["color"].setMenu(self._colors)
        self.setIconSize(QSize(18, 18))
        self.setWindowTitle(self.tr("Formatting"))
        self._lay_out()
        editor.currentCharFormatChanged.connect(self._show_looks)
        editor.cursorPositionChanged.connect(self._show_line)
        editor.textChanged.connect(self._show_line)
        self._show_line()

    def action(self, name: str) -> QAction:
        """One of the actions: "bold", "italic", "link" …"""
        return self._actions[name]

    def fill(self, menu: QMenu) -> None:
        """Put all actions into a menu."""
        for number, group in enumerate(_GROUPS):
            if number:
                menu.addSeparator()
            for name in group:
                menu.addAction(self._actions[name])

    def set_usable(self, usable: bool) -> None:
        """Whether the text can have looks; the bar shows only then."""
        self.setVisible(usable)
        for action in self._actions.values():
            action.setEnabled(usable)

    def _make(self, button: _Button) -> QAction:
        action = QAction(icon(button.icon), self.tr(button.text), self)
        action.setObjectName(f"format.{button.id}")
        action.setCheckable(button.checkable)
        action.setShortcut(QKeySequence(button.key))
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        name = action.text().replace("&", "").removesuffix("…")
        action.setToolTip(f"{name} ({key})" if key else name)
        act = self._commands()[button.id]
        action.triggered.connect(lambda on: self._act(act, on))
        return action

    def _act(self, act: Callable[[bool], None], on: bool) -> None:
        act(on)
        self._editor.setFocus()
        self._show_line()

    def _commands(self) -> dict[str, Callable[[bool], None]]:
        edit = self._editor
        return {
            "bold": lambda on: text_commands.set_bold(edit, on),
            "italic": lambda on: text_commands.set_italic(edit, on),
            "underline": lambda on: text_commands.set_underline(edit, on),
            "strike": lambda on: text_commands.set_strike(edit, on),
            "color": lambda _on: None,
            "bullets": lambda _on: text_commands.toggle_list(edit, LineKind.BULLET),
            "numbers": lambda _on: text_commands.toggle_list(edit, LineKind.NUMBER),
            "quote": lambda _on: text_commands.toggle_quote(edit),
            "code": lambda _on: text_commands.toggle_code(edit),
            "link": lambda _on: self.link_wanted.emit(),
            "picture": lambda _on: self.picture_wanted.emit(),
            "clear": lambda _on: text_commands.clear_formatting(edit),
        }

    def _lay_out(self) -> None:
        for number, group in enumerate(_GROUPS):
            if number:
                self.addSeparator()
            for name in group:
                self.addAction(self._actions[name])
        for action in self._actions.values():
            button = self.widgetForAction(action)
            button.setAccessibleName(action.toolTip())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if action.menu() is not None and isinstance(button, QToolButton):
                button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _color_menu(self) -> QMenu:
        menu = QMenu(self.tr("Text colour"), self)
        menu.addAction(self.tr("Automatic"), lambda: self._use_color(None))
        for name, value in TEXT_COLORS:
            color = QColor(value)
            menu.addAction(_swatch(color), self.tr(name), lambda color=color: self._use_color(color))
        menu.addSeparator()
        menu.addAction(self.tr("Other…"), self._ask_color)
        return menu

    def _use_color(self, color: QColor | None) -> None:
        text_commands.set_color(self._editor, color, self._editor.inks())
        self._editor.setFocus()

    def _ask_color(self) -> None:
        dialog = QColorDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._use_color)
        dialog.open()

    def _show_looks(self, looks: QTextCharFormat) -> None:
        self._actions["bold"].setChecked(looks.fontWeight() >= QFont.Weight.DemiBold)
        self._actions["italic"].setChecked(looks.fontItalic())
        self._actions["underline"].setChecked(looks.fontUnderline() and not looks.isAnchor())
        self._actions["strike"].setChecked(looks.fontStrikeOut())

    def _show_line(self) -> None:
        cursor = self._editor.textCursor()
        kind = text_commands.list_kind(cursor.block())
        self._actions["bullets"].setChecked(kind is LineKind.BULLET)
        self._actions["numbers"].setChecked(kind is LineKind.NUMBER)
        self._actions["quote"].setChecked(quote_level(cursor.block()) > 0)
        self._actions["code"].setChecked(is_code(cursor.block()) or cursor.charFormat().fontFixedPitch())
        self._show_looks(self._editor.currentCharFormat())


def _swatch(color: QColor) -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(color)
    return QIcon(pixmap)
