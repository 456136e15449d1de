"""Every action of the main window in one table: what it is called, its key, its icon and who carries it out;
and which of them stand in which menu and bar.

A handler is written "receiver.method"; a name that does not exist fails when the window is built, not when
the key is pressed. Keys are Thunderbird's where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.composition import AnswerKind
from qtmail.ui.shared.icons import IconName


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


ANSWERS = {
    "message.reply": AnswerKind.REPLY,
    "message.reply_all": AnswerKind.REPLY_ALL,
    "message.reply_list": AnswerKind.REPLY_LIST,
    "message.forward": AnswerKind.FORWARD,
    "message.forward_attached": AnswerKind.FORWARD_ATTACHED,
    "message.redirect": AnswerKind.REDIRECT,
    "message.edit_as_new": AnswerKind.EDIT_AS_NEW,
}
"""The actions that make a new message of the one on display."""

ANSWER_ACTIONS = (
    ActionSpec("message.reply", "R&eply", "answer.reply", ("Ctrl+R",), IconName.REPLY),
    ActionSpec("message.reply_all", "Reply a&ll", "answer.reply_all", ("Ctrl+Shift+R",), IconName.REPLY_ALL),
    ActionSpec("message.reply_list", "Reply to l&ist", "answer.reply_list", ("Ctrl+Shift+L",)),
    ActionSpec("message.forward", "For&ward", "answer.forward", ("Ctrl+L",), IconName.FORWARD),
    ActionSpec("message.forward_attached", "Forward as a&ttachment", "answer.forward_attached"),
    ActionSpec("message.redirect", "Re&direct", "answer.redirect"),
    ActionSpec("message.edit_as_new", "Edit a&s new", "answer.edit_as_new", ("Ctrl+E",)),
)
"""The same in every window that shows a message."""

ANSWER_TOOLBAR = ("message.reply", "message.reply_all", "message.forward")

ACTIONS = (
    ActionSpec("file.new_message", "&New message", "writing.write", ("Ctrl+N",), IconName.NEW_MESSAGE),
    *ANSWER_ACTIONS,
    ActionSpec("file.check", "&Check mail", "window.check_mail", ("F5", "Shift+F5"), IconName.SYNC),
    ActionSpec("file.send_queued", "&Send queued messages now", "sending.send_queued", (), IconName.SEND),
    ActionSpec("file.open", "&Open message file…", "window.choose_eml", ("Ctrl+O",), IconName.OPEN),
    ActionSpec("file.quit", "&Quit", "presence.quit", ("Ctrl+Q",), IconName.QUIT),
    ActionSpec("edit.undo_move", "&Undo move", "moves.undo", ("Ctrl+Z",), IconName.UNDO),
    ActionSpec("message.delete", "&Delete", "moves.delete", ("Del",), IconName.DELETE),
    ActionSpec("message.delete_for_good", "Delete for &good…", "moves.delete_for_good", ("Shift+Del",)),
    ActionSpec("edit.select_all", "Select &all messages", "list.select_all", ("Ctrl+A",)),
    ActionSpec("edit.preferences", "&Preferences…", "preferences.open", ("Ctrl+,",)),
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
    ActionSpec("go.outbox", "&Outbox", "window.open_outbox", (), IconName.OUTBOX),
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
    ActionSpec("message.archive", "Arc&hive", "moves.archive", ("A",), IconName.ARCHIVE),
    ActionSpec("message.junk", "&Junk", "moves.mark_junk", ("J",), IconName.JUNK),
    ActionSpec("message.not_junk", "Not jun&k", "moves.mark_not_junk", ("Shift+J",), IconName.NOT_JUNK),
    ActionSpec("message.move", "Mo&ve to folder…", "moves.choose_folder", ("Ctrl+Shift+M",), IconName.MOVE),
    ActionSpec("message.download", "Downlo&ad the rest", "messages.download", (), IconName.MARK_ON_SERVER),
    ActionSpec("message.delete_on_server", "Delete o&n server…", "messages.delete_on_server"),
    ActionSpec("folder.new", "&New folder…", "folders.create", (), IconName.NEW_FOLDER),
    ActionSpec("folder.rename", "&Rename folder…", "folders.rename", ("F2",), IconName.EDIT),
    ActionSpec("folder.remove", "Re&move folder…", "folders.remove"),
    ActionSpec("folder.empty_trash", "&Empty Trash…", "folders.empty_trash", (), IconName.TRASH),
    ActionSpec("file.add_account", "&Add account…", "accounts.add_account", (), IconName.ADD_ACCOUNT),
    ActionSpec("account.settings", "Account &settings…", "settings.open", (), IconName.SETTINGS),
    ActionSpec("account.master_password", "Change &master password…", "sign_ins.change_master_password"),
    ActionSpec("account.identities", "&Identities and signatures…", "senders.edit_identities"),
    ActionSpec("account.templates", "&Templates…", "senders.edit_templates"),
    ActionSpec("account.undo_0", "Send at &once", "undo.at_once", group="undo"),
    ActionSpec("account.undo_5", "Sending can be undone for &5 seconds", "undo.five", group="undo"),
    ActionSpec("account.undo_10", "Sending can be undone for &10 seconds", "undo.ten", group="undo"),
    ActionSpec("account.undo_30", "Sending can be undone for &30 seconds", "undo.thirty", group="undo"),
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
FOLDER_MENU = ("folder.new", "folder.rename", "folder.remove", SEPARATOR, "folder.empty_trash")
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        (
            "file.new_message",
            "file.check",
            "file.send_queued",
            SEPARATOR,
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
        "&Edit",
        (
            "edit.undo_move",
            SEPARATOR,
            "message.delete",
            "message.delete_for_good",
            SEPARATOR,
            "edit.select_all",
            "message.find",
            SEPARATOR,
            "edit.preferences",
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
            "go.outbox",
            SEPARATOR,
            "go.next_pane",
            "go.previous_pane",
        ),
    ),
    (
        "&Message",
        (
            *ANSWERS,
            SEPARATOR,
            "message.open",
            SEPARATOR,
            "message.toggle_read",
            "message.read",
            "message.unread",
            "message.toggle_flag",
            SEPARATOR,
            "message.archive",
            "message.junk",
            "message.not_junk",
            "message.move",
            SEPARATOR,
            "message.download",
            "message.delete_on_server",
            SEPARATOR,
            "message.plain_text",
            "message.dark_paper",
            "message.source",
            "message.headers",
        ),
    ),
    ("F&older", FOLDER_MENU),
    (
        "&Account",
        (
            "file.add_account",
            "account.settings",
            SEPARATOR,
            "account.identities",
            "account.master_password",
            "account.templates",
            SEPARATOR,
            *("account.undo_0", "account.undo_5", "account.undo_10", "account.undo_30"),
        ),
    ),
    ("&Help", ("view.palette", SEPARATOR, "help.about")),
)
TOOLBAR = (
    "file.new_message",
    SEPARATOR,
    *ANSWER_TOOLBAR,
    SEPARATOR,
    "message.archive",
    "message.delete",
    "message.junk",
    "message.not_junk",
    SEPARATOR,
    "message.toggle_read",
    "message.toggle_flag",
)
TOOLBAR_RIGHT = (
    "file.check",
    SEPARATOR,
    "go.previous_unread",
    "go.next_unread",
    SEPARATOR,
    "view.cards",
    "view.columns",
    SEPARATOR,
    "view.palette",
)
CONTEXT_MENU = (
    "message.open",
    SEPARATOR,
    *ANSWERS,
    SEPARATOR,
    "message.read",
    "message.unread",
    "message.toggle_flag",
    SEPARATOR,
    "message.archive",
    "message.move",
    "message.junk",
    "message.not_junk",
    "message.delete",
    SEPARATOR,
    "message.save",
    "message.print",
    "message.source",
)
