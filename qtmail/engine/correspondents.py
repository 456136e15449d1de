"""Completion of addresses: what the store knows of correspondents, in memory and kept up to date."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

from qtmail.domain.address import Address
from qtmail.domain.outgoing import Suggestion
from qtmail.engine.correspondent_index import CHANGES_KEPT_APART, CorrespondentIndex
from qtmail.engine.stopping import StopToken, heavy_lane
from qtmail.mime.headers import header_values, parse_addresses
from qtmail.store.store import Store

MESSAGES_AT_ONCE = 20_000
"""Senders are counted by SQLite in ranges of so many messages: about 20 ms each."""
HEADERS_AT_ONCE = 200
SENT_READ = 20_000
"""Of the mail in Sent folders so many headers are read, the newest; older ones tell nothing new."""


class Correspondents:
    """The addresses of one profile: loaded from the store, kept up, asked for completions.

    `load`, `note_sent` and `forget` read or write the store and belong on a worker thread; `complete` only
    looks into memory.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._index = CorrespondentIndex()
        self._loading = threading.Lock()
        self._sent_until = 0
        self._heard_until = 0
        self._written_loaded = False

    def __len__(self) -> int:
        return len(self._index)

    def load(self, stop: StopToken | None = None) -> None:
        """Read what the store knows; when called again, only what came since. Raises StoreFailed, Stopped.

        Completion works while this runs: first with what was sent from here, then with what is in Sent
        folders, then with who wrote.
        """
        stop = stop or StopToken()
        with self._loading:
            self._load_written()
            until = self._store.correspondents.last_message_id()
            self._load_sent(until, stop)
            self._load_heard(until, stop)

    def note_sent(self, addresses: Iterable[Address], when: int) -> None:
        """The user sent a message to these addresses at `when`, in seconds since the epoch."""
        people = [one for one in addresses if one.address]
        with self._store.user_transaction() as transaction:
            self._store.correspondents.note_sent(transaction, people, when)
        for one in people:
            self._index.note_sent(one.address, one.name, 1, when)
        self._index.build(at_least=CHANGES_KEPT_APART)

    def complete(self, typed: str, limit: int = 10) -> list[Suggestion]:
        """The likeliest addresses for what was typed, best first."""
        return self._index.search(typed, limit)

    def forget(self, address: str) -> None:
        """Suggest an address no more, until the user writes to it again."""
        with self._store.user_transaction() as transaction:
            self._store.correspondents.forget(transaction, address)
        self._index.forget(address)

    def _load_written(self) -> None:
        if self._written_loaded:
            return
        for address, name, count, last, forgotten in self._store.correspondents.written():
            if count:
                self._index.note_sent(address, name, count, last)
            if forgotten:
                self._index.forget(address)
        self._written_loaded = True
        self._index.build()

    def _load_sent(self, until: int, stop: StopToken) -> None:
        now = int(time.time())
        found: list[tuple[Address, int]] = []
        ids = self._store.correspondents.sent_ids(self._sent_until, until, SENT_READ)
        for first in range(0, len(ids), HEADERS_AT_ONCE):
            headers = self._store.correspondents.sent_headers(ids[first : first + HEADERS_AT_ONCE])
            with heavy_lane(stop):
                found += [(one, min(date, now)) for date, data in headers for one in _recipients(data)]
        for one, date in found:
            self._index.note_filed(one.address, one.name, date)
        self._sent_until = until
        self._index.build(at_least=CHANGES_KEPT_APART)

    def _load_heard(self, until: int, stop: StopToken) -> None:
        now = int(time.time())
        while self._heard_until < until:
            stop.check()
            last = min(self._heard_until + MESSAGES_AT_ONCE, until)
            for address, name, messages, date in self._store.correspondents.heard(self._heard_until, last):
                if "@" in address:
                    # Junk is dated in the future to stay on top of lists.
                    self._index.note_heard(address, name, messages, min(date, now))
            self._heard_until = last
        self._index.build(at_least=CHANGES_KEPT_APART)


def _recipients(header: bytes) -> Iterator[Address]:
    values, charset = header_values(header)
    for name in (b"to", b"cc", b"bcc"):
        if value := values.get(name):
            yield from (one for one in parse_addresses(value, fallback=charset) if "@" in one.address)
