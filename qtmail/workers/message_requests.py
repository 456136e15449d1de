"""Messages: what the user interface may ask to read of them and to change in them. From the cache where they
are there, else over the attending session of their account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from qtmail.domain.account import Account
from qtmail.domain.message import Flag
from qtmail.engine.attendant import Errand
from qtmail.engine.bodies import Received
from qtmail.engine.reading import Reading
from qtmail.engine.replay_queue import record_flags
from qtmail.engine.reporting import ProgressMeter, problem_of
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from qtmail.workers.background import Background, Ticket
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.loaded import LoadedMessage, LoadedPart, LoadedSource

T = TypeVar("T")


class MessageRequests:
    """The part of the mail service that is about messages.

    Attributes:
        bridge: where all answers and news come from.
        background: for the user interface's own reads and computations.
    """

    def __init__(self, store: Store, bridge: EngineBridge, background: Background) -> None:
        self.bridge = bridge
        self.background = background
        self._store = store
        self._writes = Background("writes", store)
        self._workers: dict[int, AccountWorkers] = {}
        self._load_ticket: Ticket | None = None
        self._wanted_message: int | None = None

    def load_message(self, message_id: int) -> None:
        """Read a message; `bridge.message_loaded` brings it, at once from the cache or later from the server.

        Only the message asked for last is of interest: earlier ones that are still waiting are dropped.
        """
        if self._load_ticket is not None:
            self._load_ticket.cancel()
        self._wanted_message = message_id

        def here(reading: Reading) -> LoadedMessage | None:
            message = reading.cached(message_id)
            if message is None:
                return None
            return LoadedMessage(message_id, message, on_server=reading.on_server(message_id))

        def fetch(session: ImapSession, reading: Reading) -> LoadedMessage | None:
            if self._wanted_message != message_id:
                return None
            return LoadedMessage(message_id, reading.fetch(session, message_id))

        self._load_ticket = self._read(
            message_id,
            here=here,
            fetch=fetch,
            answer=self.bridge.post,
            failed=lambda error: self.bridge.post(LoadedMessage(message_id, problem=problem_of(error))),
            waiting=lambda: self.bridge.post(LoadedMessage(message_id)),
        )

    def load_part(self, message_id: int, section: str) -> None:
        """Fetch one part; `bridge.part_loaded` brings its decoded bytes."""

        def fetch(session: ImapSession, reading: Reading) -> bytes:
            with self._meter(reading.account) as progress:
                return reading.fetch_part(session, message_id, section, progress)

        self._read(
            message_id,
            here=lambda reading: reading.cached_part(message_id, section),
            fetch=fetch,
            answer=lambda content: self.bridge.post(LoadedPart(message_id, section, content)),
            failed=lambda error: self.bridge.post(LoadedPart(message_id, section, problem=problem_of(error))),
        )

    def load_source(self, message_id: int) -> None:
        """Fetch the whole message; `bridge.source_loaded` brings its bytes."""

        def fetch(session: ImapSession, reading: Reading) -> bytes:
            with self._meter(reading.account) as progress:
                return reading.fetch_source(session, message_id, progress)

        self._read(
            message_id,
            here=lambda reading: reading.cached_source(message_id),
            fetch=fetch,
            answer=lambda raw: self.bridge.post(LoadedSource(message_id, raw)),
            failed=lambda error: self.bridge.post(LoadedSource(message_id, problem=problem_of(error))),
        )

    def fetch_parts(
        self,
        message_id: int,
        sections: Sequence[str],
        answer: Callable[[dict[str, bytes]], None],
        failed: Callable[[QtmailError], None],
    ) -> None:
        """Bring the decoded contents of several parts, "" standing for the whole message as it is.

        `answer` and `failed` are called on any thread.
        """

        def here(reading: Reading) -> dict[str, bytes] | None:
            found = {}
            for section in sections:
                content = _cached(reading, message_id, section)
                if content is None:
                    return None
                found[section] = content
            return found

        def fetch(session: ImapSession, reading: Reading) -> dict[str, bytes]:
            with self._meter(reading.account) as progress:
                return {
                    section: reading.fetch_part(session, message_id, section, progress)
                    if section
                    else reading.fetch_source(session, message_id, progress)
                    for section in sections
                }

        self._read(message_id, here=here, fetch=fetch, answer=answer, failed=failed)

    def set_flags(self, message_ids: Sequence[int], add: Flag, remove: Flag) -> None:
        """Set and clear flags here at once, and on the server as soon as there is a line."""
        ids = list(message_ids)

        def recorded(account_ids: frozenset[int]) -> None:
            for account_id in account_ids:
                if account_id in self._workers:
                    self._workers[account_id].nudge()

        self._writes.submit(lambda: record_flags(self._store, ids, add, remove), recorded, self._say)

    # -- inside

    def _read(
        self,
        message_id: int,
        *,
        here: Callable[[Reading], T | None],
        fetch: Callable[[ImapSession, Reading], T | None],
        answer: Callable[[T], None],
        failed: Callable[[QtmailError], None],
        waiting: Callable[[], None] = lambda: None,
    ) -> Ticket:
        """Answer with what is `here`, else call `waiting` and answer with what `fetch` brings."""

        def look() -> tuple[T | None, Reading]:
            reading = self._reading(message_id)
            return here(reading), reading

        def looked(found: tuple[T | None, Reading]) -> None:
            content, reading = found
            if content is not None:
                answer(content)
                return

            def run(session: ImapSession) -> None:
                fetched = fetch(session, reading)
                if fetched is not None:
                    answer(fetched)

            waiting()
            self._errand(reading.account, Errand(run, failed))

        return self.background.submit(look, looked, failed)

    def _errand(self, account: Account, errand: Errand) -> None:
        """Hand something to the attending session of an account, or say why that cannot be."""
        workers = self._workers.get(account.id)
        if workers is not None:
            workers.request(errand)
        else:
            why = "qtmail is offline" if account.enabled else f"“{account.name}” is switched off"
            sentence = f"This message is not on this computer yet, and {why}."
            errand.failed(QtmailError(sentence, layer=Layer.CONNECTION))

    @contextmanager
    def _meter(self, account: Account) -> Iterator[Received]:
        """Tells how much of what is fetched has come, until it has, or never will."""
        meter = ProgressMeter(self.bridge.post, account.id, "bytes", "")
        try:
            yield meter.advance_to
        finally:
            meter.finish()

    def _reading(self, message_id: int) -> Reading:
        row = self._store.messages.get(message_id)
        account = self._store.accounts.get(row.account_id) if row else None
        if account is None:
            raise QtmailError("This message is no longer in its folder.", layer=Layer.MESSAGE)
        workers = self._workers.get(account.id)
        return Reading(self._store, account, workers.stop_token if workers else StopToken())

    def _say(self, error: QtmailError) -> None:
        self.bridge.post(problem_of(error))


def _cached(reading: Reading, message_id: int, section: str) -> bytes | None:
    """The decoded content of one part, or of the whole message, if it is on this computer."""
    return reading.cached_part(message_id, section) if section else reading.cached_source(message_id)
