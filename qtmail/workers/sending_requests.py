"""From a draft into the outbox.

    save the draft (saves) ──> make the message and store it (queueing) ──> in the outbox
                                     └─ cancelled: the draft stays a draft

Each step begins the next on its own thread: once the message is handed over, the end of the program finds it
in the outbox or, where there was no time to make it, among the drafts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qtmail.domain.composition import Composition, Draft
from qtmail.domain.message import Flag, MessageRow
from qtmail.domain.outgoing import OutboxItem
from qtmail.engine.queueing import queue_draft
from qtmail.engine.receipts import queue_receipt
from qtmail.engine.reporting import ProgressMeter
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError, Stopped, StoreFailed
from qtmail.log import logger
from qtmail.mime.message import ParsedMessage
from qtmail.store.store import Store
from qtmail.workers.background import Ticket
from qtmail.workers.compose_requests import ComposeRequests
from qtmail.workers.draft_requests import Failed
from qtmail.workers.mail_service import MailService

log = logger("sending")


class Sending:
    """A message that is on its way into the outbox; `cancel` ends that, and the draft stays a draft.

    Attributes:
        stop: ends the making of the message.
        item: what it is in the outbox; None before it is there.
    """

    def __init__(self, take_back: Callable[[Sending], None]) -> None:
        self.stop = StopToken()
        self.item: OutboxItem | None = None
        self._take_back = take_back
        self._ticket: Ticket | None = None
        self._lock = threading.Lock()

    def go_on(self, submit: Callable[[], Ticket]) -> None:
        """Begin the next step, unless it was cancelled."""
        with self._lock:
            if not self.stop.stopped:
                self._ticket = submit()

    def cancel(self) -> None:
        """End it; neither of its callbacks will be called. What is in the outbox already is taken back."""
        with self._lock:
            self.stop.stop()
            if self._ticket is not None:
                self._ticket.cancel()
        self._take_back(self)


class SendingRequests(ComposeRequests):
    """Messages on their way into the outbox."""

    def __init__(self, store: Store, service: MailService) -> None:
        super().__init__(store, service)
        self._sendings: set[Sending] = set()

    def send(
        self,
        draft_id: int,
        composition: Composition,
        *,
        not_before: int,
        done: Callable[[OutboxItem], None],
        failed: Failed,
    ) -> Sending:
        """Save a draft, make its message and queue it, to be sent from `not_before` (seconds since the
        epoch) on.

        Until `done` the draft stays as it is, and `Sending.cancel` ends it: then neither is called.
        """
        sending = Sending(self._take_back)
        self._sendings.add(sending)

        def save() -> None:
            try:
                draft = self._drafting.save_to_send(draft_id, composition)
            except QtmailError:
                self._sendings.discard(sending)
                raise

            def queue() -> OutboxItem:
                return self._queue(sending, draft, not_before)

            sending.go_on(lambda: self._queueing.submit(queue, done, failed))

        sending.go_on(lambda: self._saves.submit(save, self._nothing, failed))
        return sending

    def receipt(self, row: MessageRow | None, message: ParsedMessage, *, send: bool) -> None:
        """Answer a sender's wish for a read receipt, or decide once and for all not to."""
        if row is not None:
            self._service.set_flags([row.id], Flag.MDN_SENT, Flag.NONE)
        if send:
            account_id = row.account_id if row is not None else None

            def queue() -> OutboxItem:
                return queue_receipt(self._store, message, account_id)

            self._queueing.submit(queue, self._wake_outbox, self._say)

    # -- inside

    def _queue(self, sending: Sending, draft: Draft, not_before: int) -> OutboxItem:
        meter = self._meter(draft)
        try:
            item = queue_draft(
                self._store,
                draft,
                not_before=not_before,
                stop=sending.stop,
                progress=lambda stored: meter.advance_to(stored, 0),
            )
        except Stopped as stopped:
            raise QtmailError("It was not sent: you cancelled it.", layer=Layer.MESSAGE) from stopped
        finally:
            meter.finish()
            self._sendings.discard(sending)
        sending.item = item
        self._queueing.submit(lambda: item, self._wake_outbox)
        try:
            self._correspondents.note_sent(draft.composition.recipients, int(time.time()))
        except StoreFailed as error:  # the message is in the outbox all the same
            log.warning("recipients not noted: %s (%s)", error, error.detail)
        return item

    def _take_back(self, sending: Sending) -> None:
        """Undo what was done before `cancel` came; on the same thread, so that it finds the end of it."""

        def take_back() -> None:
            self._sendings.discard(sending)
            if sending.item is not None:
                self._control.cancel(sending.item.id)

        self._queueing.submit(take_back, self._nothing, self._say)

    def _stop_sending(self) -> None:
        """Make no more messages; the drafts of those that are not done stay drafts."""
        for sending in list(self._sendings):
            sending.stop.stop()

    def _wake_outbox(self, item: OutboxItem) -> None:
        self._service.send_now(item.account_id)

    def _meter(self, draft: Draft) -> ProgressMeter:
        identity = self._store.identities.get(draft.composition.identity_id)
        account_id = identity.account_id if identity else 0
        return ProgressMeter(self.bridge.post, account_id, "bytes prepared", "")
