"""The main window: puts the panes together, joins them to the mail service, and remembers how the user left
them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget

from qtmail.domain.events import AccountState, ChangeKind, Problem, StoreChange
from qtmail.domain.message import Flag, SortKey
from qtmail.errors import QtmailError
from qtmail.models.folder_nodes import FolderNode
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.message_list import MessageListModel
from qtmail.ui.accounts.account_prompts import AccountPrompts
from qtmail.ui.activity.activity_panel import ActivityPanel
from qtmail.ui.activity.problem_bar import ProblemBar
from qtmail.ui.activity.status_bar import StatusBar
from qtmail.ui.activity.work_log import WorkLog
from qtmail.ui.activity.work_sentences import summary
from qtmail.ui.folders.folder_delegate import WORKING
from qtmail.ui.folders.folder_pane import FolderPane
from qtmail.ui.message_list.message_list_pane import MessageListPane
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.shared.icons import IconName, application_icon, icon
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.actions import CONTEXT_MENU, MENUS, MESSAGE_VIEW_ACTIONS, Actions
from qtmail.ui.window.message_commands import MessageCommands
from qtmail.ui.window.message_windows import MessageWindows
from qtmail.ui.window.panes import Panes
from qtmail.ui.window.reading import Reading
from qtmail.ui.window.toolbar import MainToolBar
from qtmail.ui.window.view_commands import ViewCommands
from qtmail.ui.window.welcome_page import WelcomePage
from qtmail.ui.window.window_state import WindowState

if TYPE_CHECKING:
    from qtmail.workers.mail_service import MailService

_DEFAULT_SIZE = (1280, 800)
_SELECTION_ACTIONS = ("message.read", "message.unread", "message.toggle_read", "message.toggle_flag")


class MainWindow(QMainWindow):
    """Folders, list and message; everything long-lived is handed in.

    Args:
        make_view: makes a reading pane, for this window and for those of single messages.

    Signals:
        demo_requested: the user, who has no account yet, wants to look at the demo mailbox.
    """

    demo_requested = Signal()

    def __init__(
        self,
        service: MailService,
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
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.work = WorkLog(parent=self)
        self.folder_pane = FolderPane(folders, theme)
        self.message_pane = MessageListPane(messages, theme)
        self.view = make_view()
        self.view.setFocusProxy(self.view.body)
        self.problems = ProblemBar(theme)
        self.panes = Panes(self.folder_pane, self.message_pane, self.view, self.problems)
        self.welcome = WelcomePage(theme)
        self.status = StatusBar()
        self.activity = ActivityPanel(service, self.work, self)
        self.windows = MessageWindows(service, make_view, self)
        self.prompts = AccountPrompts(service, theme, self)
        self.reading = Reading(self.message_pane, self.view, service, state.mark_read_after_ms)
        self.commands = MessageCommands(self.message_pane, self.reading, service)
        self.view_commands = ViewCommands(self, theme, state)
        self.actions_ = self._make_actions()
        self._lay_out()
        self._connect_panes()
        self._connect_service()
        self._restore()

    # Building

    def _make_actions(self) -> Actions:
        receivers = {
            "window": self,
            "view": self.view_commands,
            "list": self.message_pane,
            "filter": self.message_pane.filter,
            "messages": self.commands,
            "accounts": self.prompts,
        }
        borrowed = {id_: getattr(self.view.actions_, name) for id_, name in MESSAGE_VIEW_ACTIONS.items()}
        for action in borrowed.values():
            # In this window there is one message on display, wherever the keyboard is.
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return Actions(self, receivers, borrowed)

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.panes)
        self.setCentralWidget(self._pages)
        self.setStatusBar(self.status)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.activity)
        self.activity.hide()
        self._toolbar = MainToolBar(self.actions_)
        self.addToolBar(self._toolbar)
        self._read_texts = (self.tr("Mark as read"), self.tr("Mark as unread"))
        self._flag_texts = (self.tr("Flag"), self.tr("Unflag"))
        self._toolbar.reserve(self.actions_["message.toggle_read"], self._read_texts)
        self._toolbar.reserve(self.actions_["message.toggle_flag"], self._flag_texts)
        for title, ids in MENUS:
            self.menuBar().addMenu(self.actions_.menu(title, ids))
        self._context_menu = self.actions_.menu("", CONTEXT_MENU)

    def _connect_panes(self) -> None:
        self.folder_pane.folder_opened.connect(self._open_folder)
        self.message_pane.selection_changed.connect(self._show_selection)
        self.message_pane.order_changed.connect(self._remember_order)
        self.message_pane.table.menu_requested.connect(self._show_context_menu)
        self.prompts.follow(self.problems)
        self.commands.window_wanted.connect(lambda row, message: self.windows.open_message(message, row))
        self.view.message_opened.connect(self.windows.open_bytes)
        self.view.link_hovered.connect(self.status.show_hint)
        self.view.mail_link_activated.connect(self._copy_address)
        self.windows.mail_link_activated.connect(self._copy_address)
        self.windows.failed.connect(self.show_error)
        self.status.clicked.connect(self.toggle_activity)
        self.activity.visibilityChanged.connect(lambda _shown: self._check_activity())
        self.welcome.add_account_requested.connect(self.prompts.add_account)
        self.welcome.demo_requested.connect(self.demo_requested)
        self.work.changed.connect(self._show_work)
        self._folders.failed.connect(self.show_error)
        self._messages.failed.connect(self.show_error)

    def _connect_service(self) -> None:
        bridge = self._service.bridge
        bridge.store_changed.connect(self._store_changed)
        bridge.account_changed.connect(self._account_changed)
        bridge.progress.connect(self.work.note_progress)
        bridge.problem.connect(self._show_problem)

    def _restore(self) -> None:
        state = self._state
        self.resize(*_DEFAULT_SIZE)
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
        self._show_selection()
        self.message_pane.setFocus()

    # What the engine tells

    def _store_changed(self, change: StoreChange) -> None:
        self._folders.apply(change)
        self._messages.apply(change)
        self.reading.apply(change)
        if ChangeKind.FLAGS in change.kinds:
            self._show_selection()
        if ChangeKind.ACCOUNTS in change.kinds:
            self._accounts_changed()
        if self.folder_pane.current() is None:
            self.folder_pane.open_first()
        elif ChangeKind.FOLDERS in change.kinds:
            self.message_pane.follow(self.folder_pane.current())

    def _accounts_changed(self) -> None:
        before = {account.id for account in self.work.accounts}
        accounts = self._service.accounts()
        self.work.set_accounts(accounts)
        for gone in before - {account.id for account in accounts}:
            self.problems.forget_account(gone)
        for state in self._service.states().values():
            self._account_changed(state)
        self._toolbar.setVisible(bool(accounts))
        self._pages.setCurrentWidget(self.panes if accounts else self.welcome)
        if not accounts:
            self.welcome.add_button.setFocus()

    def _account_changed(self, state: AccountState) -> None:
        self.work.note_state(state)
        self._folders.set_state(state)
        account = next((one for one in self.work.accounts if one.id == state.account_id), None)
        if account is not None:
            self.problems.show_state(account, state)
        busy = any(state.connection in WORKING for state in self.work.states.values())
        self.message_pane.set_syncing(busy)

    def _show_work(self) -> None:
        self.status.show_sentence(summary(self.work.accounts, self.work.states, self.work.running()))

    def _show_problem(self, problem: Problem) -> None:
        self.work.note_problem(problem)
        self.problems.show_problem(problem)

    def show_error(self, error: QtmailError) -> None:
        """Say what went wrong in a strip above the list."""
        self._show_problem(
            Problem(0, error.sentence, error.advice, error.detail, layer=error.layer, retry=error.retry)
        )

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

    def _open_folder(self, node: FolderNode) -> None:
        self.message_pane.open(node)
        self.setWindowTitle(f"{node.title} – qtmail")

    def _show_selection(self) -> None:
        count = self.message_pane.selected_count()
        self.status.show_hint(self.tr("{count:,} selected").format(count=count) if count > 1 else "")
        for action_id in _SELECTION_ACTIONS:
            self.actions_[action_id].setEnabled(count > 0)
        self.actions_["message.open"].setEnabled(count == 1)
        row = self.message_pane.current_message()
        if row is not None:
            self._word_toggles(unread=row.unread, flagged=bool(row.flags & Flag.FLAGGED))

    def _word_toggles(self, *, unread: bool, flagged: bool) -> None:
        """Let the toggles of the toolbar say what they would do."""
        read, flag = self.actions_["message.toggle_read"], self.actions_["message.toggle_flag"]
        read.setIconText(self._read_texts[0 if unread else 1])
        read.setIcon(icon(IconName.MARK_READ if unread else IconName.MARK_UNREAD))
        flag.setIconText(self._flag_texts[1 if flagged else 0])
        flag.setIcon(icon(IconName.FLAG_FILLED if flagged else IconName.FLAG))

    def _show_context_menu(self, place: QPoint) -> None:
        self._context_menu.popup(place)

    def _copy_address(self, url: str) -> None:
        address = url.removeprefix("mailto:").partition("?")[0]
        QGuiApplication.clipboard().setText(address)
        self.status.show_hint(self.tr("{address} was copied").format(address=address))

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

    # QMainWindow

    def closeEvent(self, event: QCloseEvent) -> None:
        self._remember()
        self.windows.close_all()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if message_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in message_files(event.mimeData()):
            self.open_eml(path)
        event.acceptProposedAction()


def message_files(data: QMimeData) -> list[Path]:
    """The message files among what is being dropped."""
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in paths if path.suffix.lower() == ".eml"]
