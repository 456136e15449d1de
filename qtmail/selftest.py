"""`qtmail --self-test`: the main job from start to end, without a display and without leaving this computer.

The real window runs on Qt's offscreen platform against the demo's mail server: it syncs, shows mail, sets
flags, receives, writes and sends. Each step is a sentence that holds or does not; screenshots are written for
people to look at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from PySide6.QtCore import QEventLoop, QModelIndex, QSize, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from qtmail.app import Application, running, use_demo
from qtmail.demo import DemoServer, demo_profile
from qtmail.domain.events import Connection
from qtmail.domain.message import Flag, MessageRow
from qtmail.errors import QtmailError
from qtmail.models.roles import MessageRole
from qtmail.qt_application import make_qt_application
from qtmail.ui.composer.draft_saver import SaveState
from qtmail.ui.shared.theme import ThemeMode

STEP_SECONDS = 30.0
"""How long one step may take on a slow machine."""

SETTLE_SECONDS = 0.3
"""A picture that has not changed for so long is taken to be finished."""

WINDOW_SIZE = QSize(1280, 800)

ARRIVAL = (
    b"From: Test <test@example.org>\r\nTo: Me <me@example.org>\r\nSubject: A letter that just arrived\r\n"
    b"Message-ID: <arrival@example.org>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe server announced this letter.\r\n"
)


LETTER_SUBJECT = "A letter to myself 给自己的信"


class StepFailed(Exception):
    """A step did not come to hold in time."""


def run_self_test(directory: Path) -> int:
    """Run all steps and write screenshots to `directory`; returns the exit status, 0 only if every step
    held.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"FAIL  “{directory}” cannot be written: {error.strerror}")
        return 1
    qt = make_qt_application()
    try:
        with (
            demo_profile() as profile,
            DemoServer() as server,
            running(qt, profile, lambda application: use_demo(application, server)) as application,
        ):
            _Walk(qt, application, server, directory).run()
    except (StepFailed, QtmailError) as error:
        print(f"FAIL  {error}")
        return 1
    print(f"All steps held. Screenshots are in {directory}.")
    return 0


class _Walk:
    """The steps, in the order in which a person would take them."""

    def __init__(
        self, qt: QApplication, application: Application, server: DemoServer, directory: Path
    ) -> None:
        self._qt = qt
        self._application = application
        self._server = server
        self._directory = directory
        self._window = application.window
        self._table = application.window.message_pane.table
        self._displayed: set[int] = set()
        application.window.reading.shown.connect(lambda row, _message: self._displayed.add(row.id))

    def run(self) -> None:
        self._application.show()
        self._window.resize(WINDOW_SIZE)
        steps = (
            self._sync,
            self._read_html,
            self._read_chinese,
            self._mark_read,
            self._receive,
            self._write_to_itself,
            self._other_looks,
        )
        for step in steps:
            started = time.monotonic()
            print(f"ok    {step()} [{time.monotonic() - started:.1f} s]")

    def _sync(self) -> str:
        service, store = self._application.service, self._application.store
        self._until(
            lambda: [state.connection for state in service.states().values()] == [Connection.WATCHING],
            "the account to be in step",
        )
        folders = store.folders.list()
        count = sum(folder.message_count for folder in folders)
        self._until(lambda: self._rows() > 20, "the inbox to be listed")
        self._check(count >= 60, f"60 messages or more are synced, not {count}")
        return f"synced {count} messages in {len(folders)} folders"

    def _read_html(self) -> str:
        message = self._choose(lambda row: "qtmail" in row.subject, "the welcome message")
        self._until(lambda: self._window.view.body.shows_html, "HTML to be displayed")
        self._picture("main-light")
        return f"showed the HTML message “{message.subject}”"

    def _read_chinese(self) -> str:
        message = self._choose(lambda row: "\u4e00" <= row.subject[:1] <= "\u9fff", "a Chinese message")
        self._picture("chinese")
        return f"showed “{message.subject}”"

    def _mark_read(self) -> str:
        row = self._choose(lambda row: row.unread, "an unread message")
        self._application.service.set_flags([row.id], Flag.SEEN, Flag.NONE)
        store = self._application.store
        self._until(lambda: not self._row_of(row.id).unread, "the message to be read here")
        self._until(lambda: not store.operations.pending(row.account_id), "the server to confirm it")
        return f"marked “{row.subject}” as read, here and on the server"

    def _receive(self) -> str:
        self._server.deliver(ARRIVAL)
        self._choose(lambda row: row.subject == "A letter that just arrived", "the new message")
        return "received a message that the server announced"

    def _write_to_itself(self) -> str:
        """Compose as a person would, send by SMTP, receive by IMAP, and find the copy in Sent."""
        composers, store = self._application.composers, self._application.store
        composers.undo_seconds = 0
        address = store.accounts.list()[0].address
        self._window.writing.write_to(f"mailto:{address}?subject={quote(LETTER_SUBJECT)}")
        self._until(lambda: len(composers.windows()) == 1, "a composer to open")
        composer = composers.windows()[0]
        composer.form.editor.insertPlainText("Written by the self-test. 自己写给自己。")
        self._until(lambda: composer.saver.state is SaveState.SAVED, "the draft to be saved")
        self._picture("composer", composer)
        composer.actions_["send"].trigger()
        row = self._choose(lambda row: row.subject == LETTER_SUBJECT, "the letter to itself")
        self._until(lambda: not store.outbox.unfinished(), "the copy to be filed in Sent")
        return f"wrote, sent and received “{row.subject}”, its copy is in Sent"

    def _other_looks(self) -> str:
        self._choose(lambda row: row.has_attachment, "a message with an attachment")
        self._picture("attachments")
        self._application.theme.apply(self._qt, ThemeMode.DARK)
        self._picture("main-dark")
        self._window.view_commands.show_columns()
        self._window.toggle_activity()
        self._picture("columns-dark")
        return "drew light and dark, cards and columns"

    # -- looking and waiting

    def _choose(self, wanted: Callable[[MessageRow], bool], what: str) -> MessageRow:
        """Select the first message of the list that fits, and wait until it is displayed."""
        index: QModelIndex | None = None

        def found() -> bool:
            nonlocal index
            model = self._table.model()
            indexes = (model.index(number, 0) for number in range(model.rowCount()))
            index = next(
                (i for i in indexes if (row := i.data(MessageRole.ROW)) is not None and wanted(row)), None
            )
            return index is not None

        self._until(found, what)
        assert index is not None
        row: MessageRow = index.data(MessageRole.ROW)
        self._table.setCurrentIndex(index)
        self._until(lambda: row.id in self._displayed, f"“{row.subject}” to be displayed")
        return row

    def _row_of(self, message_id: int) -> MessageRow:
        row = self._application.store.messages.get(message_id)
        if row is None:
            raise StepFailed("a message vanished")
        return row

    def _rows(self) -> int:
        return self._table.model().rowCount()

    def _picture(self, name: str, window: QWidget | None = None) -> None:
        """Write a screenshot once a window has stopped changing: pages are drawn by another process."""
        window = window or self._window
        before = b""

        def settled() -> bool:
            nonlocal before
            image = window.grab().toImage()
            now = bytes(image.constBits())
            same, before = now == before, now
            return same

        self._until(settled, "the window to come to rest", pause=SETTLE_SECONDS)
        window.grab().save(str(self._directory / f"{name}.png"))

    def _check(self, holds: bool, what: str) -> None:
        if not holds:
            raise StepFailed(f"It does not hold that {what}.")

    def _until(self, condition: Callable[[], bool], what: str, pause: float = 0.02) -> None:
        """Let the program run until `condition` holds, looked at every `pause` seconds."""
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            self._run_for(pause)
            if condition():
                return
            if time.monotonic() > deadline:
                raise StepFailed(f"Waited {STEP_SECONDS:.0f} s in vain for {what}.")

    def _run_for(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()
