"""The compose service as the window sees it: drafts and outbox items in memory, answers given at once.

A test may hold the answers back (`holding`, then `release`) or have a method fail (`failing`). News come
through the real bridge, as they do from `workers.ComposeService`.
"""

from __future__ import annotations

import mimetypes
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from qtmail.domain.account import Account
from qtmail.domain.address import Address
from qtmail.domain.composition import (
    AnswerKind,
    Composition,
    Draft,
    DraftAttachment,
    DraftVersion,
    FileSource,
    Quote,
    QuoteKind,
    StoredSource,
)
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.identity import Identity, Template
from qtmail.domain.message import MessageRow
from qtmail.domain.outgoing import OutboxItem, OutboxState, Recipient, Suggestion
from qtmail.errors import FileFailed, QtmailError
from qtmail.mime.message import ParsedMessage
from qtmail.workers.bridge import EngineBridge
from tests.fakes.mail_service import account

T = TypeVar("T")
Failed = Callable[[QtmailError], None]

NOW = 1_790_000_000
"""Seconds since the epoch; every save is a second later than the one before."""

_FORWARDS = (AnswerKind.FORWARD, AnswerKind.FORWARD_ATTACHED, AnswerKind.REDIRECT)


class FakeTicket:
    """What was asked for and is held back; `cancel` drops it."""

    def __init__(self, answer: Callable[[], None]) -> None:
        self.answer = answer
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeComposeService:
    """Stands where `workers.ComposeService` stands.

    Attributes:
        bridge: where news come from.
        holding: answers wait for `release`.
        failing: method names and the faults they answer with.
        kept: the drafts there are, by id; `opened`: those a composer shows.
        saved: the compositions saved, in order.
        closed, discarded, restored: ids of drafts, in order.
        answered: (kind, row, message, selected text) of each `answer`.
        prepared: what the next `answer` begins with; None: something made of the message.
        sent: (composition, not_before) of each message sent.
        items: the outbox; cancelled, retried, sent_now, acknowledged: ids of items; resolved: with the
        verdict.
        contents: bytes by blob id.
        known: what completion knows; forgotten: addresses.
        limits: SIZE by account id.
        receipts: (row, message, consent) of each answer to a request for a read receipt.
    """

    def __init__(
        self,
        accounts: Sequence[Account] = (),
        identities: Sequence[Identity] = (),
        templates: Sequence[Template] = (),
    ) -> None:
        self.bridge = EngineBridge()
        self.holding = False
        self.failing: dict[str, QtmailError] = {}
        self.kept: dict[int, Draft] = {}
        self.saved: list[Composition] = []
        self.opened: set[int] = set()
        self.closed: list[int] = []
        self.discarded: list[int] = []
        self.restored: list[int] = []
        self.answered: list[tuple[AnswerKind, MessageRow | None, ParsedMessage, str]] = []
        self.prepared: Composition | None = None
        self.sent: list[tuple[Composition, int]] = []
        self.items: list[OutboxItem] = []
        self.cancelled: list[int] = []
        self.retried: list[int] = []
        self.sent_now: list[int] = []
        self.resolved: list[tuple[int, bool]] = []
        self.acknowledged: list[int] = []
        self.contents: dict[int, bytes] = {}
        self.known: list[Suggestion] = []
        self.forgotten: list[str] = []
        self.limits: dict[int, int] = {}
        self.receipts: list[tuple[MessageRow | None, ParsedMessage, bool]] = []
        self._accounts = list(accounts) or [account()]
        self._identities = list(identities) or [
            Identity(one.id, one.id, one.full_name, one.address) for one in self._accounts
        ]
        self._templates = list(templates)
        self._versions: dict[int, list[DraftVersion]] = {}
        self._waiting: deque[FakeTicket] = deque()
        self._now = NOW

    # -- holding answers back

    @property
    def waiting(self) -> int:
        """How many answers are held back."""
        return sum(not ticket.cancelled for ticket in self._waiting)

    def release(self) -> None:
        """Give the answers that are held back, in order, and those to come at once again."""
        self.holding = False
        while self._waiting:
            ticket = self._waiting.popleft()
            if not ticket.cancelled:
                ticket.answer()

    # -- who writes

    def identities(self) -> list[Identity]:
        return list(self._identities)

    def templates(self) -> list[Template]:
        return list(self._templates)

    def account(self, account_id: int) -> Account | None:
        return next((one for one in self._accounts if one.id == account_id), None)

    def size_limit(self, account_id: int) -> int | None:
        return self.limits.get(account_id)

    def save_identity(self, identity: Identity) -> None:
        kept = identity if identity.id else replace(identity, id=_next_id(self._identities))
        self._identities = [one for one in self._identities if one.id != kept.id] + [kept]
        self._identities.sort(key=lambda one: one.id)
        self._tell(ChangeKind.IDENTITIES)

    def remove_identity(self, identity_id: int) -> None:
        self._identities = [one for one in self._identities if one.id != identity_id]
        self._tell(ChangeKind.IDENTITIES)

    def save_template(self, template: Template) -> None:
        kept = template if template.id else replace(template, id=_next_id(self._templates))
        self._templates = [one for one in self._templates if one.id != kept.id] + [kept]
        self._tell(ChangeKind.IDENTITIES)

    def remove_template(self, template_id: int) -> None:
        self._templates = [one for one in self._templates if one.id != template_id]
        self._tell(ChangeKind.IDENTITIES)

    # -- drafts

    def draft(self, composition: Composition | None = None, *, open_: bool = True) -> Draft:
        """Put a draft there, for a test to begin with."""
        composition = composition or Composition()
        number = max(self.kept, default=0) + 1
        if not composition.identity_id:
            composition = replace(composition, identity_id=self._identities[0].id)
        if not composition.message_id:
            composition = replace(composition, message_id=f"draft-{number}@personal.example")
        draft = Draft(number, composition, 1, self._now, self._now, is_open=open_)
        self.kept[number] = draft
        self._versions[number] = [DraftVersion(1, self._now, composition)]
        if open_:
            self.opened.add(number)
        return draft

    def new(self, composition: Composition, done: Callable[[Draft], None], failed: Failed) -> None:
        self._answer("new", lambda: self.draft(composition), done, failed, ChangeKind.DRAFTS)

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
        self.answered.append((kind, row, message, selection))
        composition = self.prepared or _answer_to(kind, message, selection)
        self._answer("answer", lambda: self.draft(composition), done, failed, ChangeKind.DRAFTS)

    def save(
        self, draft_id: int, composition: Composition, done: Callable[[Draft], None], failed: Failed
    ) -> None:
        self._answer("save", lambda: self._save(draft_id, composition), done, failed, ChangeKind.DRAFTS)

    def open(self, draft_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        def open_it() -> Draft:
            if draft_id not in self.kept:
                raise QtmailError("This draft is no longer there.")
            self.opened.add(draft_id)
            self.kept[draft_id] = replace(self.kept[draft_id], is_open=True)
            return self.kept[draft_id]

        self._answer("open", open_it, done, failed)

    def close(self, draft_id: int) -> None:
        self.closed.append(draft_id)
        self.opened.discard(draft_id)
        if draft_id in self.kept:
            self.kept[draft_id] = replace(self.kept[draft_id], is_open=False)
        self._tell(ChangeKind.DRAFTS)

    def discard(self, draft_id: int) -> None:
        self.discarded.append(draft_id)
        self.opened.discard(draft_id)
        self._tell(ChangeKind.DRAFTS)

    def restore(self, draft_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        def restore_it() -> Draft:
            self.restored.append(draft_id)
            self.discarded.remove(draft_id)
            return self.kept[draft_id]

        self._answer("restore", restore_it, done, failed, ChangeKind.DRAFTS)

    def drafts(self, done: Callable[[list[Draft]], None]) -> None:
        self._answer("drafts", self._listed, done)

    def recoverable(self, done: Callable[[list[Draft]], None]) -> None:
        self._answer(
            "recoverable",
            lambda: [one for one in self._listed() if one.is_open and one.id not in self.opened],
            done,
        )

    def versions(self, draft_id: int, done: Callable[[list[DraftVersion]], None]) -> None:
        self._answer("versions", lambda: list(self._versions.get(draft_id, [])), done)

    # -- attachments

    def add_file(
        self, draft_id: int, path: Path, done: Callable[[DraftAttachment], None], failed: Failed
    ) -> None:
        self._answer("add_file", lambda: _look_at(path), done, failed)

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
        def keep() -> DraftAttachment:
            return self.attachment(filename, content_type, content, inline=inline)

        self._answer("add_content", keep, done, failed)

    def attachment(
        self, filename: str, content_type: str, content: bytes, *, inline: bool = False
    ) -> DraftAttachment:
        """Keep `content`, and describe it."""
        blob_id = max(self.contents, default=0) + 1
        self.contents[blob_id] = content
        content_id = f"part{blob_id}@personal.example" if inline else ""
        return DraftAttachment(filename, content_type, len(content), StoredSource(blob_id), content_id)

    def content(self, attachment: DraftAttachment, done: Callable[[bytes], None], failed: Failed) -> None:
        self._answer("content", lambda: self._content(attachment), done, failed)

    # -- the outbox

    def send(
        self,
        draft_id: int,
        composition: Composition,
        *,
        not_before: int,
        done: Callable[[OutboxItem], None],
        failed: Failed,
    ) -> FakeTicket:
        def send_it() -> OutboxItem:
            self._save(draft_id, composition)
            self.sent.append((composition, not_before))
            item = self._item(draft_id, composition, not_before)
            self.items.append(item)
            return item

        return self._answer("send", send_it, done, failed, ChangeKind.OUTBOX)

    def outbox(self, done: Callable[[list[OutboxItem]], None]) -> None:
        self._answer("outbox", lambda: list(self.items), done)

    def cancel(self, item_id: int) -> None:
        self.cancelled.append(item_id)
        self._drop(item_id)

    def edit(self, item_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        item = next((one for one in self.items if one.id == item_id), None)

        def edit_it() -> Draft:
            if item is None or item.draft_id is None:
                raise QtmailError("This message can no longer be edited.")
            self._drop(item_id)
            self.opened.add(item.draft_id)
            return self.kept[item.draft_id]

        self._answer("edit", edit_it, done, failed, ChangeKind.OUTBOX)

    def retry(self, item_id: int) -> None:
        self.retried.append(item_id)
        self._tell(ChangeKind.OUTBOX)

    def send_now(self, item_id: int) -> None:
        self.sent_now.append(item_id)
        self._tell(ChangeKind.OUTBOX)

    def resolve_uncertain(self, item_id: int, delivered: bool) -> None:
        self.resolved.append((item_id, delivered))
        self._tell(ChangeKind.OUTBOX)

    def acknowledge(self, item_id: int) -> None:
        self.acknowledged.append(item_id)
        self._tell(ChangeKind.OUTBOX)

    def sent_item(self, message_id: str, done: Callable[[OutboxItem | None], None]) -> None:
        found = next((one for one in self.items if one.message_id == message_id), None)
        self._answer("sent_item", lambda: found, done)

    # -- recipients and receipts

    def complete(self, typed: str, done: Callable[[list[Suggestion]], None]) -> FakeTicket:
        wanted = typed.casefold()
        found = [one for one in self.known if wanted in f"{one.name} {one.address}".casefold()]
        return self._answer("complete", lambda: found, done)

    def forget_suggestion(self, address: str) -> None:
        self.forgotten.append(address)
        self.known = [one for one in self.known if one.address != address]

    def receipt(self, row: MessageRow | None, message: ParsedMessage, *, send: bool) -> None:
        self.receipts.append((row, message, send))

    # -- inside

    def _answer(
        self,
        method: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed | None = None,
        change: ChangeKind | None = None,
    ) -> FakeTicket:
        """Do the work and answer: now, or when the test releases it."""

        def answer() -> None:
            try:
                if method in self.failing:
                    raise self.failing[method]
                result = work()
            except QtmailError as error:
                if failed is None:
                    raise
                failed(error)
                return
            if change is not None:
                self._tell(change)
            done(result)

        ticket = FakeTicket(answer)
        if self.holding:
            self._waiting.append(ticket)
        else:
            answer()
        return ticket

    def _tell(self, kind: ChangeKind) -> None:
        self.bridge.store_changed.emit(StoreChange(frozenset({kind})))

    def _listed(self) -> list[Draft]:
        return [one for one in self.kept.values() if one.id not in self.discarded]

    def _save(self, draft_id: int, composition: Composition) -> Draft:
        self._now += 1
        before = self.kept[draft_id]
        draft = replace(before, composition=composition, revision=before.revision + 1, saved_at=self._now)
        self.kept[draft_id] = draft
        self.saved.append(composition)
        self._versions[draft_id].append(DraftVersion(draft.revision, self._now, composition))
        return draft

    def _content(self, attachment: DraftAttachment) -> bytes:
        match attachment.source:
            case StoredSource(blob_id):
                return self.contents[blob_id]
            case FileSource(path):
                return _read(Path(path))

    def _item(self, draft_id: int, composition: Composition, not_before: int) -> OutboxItem:
        identity = next(one for one in self._identities if one.id == composition.identity_id)
        return OutboxItem(
            id=_next_id(self.items),
            account_id=identity.account_id,
            identity_id=identity.id,
            state=OutboxState.HELD,
            message_id=composition.message_id,
            subject=composition.subject,
            sender=identity.address,
            recipients=tuple(Recipient(one.address) for one in composition.recipients),
            size=1000,
            blob_id=1,
            queued_at=self._now,
            not_before=not_before,
            next_try=not_before,
            draft_id=draft_id,
        )

    def _drop(self, item_id: int) -> None:
        self.items = [one for one in self.items if one.id != item_id]
        self._tell(ChangeKind.OUTBOX)


def _next_id(values: Sequence[Identity] | Sequence[Template] | Sequence[OutboxItem]) -> int:
    return max((one.id for one in values), default=0) + 1


def _look_at(path: Path) -> DraftAttachment:
    try:
        status = path.stat()
    except OSError as error:
        raise FileFailed(f"The file {path.name} could not be attached.", detail=str(error)) from error
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return DraftAttachment(path.name, kind, status.st_size, FileSource(str(path), status.st_mtime_ns))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileFailed(f"The file {path.name} is gone.", detail=str(error)) from error


def _answer_to(kind: AnswerKind, message: ParsedMessage, selection: str) -> Composition:
    """A simple answer: enough for a window, not what `qtmail.mime.reply` makes."""
    envelope = message.envelope
    forward = kind in _FORWARDS
    to: tuple[Address, ...] = () if forward else tuple(envelope.from_)
    quote_kind = QuoteKind.FORWARD if forward else QuoteKind.REPLY
    quote = Quote(quote_kind, "They wrote:", message.html, message.text) if message.html else None
    return Composition(
        to=to,
        subject=f"{'Fwd' if forward else 'Re'}: {envelope.subject}",
        body="" if quote else f"<blockquote><p>{selection or message.text}</p></blockquote>",
        quote=quote,
    )
