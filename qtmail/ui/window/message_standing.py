"""Says above a message what writing and sending have to do with it: how a sent one fared, who asks for a
receipt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.message import Flag, MessageRow
from qtmail.domain.outgoing import OutboxItem
from qtmail.ui.outbox.delivery_texts import delivery_sentence

if TYPE_CHECKING:
    from qtmail.mime.message import ParsedMessage
    from qtmail.ui.message_view.message_view import MessageView
    from qtmail.workers.compose_service import ComposeService

_NEVER_ANSWERED = Flag.DRAFT | Flag.MDN_SENT | Flag.JUNK


class MessageStanding(QObject):
    """Keeps these strips of one reading pane.

    Args:
        clock: the present moment, in seconds since the epoch.
    """

    def __init__(
        self, view: MessageView, service: ComposeService, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(view)
        self._view = view
        self._service = service
        self._clock = clock
        self._told = ""

    def show(self, row: MessageRow | None, message: ParsedMessage) -> None:
        """Say of the message that was just shown what there is to say; `row` is None for a file."""
        self._told = ""
        if self._is_own(message):
            self._ask_how_it_stands(message)
        elif row is not None and not row.flags & _NEVER_ANSWERED:
            self._ask_for_consent(row, message)

    def apply(self, change: StoreChange) -> None:
        """Follow a committed change: a report may have come for the message on display."""
        message = self._view.message()
        if ChangeKind.OUTBOX in change.kinds and message is not None and self._is_own(message):
            self._ask_how_it_stands(message)

    def _is_own(self, message: ParsedMessage) -> bool:
        own = {identity.address.lower() for identity in self._service.identities()}
        return any(sender.address.lower() in own for sender in message.envelope.from_)

    def _ask_how_it_stands(self, message: ParsedMessage) -> None:
        if message.envelope.message_id:
            # A method of this object, not a lambda: nobody calls it once the window is closed.
            self._service.sent_item(message.envelope.message_id, partial(self._tell_delivery, message))

    def _tell_delivery(self, message: ParsedMessage, item: OutboxItem | None) -> None:
        if item is None or self._view.message() is not message:
            return
        words, tone = delivery_sentence(item, self._clock())
        if words != self._told:  # else it is there, or the user has closed it
            self._told = words
            self._view.notices.tell_delivery(words, tone)

    def _ask_for_consent(self, row: MessageRow, message: ParsedMessage) -> None:
        """Consent is asked each time (RFC 8098 section 2.1): a receipt tells a stranger when one reads."""
        # The readers of header fields take 30 ms to import: not before the window is shown.
        from qtmail.mime.receipts import receipt_doubt, receipt_requested  # noqa: PLC0415

        if receipt_requested(message) is None:
            return
        self._view.notices.ask_for_receipt(
            row.sender,
            receipt_doubt(message),
            lambda: self._service.receipt(row, message, send=True),
            lambda: self._service.receipt(row, message, send=False),
        )
