"""Drafts, what is attached to them and the outbox, under any sequence of what people and programs do, killed
at any transaction: no text and no content that anything refers to is lost, and nothing else stays.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Draft, DraftAttachment, StoredSource
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine import attaching, queueing
from qtmail.engine.accounts import forget_account
from qtmail.engine.drafting import DISCARDED_SECONDS, Drafting
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.outcome import store_outcome
from qtmail.engine.queueing import open_attachment, queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError
from qtmail.mime.parser import parse
from qtmail.store.blobs import ABANDONED_SECONDS
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

ACCOUNT = Account(
    0, "Ann", "ann@example.org", "Ann", None, ServerSettings("smtp.example.org", 465, Security.TLS, "ann")
)
TO = (Address("", "bob@example.org"),)
PIECE = 8
"""Bytes stored in one transaction: so few, that contents are killed half-written."""

choices = st.integers(0, 3)
kills = st.sampled_from([None, None, None, 0, 1, 2, 3, 4, 5, 6, 7, 9, 12])
"""How many points a program passes before it is killed: one lies before each COMMIT, and one after it."""
contents = st.binary(max_size=5 * PIECE)
texts = st.text("abc ", max_size=12)


class Killed(BaseException):
    """The process ends here."""


class DyingStore(Store):
    """A store whose program is killed at a transaction."""

    points: int | None = None

    @contextlib.contextmanager
    def user_transaction(self) -> Iterator[Transaction]:
        self._pass(dead=True)
        with super().user_transaction() as transaction:
            yield transaction
            self._pass()
        self._pass()

    def _pass(self, *, dead: bool = False) -> None:
        """A process that is dead stays so: nothing it would do to clean up is done."""
        if self.points is None:
            return
        if self.points == 0:
            raise Killed
        if not dead:
            self.points -= 1
            if self.points == 0:
                raise Killed


class DraftsMachine(RuleBasedStateMachine):
    """`texts`: what was saved last of each draft; `pasted`: the content of each blob that was made."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.now = 1_790_000_000
        self.texts: dict[int, set[str]] = {}
        self.pasted: dict[int, bytes] = {}
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(queueing, "PIECE_BYTES", PIECE)
        self.patches.setattr(attaching, "PIECE_BYTES", PIECE)
        self.begin_run()

    def begin_run(self) -> None:
        store = DyingStore.open(Path(self.directory.name))
        assert isinstance(store, DyingStore)
        self.store = store
        self.drafting = Drafting(self.store, lambda: self.now)
        self.control = OutboxControl(self.store, lambda: self.now)

    @initialize()
    def add_account(self) -> None:
        with self.store.user_transaction() as tx:
            self.store.accounts.add(tx, ACCOUNT)

    # -- what is done, and where it is killed

    def do(self, kill: int | None, work: Callable[[], object]) -> bool:
        """Returns whether it was done to its end; a program that was killed is started again."""
        self.store.points = None if kill is None else kill + 1
        try:
            work()
        except Killed:
            self.drafting.end()
            self.store.points = None
            self.store.close()
            self.begin_run()
            return False
        except QtmailError:
            return False
        finally:
            self.store.points = None
        return True

    def draft(self, choice: int) -> Draft:
        """One of those there are; where there is none, it is written."""
        drafts = self.store.drafts.unsent() or [self.begin("new")]
        return drafts[choice % len(drafts)]

    def begin(self, text: str) -> Draft:
        draft = self.drafting.create(Composition(body=text, rich=False, to=TO))
        self.note(draft.id, text, done=True)
        return draft

    def item(self, choice: int) -> OutboxItem:
        """One of those in the outbox; where there is none, it is sent."""
        items = self.store.outbox.unfinished()
        if not items:
            self.queue(self.draft(choice))
            items = self.store.outbox.unfinished()
        return items[choice % len(items)]

    def queue(self, draft: Draft) -> None:
        composition = replace(draft.composition, identity_id=0)  # that of a version may have been removed
        ready = self.drafting.save_to_send(draft.id, composition)
        queue_draft(self.store, ready, not_before=0, stop=StopToken(), clock=lambda: self.now)

    def note(self, draft_id: int, text: str, *, done: bool) -> None:
        self.texts[draft_id] = {text} if done else self.texts.get(draft_id, set()) | {text}

    # -- the user's part

    @rule(text=texts, kill=kills)
    def write(self, text: str, kill: int | None) -> None:
        known = {draft.id for draft in self.store.drafts.unsent()}
        self.do(kill, lambda: self.begin(text))
        for draft in self.store.drafts.unsent():
            if draft.id not in known:
                self.note(draft.id, text, done=True)

    @rule(choice=choices, text=texts, kill=kills, seconds=st.sampled_from([0, 20, 60]))
    def edit(self, choice: int, text: str, kill: int | None, seconds: int) -> None:
        self.now += seconds
        draft = self.draft(choice)
        composition = replace(draft.composition, body=text)
        self.note(draft.id, text, done=self.do(kill, lambda: self.drafting.save(draft.id, composition)))

    @rule(choice=choices, content=contents, kill=kills)
    def paste(self, choice: int, content: bytes, kill: int | None) -> None:
        draft = self.draft(choice)
        added: list[DraftAttachment] = []

        def add() -> None:
            added.append(self.drafting.add_content(draft.id, "a.bin", "image/png", content, inline=False))

        if self.do(kill, add):
            (attachment,) = added
            assert isinstance(attachment.source, StoredSource)
            self.pasted[attachment.source.blob_id] = content
            attachments = (*draft.composition.attachments, attachment)
            self.now += 20
            self.drafting.save(draft.id, replace(draft.composition, attachments=attachments))

    @rule(choice=choices, kill=kills)
    def remove_attachment(self, choice: int, kill: int | None) -> None:
        drafts = [draft for draft in self.store.drafts.unsent() if draft.composition.attachments]
        draft = drafts[choice % len(drafts)] if drafts else self.draft(choice)
        composition = replace(draft.composition, attachments=draft.composition.attachments[1:])
        self.do(kill, lambda: self.drafting.save(draft.id, composition))

    @rule(choice=choices, kill=kills)
    def go_back(self, choice: int, kill: int | None) -> None:
        """To the oldest version there is."""
        draft = self.draft(choice)
        version = self.store.drafts.versions(draft.id)[-1].composition
        done = self.do(kill, lambda: self.drafting.save(draft.id, version))
        self.note(draft.id, version.body, done=done)

    @rule(choice=choices, kill=kills)
    def close_and_open(self, choice: int, kill: int | None) -> None:
        draft = self.draft(choice)
        self.do(kill, lambda: self.drafting.close(draft.id))
        self.do(None, lambda: self.drafting.open(draft.id))

    @rule(choice=choices, kill=kills, comes_back=st.booleans())
    def discard(self, choice: int, kill: int | None, comes_back: bool) -> None:
        draft = self.draft(choice)
        if self.do(kill, lambda: self.drafting.discard(draft.id)):
            assert draft.id not in [one.id for one in self.store.drafts.unsent()]
            if comes_back:
                self.do(None, lambda: self.drafting.restore(draft.id))
            else:
                self.now += DISCARDED_SECONDS + 1
                self.texts.pop(draft.id)
        elif draft.id not in [one.id for one in self.store.drafts.unsent()]:
            self.drafting.restore(draft.id)

    # -- the outbox

    @rule(choice=choices, kill=kills)
    def send(self, choice: int, kill: int | None) -> None:
        draft = self.draft(choice)
        self.do(kill, lambda: self.queue(draft))

    @rule(choice=choices, kill=kills)
    def take_back(self, choice: int, kill: int | None) -> None:
        item = self.item(choice)
        self.do(kill, lambda: self.control.cancel(item.id))

    @rule(choice=choices, kill=kills, text=texts)
    def write_behind_its_back(self, choice: int, kill: int | None, text: str) -> None:
        """A composer somewhere goes on with what is in the outbox."""
        item = self.item(choice)
        if item.draft_id is None:
            return
        draft = self.store.drafts.get(item.draft_id)
        assert draft is not None
        composition = replace(draft.composition, body=text)
        self.note(draft.id, text, done=self.do(kill, lambda: self.drafting.save(draft.id, composition)))

    @rule(choice=choices, kill=kills)
    def is_accepted(self, choice: int, kill: int | None) -> None:
        item = self.item(choice)
        if item.state is OutboxState.ACCEPTED:
            return
        sent = parse(self.store.blobs.content(item.blob_id)).text.strip()
        taken = replace(item, state=OutboxState.ACCEPTED, sent_at=self.now)
        self.do(kill, lambda: store_outcome(self.store, taken, expected=item.state))
        if item.draft_id is not None and self.store.drafts.get(item.draft_id) is None:
            perhaps = {text.strip() for text in self.texts.pop(item.draft_id)}
            assert sent in perhaps, "something was written that was never sent"

    @rule(choice=choices, kill=kills)
    def is_filed(self, choice: int, kill: int | None) -> None:
        item = self.item(choice)
        if item.state is OutboxState.ACCEPTED:

            def file() -> None:
                with self.store.user_transaction() as tx:
                    self.store.outbox.filed(tx, item)

            self.do(kill, file)

    @rule(kill=kills)
    def remove_account(self, kill: int | None) -> None:
        """Its drafts stay, and what has not been sent is a draft again."""
        (account,) = self.store.accounts.list()
        self.do(kill, lambda: forget_account(self.store, account.id, drop_unsent=True))
        for draft_id in [one for one in self.texts if self.store.drafts.get(one) is None]:
            self.texts.pop(draft_id)  # the server had it
        if not self.store.accounts.list():
            self.add_account()

    @rule(kill=kills)
    def sweep(self, kill: int | None) -> None:
        self.do(kill, self.drafting.sweep)

    # -- what holds

    def named(self) -> dict[int, DraftAttachment]:
        """What the drafts and their versions name, by blob."""
        found: dict[int, DraftAttachment] = {}
        for draft_id in self.texts:
            draft = self.store.drafts.get(draft_id)
            assert draft is not None
            kept = [draft.composition, *(one.composition for one in self.store.drafts.versions(draft_id))]
            for attachment in (one for composition in kept for one in composition.attachments):
                assert isinstance(attachment.source, StoredSource)
                found[attachment.source.blob_id] = attachment
        return found

    @invariant()
    def every_text_is_kept(self) -> None:
        for draft_id, saved in self.texts.items():
            draft = self.store.drafts.get(draft_id)
            assert draft is not None
            assert draft.composition.body in saved

    @invariant()
    def every_content_that_is_named_is_whole(self) -> None:
        for blob_id, attachment in self.named().items():
            assert b"".join(open_attachment(self.store, attachment)) == self.pasted[blob_id]

    @invariant()
    def every_message_is_whole(self) -> None:
        for item in self.store.outbox.unfinished():
            raw = self.store.blobs.content(item.blob_id)
            assert len(raw) == item.size
            assert parse(raw).envelope.message_id == item.message_id
        names = [item.message_id for item in self.store.outbox.unfinished()]
        assert len(set(names)) == len(names), "a server may take one for a copy of the other"

    def teardown(self) -> None:
        try:
            self.nothing_else_stays()
        finally:
            self.patches.undo()
            self.drafting.end()
            self.store.close()
            self.directory.cleanup()

    def nothing_else_stays(self) -> None:
        """Once all are closed and swept there is what is named, and no byte more."""
        for open_draft in self.store.drafts.unsent():
            self.drafting.close(open_draft.id)
        self.now += ABANDONED_SECONDS + 1
        self.drafting.sweep()
        self.every_text_is_kept()
        self.every_content_that_is_named_is_whole()
        self.every_message_is_whole()
        named = {item.blob_id for item in self.store.outbox.unfinished()} | set(self.named())
        with self.store.user_transaction() as tx:
            assert {id_ for (id_,) in tx.execute("SELECT id FROM blobs")} == named
            assert {id_ for (id_,) in tx.execute("SELECT blob_id FROM blob_pieces")} <= named


DraftsMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestDrafts = DraftsMachine.TestCase
