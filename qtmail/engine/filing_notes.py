"""What is noted in user.db while copies are filed. Every note is one transaction: a crash leaves it made or
not made.
"""

from __future__ import annotations

from dataclasses import replace

from qtmail.domain.account import Account
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.protocols.quirks import quirks_for
from qtmail.store.facts import Fact
from qtmail.store.filings import FiledCopy
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

YES = "yes"


class FilingNotes:
    """Notes about one account's accepted items. Times are seconds since the epoch."""

    def __init__(self, store: Store, account: Account) -> None:
        self._store = store
        self._account = account

    # -- items

    def accepted(self) -> list[OutboxItem]:
        return self._store.outbox.in_state(self._account.id, OutboxState.ACCEPTED)

    def put_off(self, item: OutboxItem, until: int, last_answer: str = "", advice: str = "") -> None:
        """It is tried again then; with words why, where there is something to say."""
        words = {"last_answer": last_answer, "advice": advice} if last_answer else {}
        with self._store.user_transaction() as tx:
            self._save(tx, item, next_try=until, **words)

    def filed(self, item: OutboxItem, ours: FiledCopy | None) -> None:
        """The copy is proved; `ours` is the one we made, which is to be looked at once more."""
        with self._store.user_transaction() as tx:
            fresh = self._store.outbox.get(item.id)
            if fresh is None or not self._store.outbox.filed(tx, fresh):
                return
            if ours is None:
                self._store.filings.drop(tx, item.id)
            else:
                self._store.filings.save(tx, ours)

    # -- copies

    def copy_of(self, item: OutboxItem, folder: bytes) -> FiledCopy:
        """What is known of the copy that is to be in this folder."""
        known = self._store.filings.get(item.id)
        return replace(known or FiledCopy(item.id, self._account.id, item.message_id, folder), folder=folder)

    def broken_off(self, item: OutboxItem) -> bool:
        """Whether an APPEND began whose end is not known."""
        copy = self._store.filings.get(item.id)
        return copy is not None and copy.appends > 0 and copy.check_at is None

    def begin(self, item: OutboxItem, copy: FiledCopy, until: int) -> FiledCopy | None:
        """An APPEND is about to begin, which other processes leave alone `until` then.

        Returns the copy with it counted, or None if another process was faster.
        """
        begun = replace(copy, appends=copy.appends + 1)
        with self._store.user_transaction() as tx:
            fresh = self._store.outbox.get(item.id)
            if fresh is None or fresh.next_try != item.next_try or fresh.state is not OutboxState.ACCEPTED:
                return None
            self._store.filings.save(tx, begun)
            self._save(tx, fresh, next_try=until)
        return begun

    def refused(self, begun: FiledCopy) -> None:
        """The APPEND that was counted last has put nothing there."""
        with self._store.user_transaction() as tx:
            self._store.filings.save(tx, replace(begun, appends=begun.appends - 1))

    def taken_unseen(self, item: OutboxItem, copy: FiledCopy, later: int) -> FiledCopy:
        """The server says that it has stored the copy: until it is found, it is looked for once more."""
        taken = replace(copy, check_at=later)
        with self._store.user_transaction() as tx:
            self._store.filings.save(tx, taken)
            words = "The server took the copy for Sent, but does not find it there yet."
            self._save(tx, item, next_try=later, last_answer=words, advice="It is looked for again.")
        return taken

    # -- the server

    @property
    def server_files(self) -> bool:
        """Whether the server is known to put what was sent into Sent by itself."""
        learned = self._store.facts.get(self._account.id, Fact.SENT_FILED_BY_SERVER)
        return learned == YES or quirks_for(self._account.server.host).files_sent_mail

    def learn_server_files(self) -> None:
        if not self.server_files:
            with self._store.user_transaction() as tx:
                self._store.facts.learn(tx, self._account.id, Fact.SENT_FILED_BY_SERVER, YES)

    def _save(self, tx: Transaction, item: OutboxItem, **changes: int | str) -> None:
        """Note something with an item as it is now: a report may have changed it since it was read."""
        fresh = self._store.outbox.get(item.id)
        if fresh is not None:
            changed = replace(fresh, **changes)  # type: ignore[arg-type]
            self._store.outbox.save(tx, changed, expected=OutboxState.ACCEPTED)
