"""The main window: puts the panes together, joins them to the mail service, and remembers how the user left
them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget

from qtmail.domain.composition import AnswerKind
from qtmail.domain.events import ChangeKind, Problem, StoreChange
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag, MessageRow, SortKey
from qtmail.errors import QtmailError
from qtmail.models.folder_nodes import FolderNode, NodeKind
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.message_list import MessageListModel
from qtmail.ui.accounts.sender_prompts import SenderPrompts
from qtmail.ui.activity.activity_panel import ActivityPanel
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.activity.status_bar import StatusBar
from qtmail.ui.activity.work_sentences import summary
from qtmail.ui.folders.folder_pane import FolderPane
from qtmail.ui.message_list.message_list_pane import MessageListPane
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.preferences.preferences_prompt import PreferencesPrompt
from qtmail.ui.shared.passing_notice import show_passing_notice
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.accounts import Accounts
from qtmail.ui.window.action_table import ACTIONS, CONTEXT_MENU, FOLDER_MENU, MENUS, MESSAGE_VIEW_ACTIONS
from qtmail.ui.window.actions import Actions
from qtmail.ui.window.folder_commands import FolderCommands
from qtmail.ui.window.message_commands import MessageCommands
from qtmail.ui.window.message_standing import MessageStanding
from qtmail.ui.window.message_windows import MessageWindows, message_files
from qtmail.ui.window.move_actions import MoveActions
from qtmail.ui.window.move_commands import MoveCommands
from qtmail.ui.window.panes import Panes
from qtmail.ui.window.preferences import preferences, take_preferences
from qtmail.ui.window.presence import Presence
from qtmail.ui.window.reading import Reading
from qtmail.ui.window.remainder import Remainder
from qtmail.ui.window.selection_actions import SelectionActions
from qtmail.ui.window.sending import Sending
from qtmail.ui.window.toolbar import MainToolBar
from qtmail.ui.window.tray import SystemArea, Tray
from qtmail.ui.window.undo_choice import UndoChoice
from qtmail.ui.window.view_commands import ViewCommands
from qtmail.ui.window.welcome_page import WelcomePage
from qtmail.ui.window.window_state import WindowState
from qtmail.ui.window.writing import Writing

if TYPE_CHECKING:
    from qtmail.mime.message import ParsedMessage
    from qtmail.ui.composer.composers import Composers
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService

_DEFAULT_SIZE = QSize(1280, 800)
_FRAME = QSize(2, 40)
"""Pixels left on a small screen for the frame and the title that the desktop gives to a window."""
_REASON_MS = 8000
_FOR_ACTIONS = {ChangeKind.ACCOUNTS, ChangeKind.FOLDERS, ChangeKind.COUNTS, ChangeKind.BODIES}
"""Changes after which other things can be done with messages and folders."""


class MainWindow(QMainWindow):
    """Folders, list and message; everything long-lived is handed in.

    Args:
        composers: opens the windows in which messages are written.
        make_view: makes a reading pane, for this window and for those of single messages.

    Attributes:
        presence: shows and hides the window, in place of `show` and `close`.

    Signals:
        demo_requested: the user, who has no account yet, wants to look at the demo mailbox.
        left: all windows are closed, and the program is to end.
    """

    demo_requested = Signal()
    left = Signal()

    def __init__(
        self,
        service: MailService,
        compose: ComposeService,
        composers: Composers,
        folders: FolderTreeModel,
        messages: MessageListModel,
        theme: Theme,
        state: WindowState,
        make_view: Callable[[], MessageView],
    ) -> None:
        super().__init__()
        self._service = service
        self._folders = folders
        self._messages = messages
        self._state = state
        self.setWindowTitle("qtmail")
        self.setAcceptDrops(True)
        self._make_panes(theme, make_view)
        self._make_accounts(compose, theme, make_view)
        self._make_commands(theme)
        self._make_writing(compose, composers, theme)
        self._make_presence(theme)
        self.actions_ = self._make_actions()
        self._lay_out()
        self._connect_panes()
        self._connect_writing()
        self._connect_presence()
        self._restore()

    # Building

    def _make_panes(self, theme: Theme, make_view: Callable[[], MessageView]) -> None:
        self.folder_pane = FolderPane(self._folders, theme)
        self.message_pane = MessageListPane(self._messages, theme)
        self.view = make_view()
        self.view.setFocusProxy(self.view.body)
        self.problems = ProblemBar(theme)
        self.panes = Panes(self.folder_pane, self.message_pane, self.view)
        self.welcome = WelcomePage(theme)
        self.status = StatusBar()

    def _make_accounts(
        self, compose: ComposeService, theme: Theme, make_view: Callable[[], MessageView]
    ) -> None:
        service, state = self._service, self._state
        self.accounts = Accounts(
            service, compose, self._folders, self.problems, lambda: preferences(state), theme, self
        )
        self.activity = ActivityPanel(service, self.accounts.work, self)
        self.windows = MessageWindows(service, compose, make_view, self)

    def _make_commands(self, theme: Theme) -> None:
        messages, service = self.message_pane, self._service
        self.reading = Reading(messages, self.view, service, self._state.mark_read_after_ms)
        self.remainder = Remainder(self.view, service)
        self.commands = MessageCommands(messages, self.reading, service, self.remainder)
        self.moves = MoveCommands(messages, self._folders, service, self.problems, theme, self)
        self.folder_commands = FolderCommands(self.folder_pane, self._folders, service, self)
        self.view_commands = ViewCommands(self, theme, self._state)

    def _make_writing(self, compose: ComposeService, composers: Composers, theme: Theme) -> None:
        self.composers = composers
        self.composers.habits = self._state
        self.writing = Writing(composers, self.message_pane, self.reading, self.view)
        self.sending = Sending(compose, self._folders, self.problems, theme, self)
        self.standing = MessageStanding(self.view, compose)
        self.senders = SenderPrompts(compose, self._folders, theme, self)
        self.undo = UndoChoice(composers, self._state, self)

    def _make_presence(self, theme: Theme) -> None:
        self.tray = Tray(SystemArea(), self._folders, self)
        self.presence = Presence(self, self.tray, self._state)
        self.preferences = PreferencesPrompt(self, self._state, self._service.background, theme)

    def _make_actions(self) -> Actions:
        receivers = {
            "window": self,
            "view": self.view_commands,
            "list": self.message_pane,
            "filter": self.message_pane.filter,
            "messages": self.commands,
            "moves": self.moves,
            "folders": self.folder_commands,
            "sign_ins": self.accounts.sign_ins,
            "accounts": self.accounts.prompts,
            "settings": self.accounts.settings,
            "writing": self.writing,
            "answer": self.writing.answers,
            "sending": self.sending,
            "senders": self.senders,
            "undo": self.undo,
            "presence": self.presence,
            "preferences": self.preferences,
        }
        borrowed = {id_: getattr(self.view.actions_, name) for id_, name in MESSAGE_VIEW_ACTIONS.items()}
        for action in borrowed.values():
            # In this window there is one message on display, wherever the keyboard is.
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return Actions(self, ACTIONS, receivers, borrowed)

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.panes)
        self.panes.add_place(self.sending.outbox, self.sending.outbox.details)
        self.panes.add_place(self.sending.drafts, self.sending.drafts.preview)
        self.setCentralWidget(self._pages)
        self.setStatusBar(self.status)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.activity)
        self.activity.hide()
        self._toolbar = MainToolBar(self.actions_)
        self.addToolBar(self._toolbar)
        self._selection = SelectionActions(self.actions_, self._toolbar, self.message_pane, self.status)
        self._move_actions = MoveActions(self.actions_, self.message_pane, self.moves, self.folder_commands)
        for title, ids in MENUS:
            self.menuBar().addMenu(self.actions_.menu(title, ids))
        self._context_menu = self.actions_.menu("", CONTEXT_MENU)
        self.folder_pane.folder_actions = [self.actions_[id_] for id_ in FOLDER_MENU if id_]

    def _connect_panes(self) -> None:
        self.folder_pane.folder_opened.connect(self._open_folder)
        self.folder_pane.tree.takes = self.moves.takes
        self.folder_pane.tree.dropped.connect(self.moves.drop)
        self.folder_pane.tree.delete_pressed.connect(self.folder_commands.remove)
        self.message_pane.order_changed.connect(self._remember_order)
        self.message_pane.table.menu_requested.connect(self._show_context_menu)
        self.folder_pane.settings_requested.connect(self.accounts.settings.open_account)
        self.folder_pane.check_requested.connect(self._service.sync_now)
        for source in (self.folder_pane, self.activity):
            source.connection_check_requested.connect(self.accounts.prompts.check_connection)
        self.accounts.settings.preferences_taken.connect(self._take_preferences)
        self.accounts.work.changed.connect(self._show_work)
        self.commands.window_wanted.connect(self._open_message)
        self.view.message_opened.connect(self.windows.open_bytes)
        self.view.link_hovered.connect(self.status.show_hint)
        self.windows.failed.connect(self._show_refusal)
        self.status.clicked.connect(self.toggle_activity)
        self.activity.visibilityChanged.connect(lambda _shown: self._check_activity())
        self.welcome.add_account_requested.connect(self.accounts.prompts.add_account)
        self.welcome.demo_requested.connect(self.demo_requested)
        self._service.bridge.store_changed.connect(self._store_changed)
        self._folders.failed.connect(self.show_error)
        self._messages.failed.connect(self.show_error)

    def _connect_writing(self) -> None:
        for source in (self.view, self.windows):
            source.mail_link_activated.connect(self.writing.write_to)
        self.windows.answer_wanted.connect(self.writing.answer_message)
        self.reading.shown.connect(self.standing.show)
        self.reading.shown.connect(self.remainder.show)
        self.composers.sent.connect(self.sending.strips.note_sent)
        self.composers.discarded.connect(self.sending.draft_strips.note_discarded)
        self.composers.failed.connect(self._show_refusal)
        self.sending.draft_wanted.connect(self.composers.open)
        self.sending.draft_strips.recovered.connect(lambda draft: self.composers.open(draft, restored=True))
        self.sending.outbox_wanted.connect(self.open_outbox)
        self.sending.failed.connect(self.show_error)

    def _connect_presence(self) -> None:
        self.tray.write_wanted.connect(self.writing.write)
        self.tray.check_wanted.connect(self.check_mail)
        self.presence.session_ending.connect(self._remember)
        self.presence.leaving.connect(self._leave)
        self.presence.left.connect(self.left)

    def _restore(self) -> None:
        state = self._state
        self.resize(_DEFAULT_SIZE.boundedTo(self.screen().availableSize() - _FRAME))
        if not (geometry := state.layout_bytes("window")).isEmpty():
            self.restoreGeometry(geometry)
        self.panes.restore(state)
        self.message_pane.restore_order(*state.sort)
        self.message_pane.table.header.set_column_state(state.layout_bytes("columns"))
        self.view.body.set_zoom(state.zoom)
        self._folders.load()
        self._accounts_changed()
        self.folder_pane.restore(state.folder, state.toggled_folders)
        if self.folder_pane.current() is None:
            self.folder_pane.open_first()
        self.view_commands.restore()
        self.undo.restore(self.actions_)
        self.sending.load()
        self._selection.refresh()
        self._move_actions.refresh()
        (self.message_pane if self.accounts.work.accounts else self.welcome.add_button).setFocus()

    # What the engine tells

    def _store_changed(self, change: StoreChange) -> None:
        self._folders.apply(change)
        self._messages.apply(change)
        self.reading.apply(change)
        self.sending.apply(change)
        self.standing.apply(change)
        if ChangeKind.FLAGS in change.kinds:
            self._selection.refresh()
        if ChangeKind.ACCOUNTS in change.kinds:
            self._accounts_changed()
        if self.folder_pane.current() is None:
            self.folder_pane.open_first()
        elif ChangeKind.FOLDERS in change.kinds:
            self.message_pane.follow(self.folder_pane.current())
        if change.kinds & _FOR_ACTIONS:
            self._move_actions.refresh()

    def _accounts_changed(self) -> None:
        accounts = self.accounts.refresh()
        self._toolbar.setVisible(bool(accounts))
        page = self.panes if accounts else self.welcome
        page.hold(self.problems)
        self._pages.setCurrentWidget(page)
        if not accounts:
            self.welcome.add_button.setFocus()

    def _show_work(self) -> None:
        work = self.accounts.work
        self.status.show_sentence(summary(work.accounts, work.states, work.running()))
        self.message_pane.set_syncing(self.accounts.busy)

    def show_error(self, error: QtmailError) -> None:
        """Say what went wrong in a strip above the list."""
        self.accounts.show_problem(
            Problem(0, error.sentence, error.advice, error.detail, layer=error.layer, retry=error.retry)
        )

    def _show_refusal(self, error: QtmailError) -> None:
        """What the user asked for cannot be opened: say so where they look, wherever they asked."""
        self.show_error(error)
        self.presence.bring_to_front()

    # How the window comes and goes

    def start_in_tray(self) -> None:
        """Be in the notification area, instead of `show`; where there is none, minimised in the task bar."""
        self.presence.start_in_tray()

    def quit(self) -> None:
        """End the program, whatever closing the window would do; `left` follows."""
        self.presence.quit()

    # What the user does

    def check_mail(self) -> None:
        self._service.sync_now()

    def open_eml(self, path: Path) -> None:
        """Show a message file in a window of its own."""
        self.windows.open_file(path)

    def choose_eml(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Open message file"), "", self.tr("Messages (*.eml *.msg *.txt);;All files (*)")
        )
        for name in names:
            self.open_eml(Path(name))

    def toggle_activity(self) -> None:
        self.activity.setVisible(self.activity.isHidden())

    def open_outbox(self) -> None:
        self._folders.reveal(NodeKind.OUTBOX)
        self.folder_pane.open(NodeKind.OUTBOX)

    def _take_preferences(self, chosen: dict[str, str]) -> None:
        """Set the window up as a file with settings says."""
        take_preferences(self._state, self.actions_, chosen)
        self.presence.keep_running(self._state.keep_in_tray)

    def _open_folder(self, node: FolderNode) -> None:
        self._folders.note_open(node.key)
        self.panes.show_place(self.sending.place_of(node) or self.message_pane)
        self.message_pane.open(node)
        self._move_actions.refresh()
        self.setWindowTitle(f"{node.title} – qtmail")

    def _open_message(self, row: MessageRow, message: ParsedMessage) -> None:
        """Show a message in a window of its own; a draft opens in a composer."""
        use = self._folders.special_use_of(row.folder_id)
        if row.flags & Flag.DRAFT or use is SpecialUse.DRAFTS:
            self.composers.answer(AnswerKind.OPEN_DRAFT, row, message)
        else:
            self.windows.open_message(message, row)

    def _show_context_menu(self, place: QPoint) -> None:
        self._context_menu.popup(place)

    def _remember_order(self, key: SortKey, descending: bool) -> None:
        self._state.sort = (key, descending)

    def _check_activity(self) -> None:
        self.actions_["view.activity"].setChecked(not self.activity.isHidden())

    def _remember(self) -> None:
        state = self._state
        state.set_layout_bytes("window", self.saveGeometry())
        state.set_layout_bytes("columns", self.message_pane.table.header.column_state())
        self.panes.remember(state)
        state.zoom = self.view.body.zoom()
        state.toggled_folders = self.folder_pane.toggled
        node = self.folder_pane.current()
        state.folder = node.key if node else ""
        state.save()

    def _leave(self) -> None:
        self._remember()
        self.windows.close_all()
        self.composers.close_all()

    # QMainWindow

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.presence.note_shown()

    def closeEvent(self, event: QCloseEvent) -> None:
        # Accepted in any case, which hides the window: what is refused would hold up a signing out.
        if self.presence.stays():
            self._remember()
        else:
            self.presence.quit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key whose command cannot be carried out now is answered with why."""
        why = self.actions_.why_not(QKeySequence(event.keyCombination()))
        if why:
            show_passing_notice(self.problems, "refused", why, milliseconds=_REASON_MS)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if message_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in message_files(event.mimeData()):
            self.open_eml(path)
        event.acceptProposedAction()
