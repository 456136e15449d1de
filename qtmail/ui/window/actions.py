"""Makes the actions of a window out of the table, and the menus and bars out of the actions.

Menus, toolbar, context menu and command palette hold nothing of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.ui.shared.icons import icon
from qtmail.ui.window.action_table import SEPARATOR, ActionSpec

_ROLES = {
    "edit.preferences": QAction.MenuRole.PreferencesRole,
    "file.quit": QAction.MenuRole.QuitRole,
    "help.about": QAction.MenuRole.AboutRole,
}
"""What macOS puts into the application menu; all else stays where it is, whatever its words."""


class Actions:
    """The actions of one window, by id.

    Args:
        owner: the window; its shortcuts work while it is active.
        specs: the rows of the table this window has actions for.
        receivers: the objects the handlers of the table name.
        borrowed: actions made elsewhere, to be listed with the others.
    """

    def __init__(
        self,
        owner: QWidget,
        specs: Sequence[ActionSpec],
        receivers: Mapping[str, object],
        borrowed: Mapping[str, QAction],
    ) -> None:
        self._owner = owner
        self._groups: dict[str, QActionGroup] = {}
        self._reasons: dict[str, str] = {}
        self._actions = {spec.id: self._make(spec, receivers) for spec in specs} | dict(borrowed)

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def fill(self, place: QWidget, ids: Sequence[str]) -> None:
        """Put actions into a menu or toolbar, in this order."""
        for action_id in ids:
            if action_id == SEPARATOR:
                separator = QAction(place)
                separator.setSeparator(True)
                place.addAction(separator)
            else:
                place.addAction(self._actions[action_id])

    def allow(self, action_id: str, allowed: bool, why_not: str = "") -> None:
        """Whether an action can be carried out now, and, where it cannot, why not."""
        action = self._actions[action_id]
        action.setEnabled(allowed)
        action.setToolTip(_tool_tip(action) if allowed or not why_not else why_not)
        self._reasons[action_id] = "" if allowed else why_not

    def why_not(self, keys: QKeySequence) -> str:
        """Why the action with these keys cannot be carried out now; "" if it can, or there is none."""
        reasons = (
            why for id_, why in self._reasons.items() if why and keys in self._actions[id_].shortcuts()
        )
        return next(reasons, "")

    def menu(self, title: str, ids: Sequence[str]) -> QMenu:
        """A menu with these actions."""
        menu = QMenu(_words(title), self._owner)
        self.fill(menu, ids)
        return menu

    def _make(self, spec: ActionSpec, receivers: Mapping[str, object]) -> QAction:
        action = QAction(_words(spec.text), self._owner)
        action.setObjectName(spec.id)
        action.setMenuRole(_ROLES.get(spec.id, QAction.MenuRole.NoRole))
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
