"""What happens between *Send* and the outbox.

begin ─> faults? ─> reminders? (once) ─> save ─> prepare and queue ─> sent
             └─ a strip says why ─┘         └──── a strip says why, the text stays
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, OriginKind
from qtmail.domain.events import Progress
from qtmail.domain.outgoing import OutboxItem
from qtmail.errors import MessageUnsendable, QtmailError
from qtmail.mime.reminders import Reminder, reminders
from qtmail.models.background import Cancellable
from qtmail.ui.composer.composer_form import ComposerForm
from qtmail.ui.composer.composer_strips import ComposerStrips
from qtmail.ui.composer.draft_saver import DraftSaver
from qtmail.ui.shared.sizes import format_size

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

SHOW_AFTER_MS = 200
"""A wait longer than this, in milliseconds, is shown."""
PREPARED = "bytes prepared"
"""What the service counts while it makes a message, in `Progress.what`."""


class SendingSteps(QObject):
    """Sends what one composer holds.

    Signals:
        frozen(bool): from now on the message must stay as it is; or it may be edited again.
        attach_wanted: the user was reminded of a missing attachment.
        progressed(str): how far the preparation is, in words.
        sent(OutboxItem)
    """

    frozen = Signal(bool)
    attach_wanted = Signal()
    progressed = Signal(str)
    sent = Signal(object)

    def __init__(
        self,
        service: ComposeService,
        draft_id: int,
        form: ComposerForm,
        strips: ComposerStrips,
        saver: DraftSaver,
        undo_seconds: int,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.under_way = False
        self._service = service
        self._draft_id = draft_id
        self._form = form
        self._strips = strips
        self._saver = saver
        self._undo_seconds = undo_seconds
        self._at: int | None = None
        self._asked: set[Reminder] = set()
        self._asked_about_size = False
        self._ticket: Cancellable | None = None
        self._inside = _people_inside(form.composition())
        self._late = QTimer(self, singleShot=True, interval=SHOW_AFTER_MS)
        self._late.timeout.connect(lambda: self._strips.tell_sending(self.cancel))
        self._found_faults = False
        service.bridge.progress.connect(self._progress)
        form.changed.connect(self._forget_faults)

    def begin(self, at: int | None = None) -> None:
        """Send now, or at a time (seconds since the epoch); first whatever stands against it is said."""
        if self.under_way:
            return
        self._at = at
        self._strips.remove("sending")
        self._strips.remove("reminder")
        self._form.rows.commit()
        faults = self._faults()
        self._found_faults = bool(faults)
        if faults:
            self._strips.tell_cannot_send(faults)
        elif not self._ask():
            self._send()

    def cancel(self) -> None:
        """Stop preparing the message; it can be edited again."""
        if self._ticket is not None:
            self._ticket.cancel()
        self._thaw()

    def _again(self) -> None:
        self.begin(self._at)

    def _faults(self) -> list[str]:
        """What makes sending impossible, a sentence each."""
        form = self._form
        faults = form.rows.faults()
        if not form.composition().recipients:
            faults.append(self.tr("Say first who the message is for."))
        if form.identity() is None:
            faults.append(self.tr("There is no account to send with yet."))
        if form.attachments.pending:
            faults.append(self.tr("Files are still being attached. Send again in a moment."))
        for attachment in form.attachments.missing:
            words = self.tr("The file “{0}” is gone. Put it back, or remove it here.")
            faults.append(words.format(attachment.filename))
        return faults

    def _forget_faults(self) -> None:
        """What stood against sending is perhaps put right: it is looked for again when the user sends."""
        if self._found_faults:
            self._found_faults = False
            self._strips.remove("sending")

    def _ask(self) -> bool:
        """Remind of what is perhaps forgotten, each thing once; True if there is something to answer."""
        if self._form.resends:
            return False
        identity = self._form.identity()
        sender = identity.address if identity else ""
        found = reminders(self._form.composition(), sender=sender, correspondents=self._inside)
        new = [reminder for reminder in found if reminder not in self._asked]
        if new:
            self._asked.update(new)
            self._strips.ask_before_sending(new, self.attach_wanted.emit, self._again)
            return True
        if self._form.bar.too_large and not self._asked_about_size:
            self._asked_about_size = True
            self._strips.ask_about_size(self._form.bar.summary(), self._again)
            return True
        return False

    def _send(self) -> None:
        self.under_way = True
        self.frozen.emit(True)
        self._late.start()
        # A save that is under way must not come behind the one that queues the message.
        self._saver.finish(self._queue)

    def _queue(self, kept: bool) -> None:
        if not self.under_way:
            return
        if not kept:
            self._failed(self._saver.fault or MessageUnsendable(self.tr("The text could not be saved.")))
            return
        composition = replace(self._saver.kept, send_at=self._at)
        not_before = self._at if self._at is not None else int(time.time()) + self._undo_seconds
        self._ticket = self._service.send(
            self._draft_id, composition, not_before=not_before, done=self._done, failed=self._failed
        )

    def _done(self, item: OutboxItem) -> None:
        if self.under_way:
            self._late.stop()
            self.sent.emit(item)

    def _failed(self, error: QtmailError) -> None:
        if self.under_way:
            self._thaw()
            self._strips.tell_not_sent(error, self._again)

    def _thaw(self) -> None:
        self.under_way = False
        self._ticket = None
        self._late.stop()
        self._strips.remove("sending")
        self.progressed.emit("")
        self.frozen.emit(False)

    def _progress(self, progress: Progress) -> None:
        identity = self._form.identity()
        if not self.under_way or progress.what != PREPARED or identity is None:
            return
        if progress.account_id == identity.account_id and not progress.finished:
            total = max(self._form.attachments.wire_size, progress.done)
            words = self.tr("Prepared {0} of {1}")
            self.progressed.emit(words.format(format_size(progress.done), format_size(total)))


def _people_inside(composition: Composition) -> tuple[Address, ...]:
    """Everybody an answer began with, which is everybody the original was from and to."""
    answered = composition.origin is not None and composition.origin.kind is OriginKind.ANSWERED
    return composition.recipients if answered else ()
