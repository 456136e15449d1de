"""What can be done in a composer window, apart from the looks of the text: one table, menus and toolbar of
it.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from qtmail.ui.composer.editor import Editor
from qtmail.ui.shared.icons import IconName, icon
from qtmail.ui.window.action_table import SEPARATOR, ActionSpec
from qtmail.ui.window.actions import plain_text

ACTIONS = (
    ActionSpec("send", "&Send", "window.send", ("Ctrl+Return", "Ctrl+Enter"), IconName.SEND),
    ActionSpec(
        "send_later", "Send &later…", "window.send_later", ("Ctrl+Shift+Return",), IconName.SEND_LATER
    ),
    ActionSpec("attach", "&Attach…", "insert.ask_for_files", ("Ctrl+Shift+A",), IconName.ATTACH),
    ActionSpec("save", "Save &draft", "window.save", ("Ctrl+S",), IconName.SAVE_DRAFT),
    ActionSpec("discard", "Dis&card", "window.discard", ("Ctrl+Shift+D",), IconName.DELETE),
    ActionSpec("close", "Save and cl&ose", "window.close", ("Ctrl+W",)),
    ActionSpec("undo", "&Undo", "edit.undo", ("Ctrl+Z",), IconName.UNDO),
    ActionSpec("redo", "&Redo", "edit.redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    ActionSpec("cut", "Cu&t", "edit.cut"),
    ActionSpec("copy", "&Copy", "edit.copy", (), IconName.COPY),
    ActionSpec("paste", "&Paste", "edit.paste"),
    ActionSpec("paste_text", "Paste &without formatting", "edit.paste_text", ("Ctrl+Shift+V",)),
    ActionSpec("select_all", "Select &all", "edit.selectAll"),
    ActionSpec("next_part", "&Next part of the window", "parts.focus_next", ("F6",)),
    ActionSpec("previous_part", "Pre&vious part of the window", "parts.focus_previous", ("Shift+F6",)),
    ActionSpec("plain", "&Plain text", "options.switch_plain", checkable=True),
    ActionSpec("monospace", "Letters of one &width", "options.switch_monospace", checkable=True),
    ActionSpec(
        "plain_always", "Start &new messages in plain text", "options.switch_plain_always", checkable=True
    ),
    ActionSpec("zoom_in", "&Larger text", "options.zoom_in", ("Ctrl++", "Ctrl+="), IconName.ZOOM_IN),
    ActionSpec("zoom_out", "S&maller text", "options.zoom_out", ("Ctrl+-",), IconName.ZOOM_OUT),
    ActionSpec("zoom_reset", "Natural si&ze", "options.zoom_reset", ("Ctrl+0",)),
    ActionSpec("receipt", "Ask for a &read receipt", "window.options_changed", checkable=True),
    ActionSpec("delivery", "Ask for a &delivery report", "window.options_changed", checkable=True),
)
MESSAGE_MENU = (
    *("send", "send_later", SEPARATOR, "attach", SEPARATOR),
    *("save", "discard", SEPARATOR, "close"),
)
EDIT_MENU = (
    *("undo", "redo", SEPARATOR, "cut", "copy", "paste", "paste_text", SEPARATOR, "select_all", SEPARATOR),
    *("next_part", "previous_part"),
)
OPTIONS_MENU = (
    *("receipt", "delivery", SEPARATOR, "plain", "plain_always", "monospace", SEPARATOR),
    *("zoom_in", "zoom_out", "zoom_reset"),
)
TOOLBAR = ("send", "send_later", SEPARATOR, "attach", SEPARATOR, "save", "discard")
WHILE_SENDING = frozenset({"close", "copy", "select_all", "zoom_in", "zoom_out", "zoom_reset"})
"""What stays possible while a message is being prepared."""


class FocusedField:
    """Undo, cut, copy and paste in the field that has the keyboard; in the text where none has."""

    def __init__(self, window: QWidget, editor: Editor) -> None:
        self._window = window
        self._editor = editor

    def undo(self) -> None:
        self._field().undo()

    def redo(self) -> None:
        self._field().redo()

    def cut(self) -> None:
        self._field().cut()

    def copy(self) -> None:
        self._field().copy()

    def paste(self) -> None:
        self._field().paste()

    def selectAll(self) -> None:
        self._field().selectAll()

    def paste_text(self) -> None:
        field = self._field()
        if isinstance(field, Editor):
            field.paste_text()
        else:
            field.paste()

    def _field(self) -> QLineEdit | Editor:
        focused = self._window.focusWidget()
        return focused if isinstance(focused, QLineEdit | Editor) else self._editor


class ComposerActions:
    """The actions of one composer window, by id. Handlers are looked up once: a name that does not exist
    fails when the window is built.
    """

    def __init__(self, owner: QWidget, receivers: dict[str, object]) -> None:
        self._actions = {spec.id: self._make(spec, owner, receivers) for spec in ACTIONS}

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def fill(self, place: QWidget, ids: tuple[str, ...]) -> None:
        """Put actions into a menu or toolbar, in this order."""
        for action_id in ids:
            if action_id == SEPARATOR:
                separator = QAction(place)
                separator.setSeparator(True)
                place.addAction(separator)
            else:
                place.addAction(self._actions[action_id])

    def set_sending(self, sending: bool) -> None:
        """Whether the message is being prepared, and must stay as it is."""
        for action_id, action in self._actions.items():
            action.setEnabled(not sending or action_id in WHILE_SENDING)

    def _make(self, spec: ActionSpec, owner: QWidget, receivers: dict[str, object]) -> QAction:
        action = QAction(words(spec.text), owner)
        action.setObjectName(spec.id)
        if spec.icon is not None:
            action.setIcon(icon(spec.icon))
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.checkable)
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{plain_text(action)} ({key})" if key else plain_text(action))
        receiver, _, method = spec.handler.partition(".")
        handler = getattr(receivers[receiver], method)
        action.triggered.connect(lambda _checked: handler())
        owner.addAction(action)
        return action


def words(text: str) -> str:
    """A text of the tables above in the user's language."""
    return QCoreApplication.translate("ComposerActions", text)
