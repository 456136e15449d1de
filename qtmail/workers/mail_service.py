"""What the user interface may ask of the engine. Every method returns at once; answers come through the
bridge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import AccountState, Problem
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation
from qtmail.engine.accounts import add_account, check_forgettable, forget_account, sweep
from qtmail.engine.attendant import Errand
from qtmail.engine.bodies import Received
from qtmail.engine.imap_backend import ImapBackend, tls_trust
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.reading import Reading
from qtmail.engine.replay_queue import record_flags
from qtmail.engine.reporting import ProgressMeter, problem_of
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError
from qtmail.log import LogLine, ProtocolLog
from qtmail.mime.message import ParsedMessage
from qtmail.protocols.certificates import fingerprint
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store
from qtmail.workers.account_workers import AccountWorkers
from qtmail.workers.background import Background, Ticket
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.loaded import LoadedMessage, LoadedPart, LoadedSource

T = TypeVar("T")

STOP_SECONDS = 1.5
"""How long stopping may take in all; a thread that has not ended by then is left behind."""


class MailService:
    """Supervises the workers of all accounts; lives on the GUI thread.

    Attributes:
        bridge: where all answers and news come from.
        background: for the user interface's own reads and computations.
        offline: do not connect to any server; set before `start`.
    """

    def __init__(
        self, store: Store, credentials: Credentials, bridge: EngineBridge, background: Background
    ) -> None:
        self.bridge = bridge
        self.background = background
        self.offline = False
        self._store = store
        self._credentials = credentials
        self._writes = Background("writes", store)
        self._checks = Background("checks", store)
        self._workers: dict[int, AccountWorkers] = {}
        self._logs: dict[int, ProtocolLog] = {}
        self._load_ticket: Ticket | None = None
        self._wanted_message: int | None = None
        self._stopped = False
        self._unsubscribe = store.subscribe(bridge.post)

    # -- life

    def start(self) -> None:
        """Start the workers of every account, unless the program was started to stay offline."""

        def start_all(accounts: list[Account]) -> None:
            for account in accounts:
                self._start_account(account)

        self._writes.submit(lambda: sweep(self._store), lambda _: None)
        self.background.submit(self._store.accounts.list, start_all, self._say)

    def stop(self) -> None:
        """End all workers within two seconds; what they did not finish is resumed at the next start."""
        self._stopped = True
        deadline = time.monotonic() + STOP_SECONDS
        for workers in self._workers.values():
            workers.stop()
        self._writes.stop(deadline - time.monotonic())  # first of all, what the user did reaches the disk
        for workers in self._workers.values():
            workers.join(deadline)
        self._checks.stop(0.0)
        self._unsubscribe()
        self.bridge.close()

    # -- what stands

    def accounts(self) -> list[Account]:
        return self._store.accounts.list()

    def states(self) -> dict[int, AccountState]:
        return {account_id: workers.state for account_id, workers in self._workers.items()}

    def pending_operations(self, account_id: int) -> list[Operation]:
        """Changes the server has not confirmed yet."""
        return self._store.operations.pending(account_id)

    def protocol_log(self, account_id: int) -> list[LogLine]:
        """The last lines of the conversation with an account's server, without secrets."""
        log = self._logs.get(account_id)
        return log.lines() if log else []

    def keyring_problem(self) -> str:
        """Why passwords cannot be kept on this computer, in a sentence; "" where they can.

        May block on a prompt: call it in the background.
        """
        return self._credentials.unusable_reason()

    # -- messages

    def sync_now(self, account_id: int | None = None) -> None:
        """Check for mail in one account or in all."""
        for workers in self._workers.values():
            if account_id in (None, workers.account.id):
                workers.sync_now()

    def load_message(self, message_id: int) -> None:
        """Read a message; `bridge.message_loaded` brings it, at once from the cache or later from the server.

        Only the message asked for last is of interest: earlier ones that are still waiting are dropped.
        """
        if self._load_ticket is not None:
            self._load_ticket.cancel()
        self._wanted_message = message_id

        def fetch(session: ImapSession, reading: Reading) -> ParsedMessage | None:
            return reading.fetch(session, message_id) if self._wanted_message == message_id else None

        self._load_ticket = self._read(
            message_id,
            here=lambda reading: reading.cached(message_id),
            fetch=fetch,
            answer=lambda message: self.bridge.post(LoadedMessage(message_id, message)),
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

    def send_now(self, account_id: int) -> None:
        """Something was queued in an account's outbox, or is to be tried or filed now."""
        if account_id in self._workers:
            self._workers[account_id].send_now()
            self._workers[account_id].nudge()

    def nudge(self) -> None:
        """The attending sessions have something to put on their servers."""
        for workers in self._workers.values():
            workers.nudge()

    def set_flags(self, message_ids: Sequence[int], add: Flag, remove: Flag) -> None:
        """Set and clear flags here at once, and on the server as soon as there is a line."""
        ids = list(message_ids)

        def recorded(account_ids: frozenset[int]) -> None:
            for account_id in account_ids:
                if account_id in self._workers:
                    self._workers[account_id].nudge()

        self._writes.submit(lambda: record_flags(self._store, ids, add, remove), recorded, self._say)

    # -- accounts

    def test_account(self, account: Account, password: str, done: Callable[[list[Verdict]], None]) -> None:
        """Try an account's servers step by step; `done` gets the verdicts on the GUI thread."""
        from qtmail.engine.doctor import check_server  # noqa: PLC0415 - 10 ms that a start can do without

        self._checks.submit(lambda: check_server(account, password, tls_trust(self._store)), done)

    def add_account(self, account: Account, password: str | None, *, remember: bool) -> None:
        """Store an account and start it; a password that cannot be kept is used for this session and said
        so.
        """

        def store_it() -> Account:
            return add_account(self._store, account)

        def stored(added: Account) -> None:
            self._take_password(added, password, remember, lambda: self._start_account(added))

        self._writes.submit(store_it, stored, self._say)

    def remove_account(self, account_id: int) -> None:
        """Stop an account and forget it, its password and what was cached of it; the server is not
        touched. Where mail of it waits in the outbox that is said, and nothing happens.
        """

        def check() -> None:
            check_forgettable(self._store, account_id)

        self._writes.submit(check, lambda _: self._stop_and_forget(account_id), self._say)

    def _stop_and_forget(self, account_id: int) -> None:
        workers = self._workers.pop(account_id, None)
        if workers is not None:
            workers.stop()

        self._logs.pop(account_id, None)

        def forget() -> None:
            if workers is not None:
                workers.join(time.monotonic() + STOP_SECONDS)
            account = self._store.accounts.get(account_id)
            if account is not None:
                forget_account(self._store, account_id)
                self._credentials.forget(account)

        def stays(error: QtmailError) -> None:
            """Something was put into its outbox in that moment, or its password could not be forgotten."""
            self._say(error)
            if workers is not None and self._store.accounts.get(account_id) is not None:
                self._start_account(workers.account)

        self._writes.submit(forget, lambda _: None, stays)

    def supply_password(
        self, account_id: int, password: str, *, remember: bool, sending: bool = False
    ) -> None:
        """Use this password from now on, and try again at once.

        `sending`: for the server mail is handed in to.
        """
        workers = self._workers.get(account_id)
        if workers is not None:
            self._take_password(workers.account, password, remember, workers.sync_now, sending=sending)

    def trust_certificate(self, problem: Problem) -> None:
        """Accept the certificate a problem is about, for that server and that certificate only, and try
        again.
        """
        workers = self._workers.get(problem.account_id)
        if workers is None or not problem.certificate:
            return
        server = workers.account.server_for(sending=problem.sending)

        def trust() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.trust(tx, server.host, server.port, fingerprint(problem.certificate))

        self._writes.submit(trust, lambda _: workers.sync_now(), self._say)

    def allow_clear_password(self, problem: Problem) -> None:
        """Let the password go to the server a problem is about over a line that is not encrypted."""
        workers = self._workers.get(problem.account_id)
        if workers is None:
            return
        server = workers.account.server_for(sending=problem.sending)

        def allow() -> None:
            with self._store.user_transaction() as tx:
                self._store.accounts.allow_clear(tx, server.host, server.port)

        self._writes.submit(allow, lambda _: workers.sync_now(), self._say)

    # -- inside

    def _start_account(self, account: Account) -> None:
        if self.offline or self._stopped or account.id in self._workers:
            return
        stop = StopToken()
        workers = AccountWorkers(
            self._store,
            account,
            self.bridge.post,
            reads=self._reads(account) if account.imap is not None else None,
            sends=self._sends(account, stop) if account.smtp is not None else None,
            lock=OutboxLock(self._store.directory, account.id),
            stop=stop,
        )
        self._workers[account.id] = workers
        self._writes.submit(workers.start, lambda _: None)  # starting a thread waits for it to run: 5 ms

    def _reads(self, account: Account) -> ImapBackend:
        return ImapBackend(
            account,
            credentials=self._credentials,
            trust=tls_trust(self._store),
            protocol_log=self._log(account),
        )

    def _sends(self, account: Account, stop: StopToken) -> OutboxSender:
        backend = SmtpBackend(
            account,
            self._store,
            credentials=self._credentials,
            trust=tls_trust(self._store),
            protocol_log=self._log(account),
        )
        return OutboxSender(self._store, account, backend, self.bridge.post, stop)

    def _log(self, account: Account) -> ProtocolLog:
        return self._logs.setdefault(account.id, ProtocolLog())

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
            sentence = "This message is not on this computer yet, and qtmail is offline."
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

    def _take_password(
        self,
        account: Account,
        password: str | None,
        remember: bool,
        then: Callable[[], None],
        *,
        sending: bool = False,
    ) -> None:
        """Keep a password for this session and, if wanted, in the keyring, which may block on a prompt."""
        purpose = "smtp" if sending or account.imap is None else "imap"

        def keep() -> None:
            if password is None:
                return
            self._credentials.session(account, password, purpose)
            if remember:
                self._credentials.remember(account, password, purpose)

        def not_kept(error: QtmailError) -> None:
            self._say(error)
            then()

        self._checks.submit(keep, lambda _: then(), not_kept)

    def _say(self, error: QtmailError) -> None:
        self.bridge.post(problem_of(error))


def _cached(reading: Reading, message_id: int, section: str) -> bytes | None:
    """The decoded content of one part, or of the whole message, if it is on this computer."""
    return reading.cached_part(message_id, section) if section else reading.cached_source(message_id)
