"""Every action of the main window in one table: what it is called, its key, its icon and who carries it out.

Menus, toolbar, context menu and command palette are made from this table and hold nothing of their own. A
handler is written "receiver.method"; a name that does not exist fails when the window is built, not when
the key is pressed. Keys are Thunderbird's where it has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.ui.shared.icons import IconName, icon


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table.

    Attributes:
        id: "area.name"; never shown.
        text: what menus say, with the mnemonic marked by "&".
        handler: "receiver.method", called without arguments.
        keys: key sequences in Qt's portable notation; the first one is shown.
        group: actions of one group are choices, of which one is checked.
        checkable: keeps a state of its own.
    """

    id: str
    text: str
    handler: str
    keys: tuple[str, ...] = ()
    icon: IconName | None = None
    group: str = ""
    checkable: bool = False


ACTIONS = (
    ActionSpec("file.check", "&Check mail", "window.check_mail", ("F5", "Shift+F5"), IconName.SYNC),
    ActionSpec("file.add_account", "&Add account…", "accounts.add_account", (), IconName.ADD_ACCOUNT),
    ActionSpec("file.open", "&Open message file…", "window.choose_eml", ("Ctrl+O",), IconName.OPEN),
    ActionSpec("file.quit", "&Quit", "window.close", ("Ctrl+Q",), IconName.QUIT),
    ActionSpec("edit.select_all", "Select &all messages", "list.select_all", ("Ctrl+A",)),
    ActionSpec(
        "view.cards", "&Cards", "view.show_cards", ("Ctrl+Shift+1",), IconName.VIEW_CARDS, group="list"
    ),
    ActionSpec(
        "view.columns",
        "C&olumns",
        "view.show_columns",
        ("Ctrl+Shift+2",),
        IconName.VIEW_COLUMNS,
        group="list",
    ),
    ActionSpec("view.right", "Message on the &right", "view.message_right", (), group="layout"),
    ActionSpec("view.below", "Message &below the list", "view.message_below", (), group="layout"),
    ActionSpec("view.system", "As the &system", "view.theme_system", (), group="theme"),
    ActionSpec("view.light", "&Light", "view.theme_light", (), IconName.LIGHT_MODE, group="theme"),
    ActionSpec("view.dark", "&Dark", "view.theme_dark", (), IconName.DARK_MODE, group="theme"),
    ActionSpec("view.filter_unread", "Only &unread", "filter.toggle_unread", ("Ctrl+Shift+U",)),
    ActionSpec("view.filter_flagged", "Only &flagged", "filter.toggle_flagged", ("Ctrl+Shift+S",)),
    ActionSpec(
        "view.filter_attachment", "Only with a&ttachments", "filter.toggle_attachment", ("Ctrl+Shift+T",)
    ),
    ActionSpec("view.filter_none", "Sho&w all messages", "filter.reset", ("Ctrl+Shift+K",)),
    ActionSpec(
        "view.activity",
        "Acti&vity",
        "window.toggle_activity",
        ("Ctrl+Shift+J",),
        IconName.ACTIVITY,
        checkable=True,
    ),
    ActionSpec(
        "view.palette", "&Find a command…", "view.open_palette", ("Ctrl+K", "Ctrl+Shift+P"), IconName.SEARCH
    ),
    ActionSpec("go.next", "&Next message", "list.select_next", ("F",)),
    ActionSpec("go.previous", "&Previous message", "list.select_previous", ("B",)),
    ActionSpec("go.next_unread", "Next &unread", "list.select_next_unread", ("N",), IconName.NEXT),
    ActionSpec(
        "go.previous_unread", "Pre&vious unread", "list.select_previous_unread", ("P",), IconName.BACK
    ),
    ActionSpec("go.next_pane", "Next p&ane", "view.focus_next_pane", ("F6",)),
    ActionSpec("go.previous_pane", "Previous pan&e", "view.focus_previous_pane", ("Shift+F6",)),
    ActionSpec(
        "message.open", "&Open in a window", "messages.open_selected", ("Ctrl+Return",), IconName.OPEN
    ),
    ActionSpec("message.read", "Mark as &read", "messages.mark_read", (), IconName.MARK_READ),
    ActionSpec("message.unread", "Mark as &unread", "messages.mark_unread", (), IconName.MARK_UNREAD),
    ActionSpec(
        "message.toggle_read",
        "&Mark as read or unread",
        "messages.toggle_read",
        ("M",),
        IconName.MARK_READ,
    ),
    ActionSpec(
        "message.toggle_flag", "&Flag or remove the flag", "messages.toggle_flag", ("S",), IconName.FLAG
    ),
    ActionSpec("help.about", "&About qtmail", "view.show_about", (), IconName.INFO),
)

MESSAGE_VIEW_ACTIONS = {
    "message.find": "find",
    "message.zoom_in": "zoom_in",
    "message.zoom_out": "zoom_out",
    "message.zoom_reset": "zoom_reset",
    "message.plain_text": "plain_text",
    "message.dark_paper": "dark_paper",
    "message.print": "print",
    "message.save_pdf": "save_pdf",
    "message.save": "save_message",
    "message.source": "view_source",
    "message.headers": "view_headers",
}
"""Actions the reading pane brings itself, under the ids they have here."""

SEPARATOR = ""
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        (
            "file.check",
            SEPARATOR,
            "file.add_account",
            "file.open",
            SEPARATOR,
            "message.save",
            "message.save_pdf",
            "message.print",
            SEPARATOR,
            "file.quit",
        ),
    ),
    (
        "&View",
        (
            "view.cards",
            "view.columns",
            SEPARATOR,
            "view.right",
            "view.below",
            SEPARATOR,
            "view.filter_unread",
            "view.filter_flagged",
            "view.filter_attachment",
            "view.filter_none",
            SEPARATOR,
            "message.zoom_in",
            "message.zoom_out",
            "message.zoom_reset",
            SEPARATOR,
            "view.system",
            "view.light",
            "view.dark",
            SEPARATOR,
            "view.activity",
        ),
    ),
    (
        "&Go",
        (
            "go.next",
            "go.previous",
            SEPARATOR,
            "go.next_unread",
            "go.previous_unread",
            SEPARATOR,
            "go.next_pane",
            "go.previous_pane",
        ),
    ),
    (
        "&Message",
        (
            "message.open",
            SEPARATOR,
            "message.toggle_read",
            "message.read",
            "message.unread",
            "message.toggle_flag",
            SEPARATOR,
            "edit.select_all",
            "message.find",
            SEPARATOR,
            "message.plain_text",
            "message.dark_paper",
            "message.source",
            "message.headers",
        ),
    ),
    ("&Help", ("view.palette", SEPARATOR, "help.about")),
)
TOOLBAR = (
    "file.check",
    SEPARATOR,
    "message.toggle_read",
    "message.toggle_flag",
    SEPARATOR,
    "go.previous_unread",
    "go.next_unread",
)
TOOLBAR_RIGHT = (
    "message.zoom_out",
    "message.zoom_in",
    "message.print",
    SEPARATOR,
    "view.cards",
    "view.columns",
    SEPARATOR,
    "view.palette",
)
CONTEXT_MENU = (
    "message.open",
    SEPARATOR,
    "message.read",
    "message.unread",
    "message.toggle_flag",
    SEPARATOR,
    "message.save",
    "message.print",
    "message.source",
)


class Actions:
    """The actions of one window, by id.

    Args:
        owner: the window; its shortcuts work while it is active.
        receivers: the objects the handlers of the table name.
        borrowed: actions made elsewhere, to be listed with the others.
    """

    def __init__(
        self, owner: QWidget, receivers: Mapping[str, object], borrowed: Mapping[str, QAction]
    ) -> None:
        self._owner = owner
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {spec.id: self._make(spec, receivers) for spec in ACTIONS} | dict(borrowed)

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def fill(self, place: QWidget, ids: tuple[str, ...]) -> None:
        """Put actions into a menu or toolbar, in this order."""
        for action_id in ids:
            if action_id == SEPARATOR:
                separator = QAction(place)
                separator.setSeparator(True)
                place.addAction(separator)
            else:
                place.addAction(self._actions[action_id])

    def menu(self, title: str, ids: tuple[str, ...]) -> QMenu:
        """A menu with these actions."""
        menu = QMenu(_words(title), self._owner)
        self.fill(menu, ids)
        return menu

    def _make(self, spec: ActionSpec, receivers: Mapping[str, object]) -> QAction:
        action = QAction(_words(spec.text), self._owner)
        action.setObjectName(spec.id)
        if spec.icon is not None:
            action.setIcon(icon(spec.icon))
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.checkable or bool(spec.group))
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self._owner))
            group.addAction(action)
        action.setToolTip(_tool_tip(action))
        receiver, _, method = spec.handler.partition(".")
        handler = getattr(receivers[receiver], method)
        action.triggered.connect(lambda _checked: handler())
        self._owner.addAction(action)
        return action


def plain_text(action: QAction) -> str:
    """The text of an action without the mark of its mnemonic."""
    return action.text().replace("&", "").removesuffix("…")


def _tool_tip(action: QAction) -> str:
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{plain_text(action)} ({key})" if key else plain_text(action)


def _words(text: str) -> str:
    return QCoreApplication.translate("Actions", text)
