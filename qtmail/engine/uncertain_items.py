"""Looks whether a message of which nobody knows if it was sent has come into Sent: then it was.

Only a server that files what it takes can tell it in this way; for all others the user is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from qtmail.domain.account import Account
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine import outbox_plan
from qtmail.engine.outcome import store_outcome
from qtmail.engine.retry import Backoff
from qtmail.engine.sent_folder import SentFolder
from qtmail.errors import QtmailError
from qtmail.log import logger
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store

log = logger("filing")

FIRST_LOOK = 10.0
LONGEST_WAIT = 3600.0
"""Seconds between two looks for the same message, at first and at last."""


class UncertainItems:
    """The uncertain items of one account."""

    def __init__(
        self, store: Store, account: Account, sent: SentFolder, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._account = account
        self._sent = sent
        self._clock = clock
        self._looks: dict[int, tuple[float, Backoff]] = {}

    def run(self, session: ImapSession) -> int:
        """Look for those that are due; returns how many were found, which are accepted now.

        Raises ConnectionFailed or ProtocolViolation when the session is lost.
        """
        return sum(self._resolve(session, item) for item in self._items() if self._due(item) <= self._clock())

    def next_time(self) -> float | None:
        """Seconds since the epoch of the next look; None: there is nothing to look for."""
        return min(map(self._due, self._items()), default=None)

    def _items(self) -> list[OutboxItem]:
        return self._store.outbox.in_state(self._account.id, OutboxState.UNCERTAIN)

    def _due(self, item: OutboxItem) -> float:
        return self._looks[item.id][0] if item.id in self._looks else 0.0

    def _resolve(self, session: ImapSession, item: OutboxItem) -> bool:
        _, backoff = self._looks.get(item.id, (0.0, Backoff(first=FIRST_LOOK, longest=LONGEST_WAIT)))
        self._looks[item.id] = (self._clock() + backoff.failed(), backoff)
        try:
            folder = self._sent.wire_name(session, item)
            found = self._sent.copies(session, folder, item)
        except QtmailError as error:
            if session.closed:
                raise
            log.warning("item %d not looked for in Sent: %s (%s)", item.id, error, error.detail)
            return False
        if not found:
            return False
        delivered = outbox_plan.resolved(item, delivered=True, now=int(self._clock()))
        return store_outcome(self._store, delivered, expected=OutboxState.UNCERTAIN)
