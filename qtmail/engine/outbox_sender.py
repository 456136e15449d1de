"""Sends what is due in one account's outbox, all of it over one connection.

Each step that must survive a power failure is on the disk before the next begins:

1. `sending`, with the attempt counted, before MAIL FROM;
2. `handed over`, before the line that ends the data;
3. what the server answered, with the original marked answered or forwarded and the draft gone, at once.

A crash between 1 and 2 sends again, for nothing was delivered; between 2 and 3 the item is found `uncertain`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from qtmail.domain.account import Account
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine import outbox_plan
from qtmail.engine.outcome import store_outcome
from qtmail.engine.reporting import Listener, ProgressMeter
from qtmail.engine.retry import Backoff
from qtmail.engine.session_holder import SessionHolder
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, MessageUnsendable, QtmailError, SignInFailed, Stopped
from qtmail.log import logger
from qtmail.mime.recode import to_seven_bit
from qtmail.protocols.smtp import RecipientResult, SendResult, SmtpEnvelope, SmtpReply, SmtpSession
from qtmail.store.facts import Fact
from qtmail.store.store import Store

log = logger("outbox")

FIRST_RETRY = 60.0
LONGEST_RETRY = 3600.0
"""Seconds until a message that was put off is tried again: greylisting wants some minutes, and nobody wants
to be asked every two seconds.
"""


SIGN_IN_FIRST = 530
"""A reply that is about the account and not about the message (RFC 4954 section 6)."""


class OutboxSender:
    """The outbox of one account; used by one thread, and by one process at a time (see OutboxLock)."""

    def __init__(
        self,
        store: Store,
        account: Account,
        backend: SmtpBackend,
        listener: Listener,
        stop: StopToken,
        *,
        clock: Callable[[], float] = time.time,
        delay: outbox_plan.Delay | None = None,
    ) -> None:
        self._store = store
        self._account = account
        self._backend = backend
        self._listener = listener
        self._stop = stop
        self._clock = clock
        self._delay = delay or Backoff(first=FIRST_RETRY, longest=LONGEST_RETRY).after
        self._holder = SessionHolder(stop)
        self._handed_over: OutboxItem | None = None
        self._unsaved: dict[int, OutboxItem] = {}

    def recover(self) -> None:
        """Put right what was being sent when the program ended; only while holding the outbox's lock."""
        for item in self._store.outbox.in_state(self._account.id, OutboxState.SENDING):
            with self._store.user_transaction() as tx:
                now_is = outbox_plan.recovered(item, self._now())
                self._store.outbox.save(tx, now_is, expected=OutboxState.SENDING)

    def next_time(self) -> int | None:
        """When something is due, in seconds since the epoch, which may be past; None: nothing waits."""
        return 0 if self._unsaved else self._store.outbox.next_time(self._account.id)

    def send_due(self) -> int:
        """Send everything that is due; returns how many messages the server took.

        Raises QtmailError when there is no line or it broke; what was not sent stays queued.
        """
        self._save_outcomes()
        taken = last = 0
        while self._next_due(last):
            # Another line, if the one before did not outlive a message.
            with self._signed_in() as session:
                while not session.closed and (item := self._next_due(last)):
                    self._stop.check()
                    last = item.id
                    taken += self._send(session, item)
        return taken

    def abort(self) -> None:
        """Break off what is under way, from another thread after the stop token was set."""
        self._holder.abort()

    @property
    def awaits_answer(self) -> bool:
        """All of a message has been said and the answer is due: a good moment to wait a little longer."""
        return self._handed_over is not None

    # -- inside

    @contextmanager
    def _signed_in(self) -> Iterator[SmtpSession]:
        try:
            session = self._backend.open(on_created=self._holder.hold)
        except QtmailError as error:
            self._note_waiting(error)
            raise
        finally:
            self._holder.release()
        self._holder.hold(session)
        try:
            self._learn(session)
            yield session
            session.quit()
        finally:
            self._holder.release()
            session.close()

    def _next_due(self, after: int) -> OutboxItem | None:
        return self._store.outbox.next_due(self._account.id, self._now(), after)

    def _note_waiting(self, error: QtmailError) -> None:
        """Say at each message that is due why it does not go; the attempt did not begin."""
        for item in self._store.outbox.due(self._account.id, self._now()):
            if (item.last_answer, item.advice) != (error.sentence, error.advice):
                waiting = replace(item, last_answer=error.sentence, advice=error.advice)
                with self._store.user_transaction() as tx:
                    self._store.outbox.save(tx, waiting, expected=item.state)

    def _learn(self, session: SmtpSession) -> None:
        offers = session.offers
        learned = {
            Fact.SMTP_SIZE_LIMIT: str(offers.size_limit or 0),
            Fact.SMTP_8BITMIME: "yes" if offers.eight_bit else "no",
        }
        for fact, value in learned.items():
            if self._store.facts.get(self._account.id, fact) != value:
                with self._store.user_transaction() as tx:
                    self._store.facts.learn(tx, self._account.id, fact, value)

    def _send(self, session: SmtpSession, due: OutboxItem) -> bool:
        """Send one message; returns whether the server took it. Raises QtmailError when the line is lost."""
        item = outbox_plan.claimed(due)
        with self._store.user_transaction() as tx:
            if not self._store.outbox.save(tx, item, expected=due.state):
                return False  # cancelled at the last moment
        try:
            result = self._hand_in(session, item)
        except (QtmailError, Stopped) as error:
            self._settle(self._broken_off(item, error))
            if isinstance(error, MessageUnsendable | FileFailed):
                return False  # its own fault: the others go on
            raise
        finally:
            self._handed_over = None
        after = outbox_plan.answered(item, result, self._now(), self._delay)
        self._settle(after)
        return after.state is OutboxState.ACCEPTED

    def _hand_over(self, item: OutboxItem, told: Sequence[RecipientResult]) -> None:
        item = outbox_plan.handed_over(item, told)
        with self._store.user_transaction() as tx:
            self._store.outbox.save(tx, item, expected=OutboxState.SENDING)
        self._handed_over = item

    def _broken_off(self, item: OutboxItem, error: QtmailError | Stopped) -> OutboxItem:
        """What an item becomes whose attempt did not end with an answer."""
        match error:
            case _ if self._handed_over is not None:
                after = outbox_plan.lost(self._handed_over)
            case Stopped():
                after = outbox_plan.recovered(item, self._now())
            case MessageUnsendable() | FileFailed():
                after = outbox_plan.unsendable(item, error)
            case _:
                after = outbox_plan.interrupted(item, error, self._now(), self._delay)
        log.warning("message %d is %s: %r", item.id, after.state, error)
        return after

    def _settle(self, after: OutboxItem) -> None:
        """Store what became of an attempt; what the disk does not take is kept and stored later."""
        self._unsaved[after.id] = after
        self._save_outcomes()

    def _save_outcomes(self) -> None:
        for after in list(self._unsaved.values()):
            store_outcome(self._store, after, expected=OutboxState.SENDING)
            del self._unsaved[after.id]

    def _hand_in(self, session: SmtpSession, item: OutboxItem) -> SendResult:
        """Say the message to the server: as it was queued, or in 7 bits to a server that takes no more."""
        pieces: Iterable[bytes] = self._store.blobs.pieces(item.blob_id)
        size, eight_bit = item.size, item.needs_8bit
        if eight_bit and not session.offers.eight_bit:
            recoded = to_seven_bit(pieces)
            pieces, size, eight_bit = [recoded], len(recoded), False
        envelope = SmtpEnvelope(
            sender=item.sender,
            recipients=tuple(one.address for one in item.waiting),
            size=size,
            eight_bit=eight_bit,
            smtputf8=item.needs_smtputf8,
            envelope_id=envelope_id(item),
            notify=item.request_delivery,
        )
        meter = ProgressMeter(self._listener, self._account.id, "bytes sent", "", size)
        try:
            result = session.send(
                envelope, self._metered(pieces, meter), before_end=partial(self._hand_over, item)
            )
        finally:
            meter.finish()
        if result.reply.code == SIGN_IN_FIRST:
            self._handed_over = None
            raise _not_signed_in(result.reply)
        return result

    def _metered(self, pieces: Iterable[bytes], meter: ProgressMeter) -> Iterator[bytes]:
        for piece in pieces:
            self._stop.check()
            meter.advance(len(piece))
            yield piece

    def _now(self) -> int:
        return int(self._clock())


def envelope_id(item: OutboxItem) -> str:
    """What servers name the message by in their reports (RFC 3461 section 4.4)."""
    return f"qtmail-{item.id}-{item.message_id.partition('@')[0]}"


def _not_signed_in(reply: SmtpReply) -> SignInFailed:
    return SignInFailed(
        "The server takes mail only from who has signed in.",
        advice="Enter the user name and the password for sending in the account's settings.",
        detail=str(reply),
    )
