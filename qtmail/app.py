"""The window: builds every long-lived object, joins them, and takes them down in order.

Store ── Credentials ── EngineBridge ── Background ── MailService ── ComposeService      (threads start once
  the window is shown)
        └── FolderTreeModel, MessageListModel ── MainWindow ── MessageView, Composers
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QProcess,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QMessageBox

from qtmail import log
from qtmail.credentials import Credentials
from qtmail.errors import QtmailError
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.message_list import MessageListModel
from qtmail.models.message_texts import MessageTexts
from qtmail.paths import default_profile_directory
from qtmail.preconditions import broken_libraries, missing_display
from qtmail.store.store import Store
from qtmail.ui.composer.composers import Composers
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.message_view.web_environment import prepare_environment
from qtmail.ui.shared.dates import full_date, short_date
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.main_window import MainWindow
from qtmail.ui.window.window_state import WindowState
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.compose_service import ComposeService
from qtmail.workers.mail_service import MailService
from qtmail.workers.open_files import allow_open_files
from qtmail.workers.remote_images import RemoteImages, TrustedSenders

if TYPE_CHECKING:
    from qtmail.demo import DemoServer
    from qtmail.ui.composer.spelling import Spelling

SWITCH_INTERVAL = 0.0001
"""Seconds a thread may compute before another gets the interpreter. At Python's 5 ms each call of a delegate
would wait that long while a worker parses, and scrolling would stutter."""


class Application:
    """Everything that lives as long as the window does."""

    def __init__(self, qt: QApplication, profile: Path) -> None:
        """Raises StoreFailed when the profile cannot be used."""
        self.store = Store.open(profile)
        self.credentials = Credentials(profile=profile)
        self.bridge = EngineBridge()
        self.background = Background("reads", self.store)
        self.service = MailService(self.store, self.credentials, self.bridge, self.background)
        self.compose = ComposeService(self.store, self.service)
        self.images = RemoteImages()
        self.senders = TrustedSenders(self.store, self.background)
        self.state = WindowState(profile / "window.ini")
        self.theme = Theme()
        self.theme.apply(qt, self.state.theme_mode)
        self.composers = Composers(
            self.compose,
            self.theme,
            background=self.background,
            make_spelling=partial(self._make_spelling, profile),
        )
        self.window = MainWindow(
            self.service,
            self.compose,
            self.composers,
            FolderTreeModel(self.store.accounts, self.store.folders),
            MessageListModel(
                self.store.messages, self.background, MessageTexts(short_date, full_date, format_size)
            ),
            self.theme,
            self.state,
            self._make_view,
        )
        self.window.demo_requested.connect(_start_demo)

    def show(self, wanted: Sequence[str] = ()) -> None:
        """Show the window, and once it is painted start the engine and open the message files and `mailto:`
        links asked for.
        """
        self.window.show()
        QTimer.singleShot(0, lambda: self._begin(wanted))

    def close(self) -> None:
        """Take everything down; nothing that was committed is lost however this ends."""
        self.window.close()
        self.composers.close_all()
        self.images.stop()
        self.compose.stop()
        self.service.stop()
        self.background.stop(0.3)
        # At once, while the application still is: WebEngine's page has to go before its profile.
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.store.close()

    def _begin(self, wanted: Sequence[str]) -> None:
        self.service.start()
        self.compose.start()
        for note in self.store.notes:
            self.window.show_error(QtmailError(note))
        for one in wanted:
            if one.lower().startswith("mailto:"):
                self.window.writing.write_to(one)
            else:
                self.window.open_eml(Path(one))

    def _make_spelling(self, profile: Path) -> Spelling:
        # Not before somebody writes: 40 ms.
        from qtmail.spelling.dictionaries import find_dictionaries  # noqa: PLC0415
        from qtmail.spelling.own_words import OwnWords  # noqa: PLC0415
        from qtmail.spelling.speller import Speller  # noqa: PLC0415
        from qtmail.ui.composer.spelling import Spelling  # noqa: PLC0415

        own = profile / "dictionaries"
        speller = Speller(lambda: find_dictionaries(own), OwnWords(profile / "words.txt"))
        spelling = Spelling(speller, self.background, languages=self.state.spelling_languages)
        spelling.languages_chosen.connect(self._remember_languages)
        spelling.failed.connect(lambda error: self.window.show_error(error))
        return spelling

    def _remember_languages(self, languages: tuple[str, ...]) -> None:
        self.state.spelling_languages = languages

    def _make_view(self) -> MessageView:
        return MessageView(self.theme, background=self.background, fetcher=self.images, senders=self.senders)


def run_window(options: argparse.Namespace) -> int:
    """Run `qtmail` without a command; returns the exit status."""
    log.configure(debug=options.debug)
    for problem in (broken_libraries(), None if options.self_test else missing_display()):
        if problem is not None:
            print(f"qtmail: {problem}", file=sys.stderr)
            return 1
    if options.self_test is not None:
        from qtmail.selftest import run_self_test  # noqa: PLC0415 - not part of the program people use

        return run_self_test(options.self_test)
    try:
        with ExitStack() as stack:
            qt = make_qt_application()
            profile = stack.enter_context(_profile(options))
            return _run(qt, profile, options)
    except QtmailError as error:
        print(f"qtmail: {error}", file=sys.stderr)
        return 1


def make_qt_application() -> QApplication:
    """The QApplication, with what must be settled before and after it is made."""
    prepare_environment()
    allow_open_files()
    qInstallMessageHandler(_log_qt_message)
    sys.setswitchinterval(SWITCH_INTERVAL)
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("qtmail")
    qt.setApplicationDisplayName("qtmail")
    qt.setDesktopFileName("qtmail")
    return qt


@contextmanager
def running(qt: QApplication, profile: Path, prepare: Callable[[Application], None]) -> Iterator[Application]:
    """An application on a profile, taken down at the end; `prepare` runs before the window is shown."""
    application = Application(qt, profile)
    try:
        prepare(application)
        yield application
    finally:
        application.close()


def use_demo(application: Application, server: DemoServer) -> None:
    """Add the demo's account, its password known for this session only."""
    with application.store.user_transaction() as tx:
        account = application.store.accounts.add(tx, server.account())
    application.credentials.session(account, server.password)


def _run(qt: QApplication, profile: Path, options: argparse.Namespace) -> int:
    with ExitStack() as stack:
        server = stack.enter_context(_demo_server()) if options.demo else None

        def prepare(application: Application) -> None:
            application.service.offline = options.offline
            if server is not None:
                use_demo(application, server)

        try:
            application = stack.enter_context(running(qt, profile, prepare))
        except QtmailError as error:
            QMessageBox.critical(None, "qtmail", str(error))
            return 1
        stack.enter_context(_telling_bugs(application.window))
        for name in (signal.SIGINT, signal.SIGTERM):
            # Qt's loop never returns to Python's handler; ending at once is safe, because what matters is on
            # the disk.
            signal.signal(name, signal.SIG_DFL)
        application.show(options.open)
        return qt.exec()


def _demo_server() -> DemoServer:
    from qtmail.demo import DemoServer  # noqa: PLC0415 - a mail server and asyncio, 100 ms nobody else needs

    return DemoServer()


@contextmanager
def _profile(options: argparse.Namespace) -> Iterator[Path]:
    if options.demo and options.profile is None:
        from qtmail.demo import demo_profile  # noqa: PLC0415  (as in _demo_server)

        with demo_profile() as directory:
            yield directory
    else:
        yield options.profile or default_profile_directory()


@contextmanager
def _telling_bugs(window: MainWindow) -> Iterator[None]:
    """A fault in a slot is logged with its trace and said in the window, which goes on."""

    def tell(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        log.logger("app").error("a bug", exc_info=(kind, bug, trace))
        window.show_error(
            QtmailError(
                "Something in qtmail did not work; your mail is safe.",
                advice="Please report what you did.",
                detail=f"{kind.__name__}: {bug}",
            )
        )

    before, sys.excepthook = sys.excepthook, tell
    try:
        yield
    finally:
        sys.excepthook = before


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """What Qt says of itself goes to the log: it is for developers, and most of it is about the platform."""
    serious = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    log.logger("qt").log(logging.ERROR if serious else logging.INFO, text)


def _start_demo() -> None:
    """The demo in a process and a profile of its own, beside this window."""
    arguments = ["--demo"] if getattr(sys, "frozen", False) else ["-m", "qtmail", "--demo"]
    QProcess.startDetached(sys.executable, arguments)
