"""One look for mail over one session: sign-in is done, then listing, fetching, deleting, QUIT.

    listing ──> recognise ──> RETR, TOP ──> user.db ──> DELE ──> QUIT
                                                            └─ what it deletes counts once it is answered +OK

A session that breaks anywhere has deleted nothing on the server; what came before is here, and known to be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from qtmail.domain.account import Account, Pop3Keep
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.pop3_identity import (
    DistinctIds,
    Mail,
    Recognised,
    doubtful,
    header_digest,
    header_of,
    recognise,
    stand_in,
    with_ids,
)
from qtmail.engine.pop3_intake import Pop3Intake, beginning
from qtmail.engine.pop3_plan import Fetch, to_delete, to_fetch, to_forget
from qtmail.engine.reporting import Listener, ProgressMeter, SyncTally
from qtmail.engine.stopping import StopToken
from qtmail.log import logger
from qtmail.protocols.pop3 import Pop3Refused, Pop3Session
from qtmail.store.store import Store

log = logger("pop3")

SESSION_MESSAGES = 2000
"""Messages fetched in one session where they are to be deleted: a line that breaks takes the deletions of no
more than these with it.
"""


class Pop3Check:
    """Use a new object for each session.

    Attributes:
        more: there is mail left for another session.
        has_ids: whether the server gives its messages unique ids.
    """

    def __init__(
        self,
        store: Store,
        account: Account,
        local: LocalMail,
        session: Pop3Session,
        *,
        listener: Listener,
        tally: SyncTally,
        stop: StopToken,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.more = False
        self.has_ids = True
        self._store = store
        self._account = account
        self._policy = account.pop3_policy
        self._local = local
        self._session = session
        self._listener = listener
        self._tally = tally
        self._stop = stop
        self._clock = clock
        self._may_delete = True
        self._digests: dict[int, bytes] = {}
        self._not_given: list[Mail] = []
        self._why_not = ""

    def run(self) -> None:
        """Look for mail, and say goodbye.

        Raises:
            ServerRefused: the messages cannot be listed.
            ConnectionFailed, ProtocolViolation, Stopped: the session is lost; another one goes on.
        """
        listing, found = self._look()
        fetch = self._portion(to_fetch(listing, found, self._policy, top=self._session.capabilities.top))
        intake = self._fetch(listing, found, fetch)
        self._note_gone(listing, intake)
        ids = {number: message.uidl for number, message in found.here.items()} | intake.ids
        marked = self._delete(listing, ids, intake.ids)
        self._quit(marked)

    # -- what is there

    def _look(self) -> tuple[list[Mail], Recognised]:
        """List the messages, and tell those that are here from those that are not."""
        known = self._store.pop3_messages.list(self._account.id)
        # Else 100,000 messages need not be gone through once more.
        self._may_delete = self._policy.keep is not Pop3Keep.KEEP or not all(one.whole for one in known)
        listing = [Mail(listed.number, listed.size, listed.uidl) for listed in self._session.listing()]
        self.has_ids = all(mail.uidl is not None for mail in listing)
        listing = with_ids(listing, {})
        self._look_at(listing, doubtful(listing, known))
        if not self.has_ids:
            listing = with_ids(listing, self._digests)
        found = recognise(listing, known, self._digests)
        with self._store.user_transaction() as tx:
            self._store.pop3_messages.renamed(tx, found.renamed)
            self._store.pop3_messages.listed(tx, self._account.id, found.returned)
        return listing, found

    def _look_at(self, listing: Sequence[Mail], numbers: Sequence[int]) -> None:
        """Learn the headers of these messages, where the server gives them alone."""
        if not numbers or not self._session.capabilities.top:
            return
        sizes = {mail.number: mail.size for mail in listing}
        meter = self._meter("headers", len(numbers))
        try:
            for number, header in self._session.headers(numbers):
                self._stop.check()
                if header is not None:
                    self._digests[number] = header_digest(header_of(header), sizes[number])
                meter.advance(1)
        finally:
            meter.finish()

    def _note_gone(self, listing: Sequence[Mail], intake: Pop3Intake) -> None:
        """Note what is not on the server any more; not while a message that may be any of them is unknown."""
        if any(mail.uidl is None and mail.number not in intake.ids for mail in listing):
            return
        missing = list(intake.missing)
        gone = [message for message in missing if message.gone_since is None]
        self._settle(gone, to_forget(missing, self._now()))

    # -- fetching

    def _portion(self, fetch: Fetch) -> Fetch:
        """So much of it as one session should fetch."""
        one_sign_in_only = bool(self._session.capabilities.login_delay)
        if (
            self._policy.keep is not Pop3Keep.DELETE
            or one_sign_in_only
            or len(fetch.whole) <= SESSION_MESSAGES
        ):
            return fetch
        self.more = True
        return replace(fetch, whole=fetch.whole[:SESSION_MESSAGES])

    def _fetch(self, listing: Sequence[Mail], found: Recognised, fetch: Fetch) -> Pop3Intake:
        """Fetch, what the user asked for first; whatever ends it, what came until then is kept."""
        intake = Pop3Intake(
            self._store,
            self._account.id,
            self._local,
            taken=[mail.uidl for mail in listing if mail.uidl is not None],
            missing=found.missing,
            clock=self._clock,
        )
        if not len(fetch):
            return intake
        meter = self._meter("messages", len(fetch))
        try:
            self._fetch_rest(fetch.rest, intake, meter)
            refused = self._fetch_headers(fetch.headers, intake, meter)
            self._fetch_whole([*refused, *fetch.whole], intake, meter)
        finally:
            intake.flush()
            self._tally.messages_added += intake.added
            meter.finish()
        self._report_not_given()
        return intake

    def _fetch_rest(
        self, wanted: Sequence[tuple[Mail, Pop3Message]], intake: Pop3Intake, meter: ProgressMeter
    ) -> None:
        by_number = {mail.number: (mail, message) for mail, message in wanted}
        for retrieved in self._session.retrieve(list(by_number)):
            self._stop.check()
            mail, message = by_number[retrieved.number]
            if not intake.take_rest(mail, message, retrieved.pieces):
                self._note_not_given(mail, retrieved.refusal)
            meter.advance(1)

    def _fetch_headers(self, mails: Sequence[Mail], intake: Pop3Intake, meter: ProgressMeter) -> list[Mail]:
        """Fetch headers alone; returns those that the server gives whole or not at all."""
        by_number = {mail.number: mail for mail in mails}
        refused: list[Mail] = []
        for number, header in self._session.headers(list(by_number)):
            self._stop.check()
            if header is None:
                refused.append(by_number[number])
                continue
            intake.take_header(by_number[number], header)
            meter.advance(1)
        return refused

    def _fetch_whole(self, mails: Sequence[Mail], intake: Pop3Intake, meter: ProgressMeter) -> None:
        by_number = {mail.number: mail for mail in mails}
        for retrieved in self._session.retrieve(list(by_number)):
            self._stop.check()
            mail = by_number[retrieved.number]
            if not intake.take(mail, retrieved.pieces):
                self._note_not_given(mail, retrieved.refusal)
            meter.advance(1)

    def _note_not_given(self, mail: Mail, refusal: Pop3Refused | None) -> None:
        self._not_given.append(mail)
        self._why_not = self._why_not or (str(refusal) if refusal else "It sent nothing.")

    def _report_not_given(self) -> None:
        if self._not_given:
            count = len(self._not_given)
            messages = "a message" if count == 1 else f"{count:,} messages"
            self._tally.problems.append(
                f"{self._account.server.host} does not give {messages}; the next look for mail asks again. "
                f"{self._why_not}"
            )

    # -- deleting

    def _delete(
        self, listing: Sequence[Mail], ids: dict[int, bytes], fetched: dict[int, bytes]
    ) -> list[Pop3Message]:
        """Have the server mark what is to go; returns what it marked."""
        if not self._may_delete:
            return []
        rows = {message.uidl: message for message in self._store.pop3_messages.list(self._account.id)}
        there = [(mail, rows.get(ids.get(mail.number, b""))) for mail in listing]
        chosen = to_delete(there, self._policy, self._now())
        if not chosen:
            return []
        self._make_sure(listing, [mail.number for mail, _ in chosen if mail.number not in fetched])
        sure: dict[int, Pop3Message] = {}
        doubted: list[Pop3Message] = []
        for mail, message in chosen:
            digest = message.digest if mail.number in fetched else self._digests.get(mail.number)
            if digest == message.digest:
                sure[mail.number] = message
            elif digest is not None:
                doubted.append(message)
        refused = set(self._session.delete(list(sure)))
        if refused:
            self._tally.problems.append(
                f"{self._account.server.host} refused to delete {len(refused):,} messages that are safe here."
            )
        self._take_ids_away(doubted, rows)
        return [message for number, message in sure.items() if number not in refused]

    def _make_sure(self, listing: Sequence[Mail], numbers: Sequence[int]) -> None:
        """See the headers of what is about to be deleted, if the messages have to be fetched for it: an id
        may have been given to other mail.
        """
        self._look_at(listing, [number for number in numbers if number not in self._digests])
        sizes = {mail.number: mail.size for mail in listing}
        for retrieved in self._session.retrieve([one for one in numbers if one not in self._digests]):
            self._stop.check()
            if retrieved.refusal is None:
                header = header_of(beginning(retrieved.pieces))
                self._digests[retrieved.number] = header_digest(header, sizes[retrieved.number])

    def _take_ids_away(self, messages: Sequence[Pop3Message], known: Iterable[bytes]) -> None:
        """The ids of these mean other mail now, which the next session fetches. They are still known by their
        headers.
        """
        if not messages:
            return
        log.warning("%s: %d ids were given to other messages", self._account.name, len(messages))
        self.more = True
        ids = DistinctIds(known)
        renamed = [(message, ids.take(stand_in(message.digest)), message.size) for message in messages]
        with self._store.user_transaction() as tx:
            self._store.pop3_messages.renamed(tx, renamed)

    def _quit(self, marked: Sequence[Pop3Message]) -> None:
        try:
            self._session.quit()
        except Pop3Refused as refusal:  # RFC 1939 section 6: only some of it is gone; the next listing tells
            self._tally.problems.append(str(refusal))
            return
        if marked:
            self._settle(marked)
        self._tally.messages_removed += len(marked)

    def _settle(self, gone: Sequence[Pop3Message], forgotten: Sequence[bytes] = ()) -> None:
        """Note what the server has no more. What the user had deleted there, unread, goes here as well: in
        the same transaction, because nothing would remember to do it later.
        """
        unwanted = [
            one.local_uid for one in gone if one.wish is Pop3Wish.DELETE and one.local_uid is not None
        ]
        headers = self._store.local_messages.get_many(unwanted) if unwanted else {}
        with self._store.user_transaction() as tx:
            self._store.pop3_messages.gone(tx, self._account.id, [one.uidl for one in gone], self._now())
            self._store.pop3_messages.forget(tx, self._account.id, forgotten)
            for header in headers.values():
                self._store.local_messages.remove(tx, header.account_id, [header.uid])
        self._local.shown(list(headers.values()))

    # -- small things

    def _meter(self, what: str, total: int) -> ProgressMeter:
        return ProgressMeter(self._listener, self._account.id, what, "", total)

    def _now(self) -> int:
        return int(self._clock())
