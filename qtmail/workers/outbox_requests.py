"""What the user sees of the outbox, and may do with it."""

from __future__ import annotations

from collections.abc import Callable

from qtmail.domain.composition import Draft
from qtmail.domain.outgoing import OutboxItem
from qtmail.errors import Layer, QtmailError
from qtmail.workers.draft_requests import Failed
from qtmail.workers.sending_requests import SendingRequests


class OutboxRequests(SendingRequests):
    """Messages in the outbox."""

    def outbox(self, done: Callable[[list[OutboxItem]], None]) -> None:
        """What is in the outbox, oldest first."""
        self._lookups.submit(self._store.outbox.unfinished, done, self._say)

    def sent_item(self, message_id: str, done: Callable[[OutboxItem | None], None]) -> None:
        """Where a message that was sent from here stands; None for one that was not."""

        def find() -> OutboxItem | None:
            return next(iter(self._store.outbox.find_message_id(message_id)), None)

        self._lookups.submit(find, done, self._say)

    def cancel(self, item_id: int) -> None:
        """Take an item back; its draft is among the drafts again."""
        self._saves.submit(lambda: self._control.cancel(item_id), self._nudge, self._say)

    def edit(self, item_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        """Take an item back and go on writing it; of one that some have, go on for those who were refused."""

        def take_back() -> Draft:
            item = self._store.outbox.get(item_id)
            if item is not None and item.draft_id is None:  # nothing is left of it once it is cancelled
                raise QtmailError(
                    "This message cannot be edited: it did not come from a draft.",
                    advice="Its copy in Sent, or the file it came from, can be edited as new.",
                    layer=Layer.MESSAGE,
                )
            draft_id = None
            if item is None or item.sent_at is None:
                draft_id = self._control.cancel(item_id)
            return self._drafting.open(draft_id or self._control.write_to_refused(item_id))

        self._saves.submit(take_back, done, failed)

    def retry(self, item_id: int) -> None:
        """Try an item now."""
        self._saves.submit(lambda: self._control.retry(item_id), self._wake_outbox, self._say)

    def send_now(self, item_id: int) -> None:
        """Do not wait for the time an item is held back for; its message may have to be made anew."""
        self._queueing.submit(lambda: self._control.retry(item_id), self._wake_outbox, self._say)

    def resolve_uncertain(self, item_id: int, delivered: bool) -> None:
        """The user says what became of a message: it arrived, or it is to be sent again."""

        def resolve() -> OutboxItem:
            return self._control.resolve(item_id, delivered=delivered)

        self._saves.submit(resolve, self._wake_outbox, self._say)

    def acknowledge(self, item_id: int) -> None:
        """The user has seen who was refused."""
        self._saves.submit(lambda: self._control.acknowledge(item_id), self._nothing, self._say)
