"""A main window over messages and folders in memory, for tests that click and type."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PySide6.QtWidgets import QApplication

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.message import MessageRow
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.message_list import MessageListModel
from qtmail.models.message_texts import MessageTexts
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.shared.dates import full_date, short_date
from qtmail.ui.shared.immediate import Immediate
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme, ThemeMode
from qtmail.ui.window.main_window import MainWindow
from qtmail.ui.window.window_state import WindowState
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.composers import FakeComposers
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.message_reader import MemoryMessages, message_row

TEXTS = MessageTexts(short_date, full_date, format_size)


@lru_cache(maxsize=1)
def light_theme(app: QApplication) -> Theme:
    """The light theme, applied once: a new style sheet has every widget of the process polished again."""
    theme = Theme()
    theme.apply(app, ThemeMode.LIGHT)
    return theme


def folder(id_: int, path: str, use: SpecialUse | None = None, *, unread: int = 0, total: int = 10) -> Folder:
    return Folder(id_, 1, path.encode(), path, "/", use, True, True, total, unread)


class MemoryFolders:
    """The reads of `store.Folders` over a list."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        self.folders = list(folders)

    def list(self, account_id: int | None = None) -> Sequence[Folder]:
        return [one for one in self.folders if account_id in (None, one.account_id)]

    def get(self, folder_id: int) -> Folder | None:
        return next((one for one in self.folders if one.id == folder_id), None)


class ServiceAccounts:
    """The reads of `store.Accounts`, out of the fake service."""

    def __init__(self, service: FakeMailService) -> None:
        self._service = service

    def list(self) -> Sequence[Account]:
        return self._service.accounts()


class WindowBench:
    """A window and what it stands on."""

    def __init__(
        self,
        app: QApplication,
        state_file: Path,
        *,
        accounts: Sequence[Account] | None = None,
        messages: Sequence[MessageRow] | None = None,
    ) -> None:
        self.service = FakeMailService([account()] if accounts is None else accounts)
        self.compose = FakeComposeService(self.service.accounts())
        self.compose.bridge = self.service.bridge
        self.composers = FakeComposers()
        default = [message_row(id_) for id_ in range(1, 21)]
        self.messages = MemoryMessages(default if messages is None else messages)
        self.folders = MemoryFolders(
            [
                folder(1, "INBOX", SpecialUse.INBOX, unread=3),
                folder(2, "Sent", SpecialUse.SENT),
                folder(3, "Travel"),
                folder(4, "Travel/Norway", unread=1),
            ]
        )
        self.theme = light_theme(app)
        self.model = MessageListModel(self.messages, Immediate(), TEXTS, refresh_ms=0)
        self.tree = FolderTreeModel(ServiceAccounts(self.service), self.folders)
        self.state = WindowState(state_file)
        self.window = MainWindow(
            self.service,  # type: ignore[arg-type]
            self.compose,  # type: ignore[arg-type]
            self.composers,  # type: ignore[arg-type]
            self.tree,
            self.model,
            self.theme,
            self.state,
            lambda: MessageView(self.theme),
        )
