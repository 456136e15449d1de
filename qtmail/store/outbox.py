"""The outbox in `user.db`: every message that is to be sent, until nothing is left to do for it.

Which state follows which is the engine's to say (domain.outgoing draws it); here a change is stored only if
the item is still in the state it was decided on, so that of two who act at once one is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qtmail.domain.events import ChangeKind
from qtmail.domain.outgoing import (
    DeliveryStatus,
    NewOutboxItem,
    OutboxItem,
    OutboxState,
    Recipient,
    RecipientState,
)
from qtmail.store.composition_json import decode_origin, encode_origin
from qtmail.store.database import Database
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import encodable

_STATIC = (
    "account_id, identity_id, message_id, subject, sender, size, queued_at, needs_8bit, needs_smtputf8, "
    "request_delivery, origin, sent_folder"
)
_CHANGING = (
    "state, blob_id, not_before, next_try, attempts, handed_over, last_answer, advice, sent_at, acknowledged"
)
_DUE = "account_id = ? AND state IN ('held', 'queued') AND not_before <= ? AND next_try <= ?"
_SELECT = (
    f"SELECT id, {_STATIC}, {_CHANGING}, (SELECT drafts.id FROM drafts "
    "WHERE drafts.outbox_item_id = outbox.id) FROM outbox"
)


class Outbox:
    """Outgoing messages, oldest first. Times are seconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- reading

    def unfinished(self) -> list[OutboxItem]:
        """Those something is left to do for: not filed yet, or the user has not seen who was refused."""
        return self._where("state <> 'filed' OR acknowledged = 0")

    def get(self, item_id: int) -> OutboxItem | None:
        found = self._where("id = ?", (item_id,))
        return found[0] if found else None

    def in_state(self, account_id: int, *states: OutboxState) -> list[OutboxItem]:
        """Those of an account in one of these states."""
        marks = ", ".join("?" for _ in states)
        return self._where(
            f"account_id = ? AND state IN ({marks})", (account_id, *(state.value for state in states))
        )

    def due(self, account_id: int, now: int) -> list[OutboxItem]:
        """Those that are to be sent now."""
        return self._where(_DUE, (account_id, now, now))

    def next_due(self, account_id: int, now: int, after: int) -> OutboxItem | None:
        """The first of those with a number above `after`."""
        found = self._where(f"{_DUE} AND id > ?", (account_id, now, now, after), limit=1)
        return found[0] if found else None

    def next_time(self, account_id: int) -> int | None:
        """When the next of them is due, which may be past; None: none waits."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT min(max(not_before, next_try)) FROM outbox "
                "WHERE account_id = ? AND state IN ('held', 'queued')",
                (account_id,),
            ).fetchone()
            return None if row[0] is None else int(row[0])

    def find_message_id(self, message_id: str) -> list[OutboxItem]:
        """Everything sent under this Message-ID (without brackets), filed items included."""
        return self._where("message_id = ?", (message_id,))

    # -- writing

    def add(
        self, transaction: Transaction, new: NewOutboxItem, blob_id: int, size: int, now: int
    ) -> OutboxItem:
        """Queue a message whose bytes are whole; a draft it was made from is out of sight from now on."""
        state = OutboxState.HELD if new.not_before > now else OutboxState.QUEUED
        cursor = transaction.execute(
            f"INSERT INTO outbox ({_STATIC}, state, blob_id, not_before, next_try) "
            f"VALUES ({', '.join('?' * 16)})",
            (
                new.account_id,
                new.identity_id,
                encodable(new.message_id),
                encodable(new.subject),
                new.sender,
                size,
                now,
                new.needs_8bit,
                new.needs_smtputf8,
                new.request_delivery,
                encode_origin(new.origin),
                new.sent_folder,
                state.value,
                blob_id,
                new.not_before,
                new.not_before,
            ),
        )
        item_id = cursor.lastrowid
        assert item_id is not None
        transaction.executemany(
            "INSERT INTO outbox_recipients (item_id, position, address, state) VALUES (?, ?, ?, 'waiting')",
            [(item_id, position, address) for position, address in enumerate(new.recipients)],
        )
        if new.draft_id is not None:
            transaction.execute(
                "UPDATE drafts SET outbox_item_id = ?, opened_by = '' WHERE id = ?", (item_id, new.draft_id)
            )
            transaction.changed(ChangeKind.DRAFTS)
        transaction.changed(ChangeKind.OUTBOX)
        (item,) = _read(transaction.execute, "id = ?", (item_id,))
        return item

    def save(self, transaction: Transaction, item: OutboxItem, *, expected: OutboxState) -> bool:
        """Store the item's state and recipients if it is still in the state `expected`, and no attempt has
        begun since it was read; returns whether. What reports say is `report`'s to store.
        """
        cursor = transaction.execute(
            f"UPDATE outbox SET ({_CHANGING}) = ({', '.join('?' * 10)}) "
            "WHERE id = ? AND state = ? AND attempts <= ?",
            (
                item.state.value,
                item.blob_id,
                item.not_before,
                item.next_try,
                item.attempts,
                item.handed_over,
                encodable(item.last_answer),
                encodable(item.advice),
                item.sent_at,
                item.acknowledged,
                item.id,
                expected.value,
                item.attempts,
            ),
        )
        if cursor.rowcount == 0:
            return False
        transaction.executemany(
            "UPDATE outbox_recipients SET state = ?, answer = ? WHERE item_id = ? AND position = ?",
            [
                (one.state.value, encodable(one.answer), item.id, position)
                for position, one in enumerate(item.recipients)
            ],
        )
        transaction.changed(ChangeKind.OUTBOX)
        return True

    def filed(self, transaction: Transaction, item: OutboxItem, *, keep_blob: bool = False) -> bool:
        """The copy of an accepted item is proved: nothing is left to do, and its bytes may go.

        `keep_blob`: something else holds them now. Returns whether the item was still accepted.
        """
        done = replace(item, state=OutboxState.FILED, blob_id=0, last_answer="", advice="")
        if not self.save(transaction, done, expected=OutboxState.ACCEPTED):
            return False
        if not keep_blob:
            transaction.execute("UPDATE blobs SET state = 'dropped' WHERE id = ?", (item.blob_id,))
        return True

    def remove(self, transaction: Transaction, item: OutboxItem) -> bool:
        """Forget an item if nothing has happened to it since it was read; its draft is a draft again."""
        cursor = transaction.execute(
            "DELETE FROM outbox WHERE id = ? AND state = ? AND attempts = ?",
            (item.id, item.state.value, item.attempts),
        )
        if cursor.rowcount == 0:
            return False
        transaction.execute("UPDATE blobs SET state = 'dropped' WHERE id = ?", (item.blob_id,))
        transaction.changed(ChangeKind.OUTBOX, ChangeKind.DRAFTS)
        return True

    def acknowledge(self, transaction: Transaction, item_id: int) -> None:
        """The user has seen which recipients were refused."""
        transaction.execute("UPDATE outbox SET acknowledged = 1 WHERE id = ?", (item_id,))
        transaction.changed(ChangeKind.OUTBOX)

    def report(
        self, transaction: Transaction, item_id: int, address: str, status: DeliveryStatus, text: str
    ) -> bool:
        """Note what a report says of one recipient; returns whether that was news.

        Reports come in any order: what was settled (delivered, failed, read) is not unsettled by a late
        "delayed", nor "read" by a late "delivered".
        """
        cursor = transaction.execute(
            "UPDATE outbox_recipients SET delivery = ?1, delivery_text = ?2 "
            "WHERE item_id = ?3 AND lower(address) = lower(?4) AND delivery <> ?1 "
            "AND (?1 NOT IN ('delayed', 'relayed', 'expanded') "
            "OR delivery NOT IN ('delivered', 'failed', 'read')) "
            "AND (?1 <> 'delivered' OR delivery <> 'read')",
            (status.value, encodable(text), item_id, address),
        )
        if cursor.rowcount:
            transaction.changed(ChangeKind.OUTBOX)
        return cursor.rowcount > 0

    def drop_filed(self, transaction: Transaction, before: int) -> None:
        """Forget items that were sent before this time and are done: late reports on them are rare."""
        transaction.execute(
            "DELETE FROM outbox WHERE state = 'filed' AND acknowledged = 1 AND sent_at < ?", (before,)
        )

    # -- inside

    def _where(
        self, condition: str, parameters: tuple[Any, ...] = (), *, limit: int = -1
    ) -> list[OutboxItem]:
        with self._database.reading() as connection:
            return _read(connection.execute, condition, parameters, limit)


def _read(
    execute: Callable[..., Any], condition: str, parameters: tuple[Any, ...], limit: int = -1
) -> list[OutboxItem]:
    rows = execute(f"{_SELECT} WHERE {condition} ORDER BY id LIMIT ?", (*parameters, limit)).fetchall()
    return [_item(row, _recipients(execute, row[0])) for row in rows]


def _recipients(execute: Callable[..., Any], item_id: int) -> tuple[Recipient, ...]:
    rows = execute(
        "SELECT address, state, answer, delivery, delivery_text FROM outbox_recipients "
        "WHERE item_id = ? ORDER BY position",
        (item_id,),
    )
    return tuple(
        Recipient(address, RecipientState(state), answer, DeliveryStatus(delivery), text)
        for address, state, answer, delivery, text in rows
    )


@reads_columns
def _item(row: tuple[Any, ...], recipients: tuple[Recipient, ...]) -> OutboxItem:
    id_, account_id, identity_id, message_id, subject, sender, size, queued_at = row[:8]
    needs_8bit, needs_smtputf8, request_delivery, origin, sent_folder = row[8:13]
    state, blob_id, not_before, next_try, attempts, handed_over, last_answer, advice = row[13:21]
    sent_at, acknowledged, draft_id = row[21:]
    return OutboxItem(
        id_,
        account_id,
        identity_id,
        OutboxState(state),
        message_id,
        subject,
        sender,
        recipients,
        size,
        blob_id,
        queued_at,
        not_before,
        next_try,
        attempts,
        bool(handed_over),
        bool(needs_8bit),
        bool(needs_smtputf8),
        bool(request_delivery),
        last_answer,
        advice,
        sent_at,
        decode_origin(origin),
        sent_folder,
        draft_id,
        bool(acknowledged),
    )
