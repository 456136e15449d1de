"""What another rule for a POP3 server would delete there, before anybody agrees to it."""

from __future__ import annotations

import time

from qtmail.domain.account import Pop3Policy
from qtmail.engine.pop3_identity import Mail
from qtmail.engine.pop3_plan import to_delete
from qtmail.store.store import Store


def server_deletions(store: Store, account_id: int, policy: Pop3Policy, now: float | None = None) -> int:
    """How many of the messages that were fetched and are still on the server would be deleted there at the
    next look for mail.

    Which of them came first is told by when they were fetched, so of those fetched together the number is
    right, but not which.
    """
    there = [message for message in store.pop3_messages.list(account_id) if message.gone_since is None]
    in_order = sorted(there, key=lambda message: message.fetched_at)
    listing = [(Mail(number, one.size, one.uidl), one) for number, one in enumerate(in_order, 1)]
    return len(to_delete(listing, policy, int(time.time() if now is None else now)))
