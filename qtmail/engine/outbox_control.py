"""What the user may do with an item of the outbox. Each is refused, with words, where it comes too late."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Draft
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine import outbox_plan
from qtmail.engine.outcome import store_outcome
from qtmail.engine.queueing import queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.mime.sendable import address_fault, new_message_id, wire_address
from qtmail.store.store import Store

REMEMBERED_SECONDS = 180 * 24 * 3600
"""How long it is known where a message that was sent and filed stands: receipts may come late."""

DATED_AHEAD_SECONDS = 60
"""How far ahead of its sending a message may be dated; what can be undone for some seconds stays below."""

_TAKEN_BACK = (OutboxState.HELD, OutboxState.QUEUED, OutboxState.FAILED)
_TAKEN = (OutboxState.ACCEPTED, OutboxState.FILED)
_TRIED_AGAIN = (OutboxState.HELD, OutboxState.QUEUED, OutboxState.FAILED, OutboxState.ACCEPTED)


class OutboxControl:
    """Changes items on behalf of the user; used by the window and by the command line."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def cancel(self, item_id: int) -> int | None:
        """Take an item back; returns the draft that it is again, or None where it has none.

        Of an item that some recipients have already, the rest is given up. Raises QtmailError when it is too
        late.
        """
        item = self._item(item_id)
        if item.state not in _TAKEN_BACK:
            raise _too_late(item)
        if outbox_plan.partly_accepted(item):
            self._save(outbox_plan.given_up(item), item)
            return None
        with self._store.user_transaction() as tx:
            if not self._store.outbox.remove(tx, item):
                raise _too_late(item)
        return item.draft_id

    def retry(self, item_id: int) -> OutboxItem:
        """Try an item now: one that waits for its time or for the next attempt, or that was refused.

        One that was dated for later is made anew, under another number, so that it bears the date of today.
        One whose copy is not filed yet is filed at the next opportunity.

        Raises QtmailError when it is too late, and FileFailed when an attachment is not there any more: then
        the item stays as it was.
        """
        item = self._item(item_id)
        if item.state is OutboxState.HELD and item.not_before > self._now() + DATED_AHEAD_SECONDS:
            draft = self._store.drafts.get(item.draft_id) if item.draft_id is not None else None
            if draft is not None:
                return self._made_anew(item, draft)
        if item.state is OutboxState.ACCEPTED:
            return self._save(replace(item, next_try=self._now()), item)
        if item.state not in _TRIED_AGAIN:
            raise _too_late(item)
        return self._save(outbox_plan.retried(item, self._now()), item)

    def resolve(self, item_id: int, *, delivered: bool) -> OutboxItem:
        """The user knows what became of an uncertain item: it arrived, or it is to be sent again."""
        item = self._item(item_id)
        if item.state is not OutboxState.UNCERTAIN:
            raise _too_late(item)
        return self._save(outbox_plan.resolved(item, delivered=delivered, now=self._now()), item)

    def drop(self, item_id: int) -> None:
        """Forget an uncertain or refused item without sending it; its draft is a draft again.

        One that some recipients have for certain is filed as sent to these.
        """
        item = self._item(item_id)
        if item.state not in (OutboxState.UNCERTAIN, OutboxState.FAILED):
            raise _too_late(item)
        if outbox_plan.partly_accepted(item):
            self._save(outbox_plan.given_up(item), item)
            return
        with self._store.user_transaction() as tx:
            if not self._store.outbox.remove(tx, item):
                raise _too_late(item)

    def forget_old(self) -> None:
        """Drop what was filed so long ago that no report on it is to be expected."""
        with self._store.user_transaction() as tx:
            self._store.outbox.drop_filed(tx, self._now() - REMEMBERED_SECONDS)

    def acknowledge(self, item_id: int) -> None:
        """The user has seen who was refused, and leaves it at that."""
        item = self._item(item_id)
        with self._store.user_transaction() as tx:
            self._store.outbox.acknowledge(tx, item_id)
            if item.draft_id is not None and item.state in _TAKEN:
                self._store.drafts.drop(tx, [item.draft_id])

    def write_to_refused(self, item_id: int) -> int:
        """Make a draft for those who were refused, of a message that others have; returns the draft.

        Raises QtmailError when there is nothing to make it of.
        """
        item = self._item(item_id)
        draft = self._store.drafts.get(item.draft_id) if item.draft_id is not None else None
        if draft is None or not item.refused or item.state not in _TAKEN:
            raise QtmailError(
                "This message cannot be edited any more.",
                advice="Its copy in Sent can be edited as new.",
                layer=Layer.MESSAGE,
                retry=Retry.NEVER,
            )
        composition = _only_to(draft.composition, {one.address for one in item.refused}, item.sender)
        with self._store.user_transaction() as tx:
            self._store.drafts.release(tx, draft.id)
            self._store.drafts.save(tx, draft.id, composition, self._now())
            self._store.outbox.acknowledge(tx, item_id)
        return draft.id

    def _made_anew(self, item: OutboxItem, draft: Draft) -> OutboxItem:
        return queue_draft(
            self._store,
            draft,
            not_before=self._now(),
            stop=StopToken(),
            instead_of=item,
            clock=self._clock,
        )

    def _item(self, item_id: int) -> OutboxItem:
        item = self._store.outbox.get(item_id)
        if item is None:
            raise QtmailError("This message is no longer in the outbox.", layer=Layer.MESSAGE)
        return item

    def _save(self, after: OutboxItem, before: OutboxItem) -> OutboxItem:
        if not store_outcome(self._store, after, expected=before.state):
            raise _too_late(before)
        return after

    def _now(self) -> int:
        return int(self._clock())


def _only_to(composition: Composition, addresses: Collection[str], sender: str) -> Composition:
    """The same message, as one of its own, to those of its recipients alone."""

    def among(people: tuple[Address, ...]) -> tuple[Address, ...]:
        return tuple(
            one for one in people if not address_fault(one.address) and wire_address(one.address) in addresses
        )

    return replace(
        composition,
        to=among(composition.to),
        cc=among(composition.cc),
        bcc=among(composition.bcc),
        message_id=new_message_id(sender),
        origin=None,
    )


def _too_late(item: OutboxItem) -> QtmailError:
    sentences = {
        OutboxState.SENDING: "The message is being sent at this moment.",
        OutboxState.ACCEPTED: "The server has taken the message already.",
        OutboxState.FILED: "The message has been sent already.",
        OutboxState.UNCERTAIN: "The message may have been sent already.",
    }
    return QtmailError(
        sentences.get(item.state, "The message was changed meanwhile."),
        advice="Look at it in the outbox.",
        layer=Layer.MESSAGE,
        retry=Retry.NEVER,
    )
