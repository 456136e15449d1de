"""What the user interface may ask about writing and sending. Every method returns at once; `done` and
`failed` are called on the GUI thread, and news of drafts and the outbox come through the bridge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from qtmail.domain.account import Account
from qtmail.domain.composition import (
    AnswerKind,
    Composition,
    Draft,
    DraftAttachment,
    DraftVersion,
)
from qtmail.domain.identity import Identity, Template
from qtmail.domain.message import Flag, MessageRow
from qtmail.domain.outgoing import OutboxItem, Suggestion
from qtmail.engine.correspondents import Correspondents
from qtmail.engine.drafting import Drafting
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.queueing import open_attachment, queue_draft
from qtmail.engine.receipts import queue_receipt
from qtmail.engine.reporting import ProgressMeter, problem_of
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, Stopped
from qtmail.mime.message import ParsedMessage
from qtmail.mime.reply import Prepared
from qtmail.store.facts import Fact
from qtmail.store.store import Store
from qtmail.workers.background import Background, Ticket
from qtmail.workers.mail_service import MailService

T = TypeVar("T")
Failed = Callable[[QtmailError], None]


class Sending:
    """A message that is on its way into the outbox; `cancel` ends that, and the draft stays a draft."""

    def __init__(self) -> None:
        self.stop = StopToken()

    def cancel(self) -> None:
        self.stop.stop()


class ComposeService:
    """Drafts, the outbox, identities and the completion of addresses, for the window.

    Attributes:
        bridge: where news come from.
    """

    def __init__(self, store: Store, service: MailService) -> None:
        self.bridge = service.bridge
        self._store = store
        self._service = service
        self._drafting = Drafting(store)
        self._control = OutboxControl(store)
        self._correspondents = Correspondents(store)
        self._correspondents_stop = StopToken()
        # Small writes must not wait for 200 MB that are being queued, nor completion for either.
        self._saves = Background("drafts", store)
        self._queueing = Background("queueing", store)
        self._lookups = Background("lookups", store)

    # -- life

    def start(self) -> None:
        """Drop what was discarded in an earlier run, and learn whom the user writes to."""
        self._queueing.submit(lambda: self._drafting.sweep(everything=True), _nothing, self._say)
        self._learn_correspondents()

    def stop(self) -> None:
        """End; what was handed over is saved first."""
        self._correspondents_stop.stop()
        for background in (self._saves, self._queueing, self._lookups):
            background.stop(1.0 if background is self._saves else 0.0)

    # -- who writes

    def identities(self) -> list[Identity]:
        return self._store.identities.list()

    def templates(self) -> list[Template]:
        return self._store.templates.list()

    def account(self, account_id: int) -> Account | None:
        return self._store.accounts.get(account_id)

    def size_limit(self, account_id: int) -> int | None:
        """The largest message the account's server takes, in bytes, as last heard; None: not known."""
        return int(self._store.facts.get(account_id, Fact.SMTP_SIZE_LIMIT) or 0) or None

    def save_identity(self, identity: Identity) -> None:
        """Store an identity; one with id 0 is new."""

        def save() -> None:
            with self._store.user_transaction() as tx:
                if identity.id:
                    self._store.identities.update(tx, identity)
                else:
                    self._store.identities.add(tx, identity)

        self._saves.submit(save, _nothing, self._say)

    def remove_identity(self, identity_id: int) -> None:
        """Drop an identity; the last one of an account stays."""

        def remove() -> None:
            identity = self._store.identities.get(identity_id)
            if identity is not None and len(self._store.identities.list(identity.account_id)) > 1:
                with self._store.user_transaction() as tx:
                    self._store.identities.remove(tx, identity_id)

        self._saves.submit(remove, _nothing, self._say)

    def save_template(self, template: Template) -> None:
        """Store a template; one with id 0 is new."""

        def save() -> None:
            with self._store.user_transaction() as tx:
                if template.id:
                    self._store.templates.update(tx, template)
                else:
                    self._store.templates.add(tx, template)

        self._saves.submit(save, _nothing, self._say)

    def remove_template(self, template_id: int) -> None:
        def remove() -> None:
            with self._store.user_transaction() as tx:
                self._store.templates.remove(tx, template_id)

        self._saves.submit(remove, _nothing, self._say)

    # -- drafts

    def new(self, composition: Composition, done: Callable[[Draft], None], failed: Failed) -> None:
        """Begin a message: a first draft is stored, with what the composition lacks."""
        self._learn_correspondents()
        self._saves.submit(lambda: self._drafting.create(composition), done, failed)

    def answer(
        self,
        kind: AnswerKind,
        row: MessageRow | None,
        message: ParsedMessage,
        done: Callable[[Draft], None],
        failed: Failed,
        *,
        selection: str = "",
        selection_html: str = "",
    ) -> None:
        """Begin a message from one that is there; what it lacks of that one is fetched first.

        `row`: None for a message that is in no folder. A draft that was written here is opened itself.
        """
        self._learn_correspondents()

        def prepare() -> Draft | Prepared:
            if kind is AnswerKind.OPEN_DRAFT and (draft := self._drafting.existing(row)) is not None:
                return self._drafting.open(draft.id)
            size = len(message.raw) if message.raw is not None else (row.size if row else 0)
            return self._drafting.prepare(
                kind, row, message, size=size, selection=selection, selection_html=selection_html
            )

        def prepared(found: Draft | Prepared) -> None:
            if isinstance(found, Draft):
                done(found)
            else:
                self._fetch_carried(kind, row, message, found, done, failed)

        self._saves.submit(prepare, prepared, failed)

    def save(
        self, draft_id: int, composition: Composition, done: Callable[[Draft], None], failed: Failed
    ) -> None:
        """Store what the composer holds."""
        self._saves.submit(lambda: self._drafting.save(draft_id, composition), done, failed)

    def open(self, draft_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        """A composer is about to show this draft."""
        self._saves.submit(lambda: self._drafting.open(draft_id), done, failed)

    def close(self, draft_id: int) -> None:
        """The composer was closed; the draft stays and is put on the server."""
        self._saves.submit(lambda: self._drafting.close(draft_id), self._nudge, self._say)

    def discard(self, draft_id: int) -> None:
        """Throw a draft away, so that it can be brought back for ten minutes."""
        self._saves.submit(lambda: self._drafting.discard(draft_id), self._nudge, self._say)

    def restore(self, draft_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        """Bring a discarded draft back."""
        self._saves.submit(lambda: self._drafting.restore(draft_id), done, failed)

    def drafts(self, done: Callable[[list[Draft]], None]) -> None:
        """The drafts on this computer, latest first."""
        self._lookups.submit(self._store.drafts.unsent, done, self._say)

    def recoverable(self, done: Callable[[list[Draft]], None]) -> None:
        """The drafts that were open when the program ended without closing them."""
        self._lookups.submit(lambda: self._store.drafts.recoverable(self._drafting.run), done, self._say)

    def versions(self, draft_id: int, done: Callable[[list[DraftVersion]], None]) -> None:
        """The saved versions of a draft, latest first."""
        self._lookups.submit(lambda: self._store.drafts.versions(draft_id), done, self._say)

    # -- attachments

    def add_file(
        self, draft_id: int, path: Path, done: Callable[[DraftAttachment], None], failed: Failed
    ) -> None:
        """Look at a file that is to be attached; it is read when the message is queued."""
        self._lookups.submit(lambda: self._drafting.add_file(path), done, failed)

    def add_content(
        self,
        draft_id: int,
        filename: str,
        content_type: str,
        content: bytes,
        *,
        inline: bool,
        done: Callable[[DraftAttachment], None],
        failed: Failed,
    ) -> None:
        """Attach something that was pasted; `inline` gives it a Content-ID."""

        def add() -> DraftAttachment:
            return self._drafting.add_content(draft_id, filename, content_type, content, inline=inline)

        self._saves.submit(add, done, failed)

    def content(self, attachment: DraftAttachment, done: Callable[[bytes], None], failed: Failed) -> None:
        """The bytes of an attachment, for a picture in the text or on a card."""
        self._lookups.submit(lambda: b"".join(open_attachment(self._store, attachment)), done, failed)

    # -- sending

    def send(
        self,
        draft_id: int,
        composition: Composition,
        *,
        not_before: int,
        done: Callable[[OutboxItem], None],
        failed: Failed,
    ) -> Sending:
        """Save a draft, make its message and queue it, to be sent from `not_before` (seconds since the
        epoch) on.

        Until `done` the draft stays as it is, and `Sending.cancel` ends it: then neither is called.
        """
        sending = Sending()

        def queue() -> OutboxItem | None:
            draft = self._drafting.save(draft_id, composition)
            meter = self._meter(draft)
            try:
                item = queue_draft(
                    self._store,
                    draft,
                    not_before=not_before,
                    stop=sending.stop,
                    progress=lambda stored: meter.advance_to(stored, 0),
                )
            except Stopped:
                return None
            finally:
                meter.finish()
            self._correspondents.note_sent(composition.recipients, int(time.time()))
            return item

        def queued(item: OutboxItem | None) -> None:
            if item is not None:
                self._service.send_now(item.account_id)
                done(item)

        self._queueing.submit(queue, queued, failed)
        return sending

    # -- the outbox

    def outbox(self, done: Callable[[list[OutboxItem]], None]) -> None:
        """What is in the outbox, oldest first."""
        self._lookups.submit(self._store.outbox.unfinished, done, self._say)

    def sent_item(self, message_id: str, done: Callable[[OutboxItem | None], None]) -> None:
        """Where a message that was sent from here stands; None for one that was not."""

        def find() -> OutboxItem | None:
            return next(iter(self._store.outbox.find_message_id(message_id)), None)

        self._lookups.submit(find, done, self._say)

    def cancel(self, item_id: int) -> None:
        """Take an item back; its draft is among the drafts again."""
        self._saves.submit(lambda: self._control.cancel(item_id), self._nudge, self._say)

    def edit(self, item_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        """Take an item back and go on writing it; of one that some have, go on for those who were refused."""

        def take_back() -> Draft:
            item = self._store.outbox.get(item_id)
            if item is not None and item.sent_at is not None:
                return self._drafting.open(self._control.write_to_refused(item_id))
            draft_id = self._control.cancel(item_id)
            if draft_id is None:
                raise QtmailError("This message cannot be edited: it did not come from a draft.")
            return self._drafting.open(draft_id)

        self._saves.submit(take_back, done, failed)

    def retry(self, item_id: int) -> None:
        """Try an item now."""
        self._saves.submit(lambda: self._control.retry(item_id), self._tried, self._say)

    def send_now(self, item_id: int) -> None:
        """Do not wait for the time an item is held back for."""
        self.retry(item_id)

    def resolve_uncertain(self, item_id: int, delivered: bool) -> None:
        """The user says what became of a message: it arrived, or it is to be sent again."""

        def resolve() -> OutboxItem:
            return self._control.resolve(item_id, delivered=delivered)

        self._saves.submit(resolve, self._tried, self._say)

    def acknowledge(self, item_id: int) -> None:
        """The user has seen who was refused."""
        self._saves.submit(lambda: self._control.acknowledge(item_id), _nothing, self._say)

    # -- recipients and receipts

    def complete(self, typed: str, done: Callable[[list[Suggestion]], None]) -> Ticket:
        """Addresses that what was typed may mean, best first."""
        return self._lookups.submit(lambda: self._correspondents.complete(typed), done, self._say)

    def forget_suggestion(self, address: str) -> None:
        """Suggest this address no more."""
        self._saves.submit(lambda: self._correspondents.forget(address), _nothing, self._say)

    def receipt(self, row: MessageRow | None, message: ParsedMessage, *, send: bool) -> None:
        """Answer a sender's wish for a read receipt, or decide once and for all not to."""
        if row is not None:
            self._service.set_flags([row.id], Flag.MDN_SENT, Flag.NONE)
        if send:
            account_id = row.account_id if row is not None else None

            def queue() -> OutboxItem:
                return queue_receipt(self._store, message, account_id)

            self._queueing.submit(queue, self._tried, self._say)

    # -- inside

    def _fetch_carried(
        self,
        kind: AnswerKind,
        row: MessageRow | None,
        message: ParsedMessage,
        prepared: Prepared,
        done: Callable[[Draft], None],
        failed: Failed,
    ) -> None:
        """Bring together the contents of what travels along, then store the draft."""
        here = {item.section: item.content for item in message.attachments if item.content is not None}
        if message.raw is not None:
            here[""] = message.raw
        missing = [one.part for one in prepared.carried if one.part not in here]

        def store(fetched: Mapping[str, bytes]) -> None:
            def create() -> Draft:
                copy = self._drafting.copy_at(row) if kind is AnswerKind.OPEN_DRAFT else None
                return self._drafting.create_prepared(prepared, {**here, **fetched}, copy)

            self._saves.submit(create, done, failed)

        if not missing:
            store({})
        elif row is not None:
            # The answer may come on the thread that fetched: the way back leads over `_saves`.
            self._service.fetch_parts(row.id, missing, store, lambda error: self._fail(error, failed))
        else:
            failed(QtmailError("A part of this message is missing, so it cannot be sent on."))

    def _fail(self, error: QtmailError, failed: Failed) -> None:
        def raise_it() -> None:
            raise error

        self._saves.submit(raise_it, _nothing, failed)

    def _learn_correspondents(self) -> None:
        """Learn whom mail came from and went to since the last time; 1 ms if there is nothing new."""

        def load() -> None:
            with suppress(Stopped):
                self._correspondents.load(self._correspondents_stop)

        self._lookups.submit(load, _nothing, self._say)

    def _meter(self, draft: Draft) -> ProgressMeter:
        identity = self._store.identities.get(draft.composition.identity_id)
        account_id = identity.account_id if identity else 0
        return ProgressMeter(self.bridge.post, account_id, "bytes prepared", "")

    def _tried(self, item: OutboxItem) -> None:
        self._service.send_now(item.account_id)

    def _nudge(self, _result: object) -> None:
        """The attending sessions have a draft to put on the server, or to take away."""
        self._service.nudge()

    def _say(self, error: QtmailError) -> None:
        self.bridge.post(problem_of(error))


def _nothing(_result: object) -> None:
    pass
