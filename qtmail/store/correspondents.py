"""Whom the user writes to and hears from: what completion is made of.

In `user.db`: the addresses written to from here, and those the user does not want suggested. What came and
what lies in Sent folders is read from `cache.db` as it is, by ranges of message ids, which only ever grow: so
nothing is kept twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qtmail.domain.address import Address
from qtmail.domain.folder import SpecialUse
from qtmail.store.database import Database
from qtmail.store.transaction import Transaction
from qtmail.store.values import encodable, whole_list

_NOT_HEARD = (SpecialUse.SENT, SpecialUse.DRAFTS, SpecialUse.JUNK, SpecialUse.TRASH)
"""Mail in these folders was not sent to the user, or is not wanted."""

_NOTE = """
INSERT INTO correspondents (address, written, name, sent_count, last_sent_at) VALUES (?1, ?2, ?3, 1, ?4)
ON CONFLICT (address) DO UPDATE SET
    written = ?2, name = iif(?3 = '', name, ?3), sent_count = sent_count + 1,
    last_sent_at = max(last_sent_at, ?4), forgotten = 0
"""
_FORGET = """
INSERT INTO correspondents (address, written, forgotten) VALUES (?1, ?2, 1)
ON CONFLICT (address) DO UPDATE SET forgotten = 1
"""


class Written(NamedTuple):
    """An address the user wrote to from here, or took off the suggestions.

    Attributes:
        last_sent_at: seconds since the epoch.
    """

    address: str
    name: str
    sent_count: int
    last_sent_at: int
    forgotten: bool


class Heard(NamedTuple):
    """Mail from one sender in a range of messages.

    Attributes:
        messages: how many.
        last: date of the latest, seconds since the epoch.
    """

    address: str
    name: str
    messages: int
    last: int


class SentHeader(NamedTuple):
    """The date (seconds since the epoch) and the raw header fields of a message in a Sent folder."""

    date: int
    data: bytes


class Correspondents:
    """Addresses in use. Writing publishes no change: no list shows them."""

    def __init__(self, user: Database, cache: Database) -> None:
        self._user = user
        self._cache = cache

    # --- what the user did here ---

    def written(self) -> list[Written]:
        with self._user.reading() as connection:
            rows = connection.execute(
                "SELECT written, name, sent_count, last_sent_at, forgotten FROM correspondents"
            )
            return [
                Written(address, name, count, last, bool(forgotten))
                for address, name, count, last, forgotten in rows
            ]

    def note_sent(self, transaction: Transaction, addresses: Iterable[Address], when: int) -> None:
        """Count a message to these addresses, queued at `when` (seconds since the epoch)."""
        transaction.executemany(
            _NOTE,
            [
                (key_of(one.address), encodable(one.address), encodable(one.name), when)
                for one in addresses
                if one.address
            ],
        )

    def forget(self, transaction: Transaction, address: str) -> None:
        """Suggest an address no more, until the user writes to it again."""
        transaction.execute(_FORGET, (key_of(address), encodable(address)))

    # --- what is in the mail ---

    def last_message_id(self) -> int:
        """The highest id given to a message so far."""
        with self._cache.reading() as connection:
            (next_id,) = connection.execute("SELECT next_message_id FROM counters").fetchone()
            return int(next_id) - 1

    def heard(self, after: int, until: int) -> list[Heard]:
        """Who sent the messages with an id above `after`, up to `until`."""
        with self._cache.reading() as connection:
            rows = connection.execute(
                "SELECT sender_address, sender_name, count(*), max(date) FROM messages "
                "WHERE id > ? AND id <= ? AND sender_address <> '' "
                "AND folder_id NOT IN (SELECT id FROM folders WHERE special_use IN (?, ?, ?, ?)) "
                "GROUP BY sender_address, sender_name",
                (after, until, *_NOT_HEARD),
            )
            return [Heard(*row) for row in rows]

    def sent_ids(self, after: int, until: int, limit: int) -> list[int]:
        """Ids in that range of messages in Sent folders, newest first, at most `limit`."""
        with self._cache.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM messages WHERE id > ? AND id <= ? "
                "AND folder_id IN (SELECT id FROM folders WHERE special_use = ?) "
                "ORDER BY date DESC LIMIT ?",
                (after, until, SpecialUse.SENT, limit),
            )
            return [id_ for (id_,) in rows]

    def sent_headers(self, ids: Sequence[int]) -> list[SentHeader]:
        """The headers of these messages, in no order, missing ones left out."""
        with self._cache.reading() as connection:
            rows = connection.execute(
                "SELECT m.date, h.data FROM messages AS m JOIN headers AS h ON h.message_id = m.id "
                "WHERE m.id IN (SELECT value FROM json_each(?))",
                (whole_list(ids),),
            )
            return [SentHeader(*row) for row in rows]


def key_of(address: str) -> str:
    """An address as it is compared: few servers heed the case of local parts, and no person does."""
    return encodable(address).casefold()
