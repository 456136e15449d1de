"""The window: builds every long-lived object, joins them, and takes them down in order.

Store ── Credentials ── EngineBridge ── Background ── MailService ── ComposeService      (threads start once
  the window is shown)
        └── FolderTreeModel, MessageListModel ── MainWindow ── MessageView, Composers
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QProcess,
    QTimer,
)
from PySide6.QtWidgets import QApplication

from qtmail import log
from qtmail.credentials import Credentials
from qtmail.ending_signals import ending_signals
from qtmail.errors import QtmailError, SystemRefused
from qtmail.integration.arguments import is_mail_link
from qtmail.integration.program import command
from qtmail.models.folder_tree import FolderTreeModel
from qtmail.models.message_list import MessageListModel
from qtmail.models.message_texts import MessageTexts
from qtmail.paths import default_profile_directory
from qtmail.qt_application import QtApplication, make_qt_application
from qtmail.single_instance import Claim, Wanted
from qtmail.start_faults import broken_libraries, missing_display, tell_at_start
from qtmail.store.store import Store
from qtmail.ui.composer.composers import Composers
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.shared.dates import full_date, short_date
from qtmail.ui.shared.front import allow_front
from qtmail.ui.shared.icons import application_icon
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.theme import Theme
from qtmail.ui.window.main_window import MainWindow
from qtmail.ui.window.window_state import WindowState
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.compose_service import ComposeService
from qtmail.workers.mail_service import MailService
from qtmail.workers.remote_images import RemoteImages, TrustedSenders

if TYPE_CHECKING:
    from qtmail.demo import DemoServer
    from qtmail.integration.system import SystemIntegration
    from qtmail.ui.composer.spelling import Spelling


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
        if sys.platform != "darwin":  # where it would replace the bundle's own in the Dock
            qt.setWindowIcon(application_icon())
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

    def show(self, *, in_tray: bool = False, then: Callable[[], None] = lambda: None) -> None:
        """Show the window, or with `in_tray` only the icon; once it is painted start the engine, and `then`
        whatever may follow.
        """
        if in_tray:
            self.window.start_in_tray()
        else:
            self.window.show()
        QTimer.singleShot(0, lambda: self._begin(then))

    def open(self, wanted: Wanted) -> None:
        """Open message files and `mailto:` links; the window comes to the front where there are none."""
        allow_front(wanted.activation)
        for one in wanted.open:
            if is_mail_link(one):
                self.window.writing.write_to(one)
            else:
                self.window.open_eml(Path(one))
        if wanted.front and not wanted.open:
            self.window.presence.bring_to_front()

    def close(self) -> None:
        """Take everything down; nothing that was committed is lost however this ends."""
        self.window.quit()
        self.images.stop()
        self.compose.stop()
        self.service.stop()
        self.background.stop(0.3)
        # At once, while the application still is: WebEngine's page has to go before its profile.
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.store.close()

    def use_system(self) -> None:
        """Let the preferences arrange things with the system; not for the demo, which changes nothing."""

        def find() -> SystemIntegration:
            from qtmail.integration.choose import follow_program, this_system  # noqa: PLC0415 - 50 ms

            try:
                follow_program()
            except SystemRefused as error:
                log.logger("app").warning("%s (%s)", error, error.detail)
            return this_system()

        self.background.submit(find, self.window.preferences.offer)

    def _begin(self, then: Callable[[], None]) -> None:
        self.service.start()
        self.compose.start()
        for note in self.store.notes:
            self.window.show_error(QtmailError(note))
        then()

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


def run_window(options: argparse.Namespace, claimed: Claim | None) -> int:
    """Run `qtmail` without a command; returns the exit status.

    Args:
        claimed: the profile; None where it is made for this run only. It is given back at the end.
    """
    log.configure(debug=options.debug)
    with ExitStack() as stack:
        if claimed is not None:
            stack.callback(claimed.release)
        for problem in (broken_libraries(), None if options.self_test else missing_display()):
            if problem is not None:
                print(f"qtmail: {problem}", file=sys.stderr)
                return 1
        if options.self_test is not None:
            from qtmail.selftest import run_self_test  # noqa: PLC0415 - not part of the program people use

            return run_self_test(options.self_test)
        try:
            return _run(make_qt_application(), stack.enter_context(_profile(options)), options, claimed)
        except QtmailError as error:
            return tell_at_start(error)


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


def _run(qt: QtApplication, profile: Path, options: argparse.Namespace, claimed: Claim | None) -> int:
    with ExitStack() as stack:
        server = stack.enter_context(_demo_server()) if options.demo else None

        def prepare(application: Application) -> None:
            application.service.offline = options.offline
            if server is not None:
                use_demo(application, server)

        application = stack.enter_context(running(qt, profile, prepare))
        stack.enter_context(_telling_bugs(application.window))
        application.window.left.connect(lambda: qt.exit(0))
        stack.enter_context(ending_signals(application.window.quit))

        def join_desktop() -> None:
            if options.open:
                application.open(Wanted.from_words(options.open))
            qt.deliver_to(lambda one: application.open(Wanted((one,))), application.window.quit)
            if claimed is not None:
                claimed.listen(application.open)
            if not options.demo:
                application.use_system()

        application.show(in_tray=options.tray, then=join_desktop)
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


def _start_demo() -> None:
    """The demo in a process and a profile of its own, beside this window."""
    program, *arguments = command("--demo")
    QProcess.startDetached(program, arguments)
