"""Completing addresses from those the user writes to and hears from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from qtmail.domain.outgoing import Suggestion
from qtmail.engine.stopping import StopToken
from qtmail.errors import Stopped
from qtmail.store.store import Store
from qtmail.workers.background import Ticket
from qtmail.workers.compose_requests import ComposeRequests
from qtmail.workers.mail_service import MailService


class RecipientRequests(ComposeRequests):
    """Whom one may mean."""

    def __init__(self, store: Store, service: MailService) -> None:
        super().__init__(store, service)
        self._learning = StopToken()

    def complete(self, typed: str, done: Callable[[list[Suggestion]], None]) -> Ticket:
        """Addresses that what was typed may mean, best first."""
        return self._lookups.submit(lambda: self._correspondents.complete(typed), done, self._say)

    def forget_suggestion(self, address: str) -> None:
        """Suggest this address no more."""
        self._saves.submit(lambda: self._correspondents.forget(address), self._nothing, self._say)

    def _learn_correspondents(self) -> None:
        """Learn whom mail came from and went to since the last time; 1 ms if there is nothing new."""

        def load() -> None:
            with suppress(Stopped):
                self._correspondents.load(self._learning)

        self._lookups.submit(load, self._nothing, self._say)
