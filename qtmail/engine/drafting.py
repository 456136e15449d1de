"""The life of drafts: begun, opened, saved, closed, discarded, brought back, made ready to be sent.

Whatever happens to a draft while a composer shows it (another run of the program sends or discards it, it is
dropped because its copy on the server is enough), the next save keeps the text, under the same number.

What travels along from an original (pictures of the quote, forwarded files) is stored beside the draft, so
that it no longer depends on the original.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qtmail.domain.composition import (
    AnswerKind,
    Composition,
    Draft,
    DraftAttachment,
    ServerCopy,
    StoredSource,
)
from qtmail.domain.message import MessageRow
from qtmail.engine.answering import copy_at, prepare_answer
from qtmail.engine.attaching import attach_file, in_pieces
from qtmail.engine.queueing import give_up, identity_of, store_content
from qtmail.engine.runs import Run, forget_dead_runs, is_living
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, MessageUnsendable, QtmailError, Retry
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.message import ParsedMessage
from qtmail.mime.reply import Prepared
from qtmail.mime.sendable import new_message_id
from qtmail.store.store import Store

DISCARDED_SECONDS = 600
"""How long a discarded draft can be brought back."""


class Drafting:
    """The drafts of a profile, for one run of the program.

    Attributes:
        run: the name of this run; the drafts its composers show bear it.
        stop: ends the storing of large contents, and the sweep, with Stopped.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self.stop = StopToken()
        self._store = store
        self._clock = clock
        self._run = Run(store.directory)
        self._from_server: set[int] = set()

    @property
    def run(self) -> str:
        return self._run.name

    def end(self) -> None:
        """This run shows no draft any more: what it leaves open is for the next one to recover."""
        self.stop.stop()
        self._run.end()

    # -- beginning

    def create(self, composition: Composition, *, shown: bool = True) -> Draft:
        """A new draft, with a sender, a Message-ID and the sender's usual Bcc.

        `shown`: a composer is about to show it. Raises MessageUnsendable when there is no account.
        """
        return self._add(self._completed(composition), shown=shown)

    def prepare(
        self,
        kind: AnswerKind,
        row: MessageRow | None,
        message: ParsedMessage,
        *,
        size: int,
        selection: str = "",
        selection_html: str = "",
    ) -> Prepared:
        """What a composition made from a message begins with (see `prepare_answer`)."""
        return prepare_answer(
            self._store, kind, row, message, size=size, selection=selection, selection_html=selection_html
        )

    def create_prepared(
        self, prepared: Prepared, contents: Mapping[str, bytes], copy: ServerCopy | None = None
    ) -> Draft:
        """A draft of what was prepared, with the contents of what is carried, by part.

        `copy`: the message on a server that this draft is, if it is one: its next copy takes that place.
        """
        blobs: list[int] = []
        try:
            blobs.extend(self._store_content(contents[one.part]) for one in prepared.carried)
            composition = _with_carried(prepared, contents, blobs)
            return self._add(self._completed(composition), blobs=blobs, copy=copy)
        except BaseException:
            give_up(self._store, blobs)
            raise

    def existing(self, row: MessageRow | None) -> Draft | None:
        """The draft that a message in a Drafts folder is the copy of, if it was written here."""
        copy = copy_at(self._store, row)
        return self._store.drafts.find_copy(copy) if copy is not None else None

    def copy_at(self, row: MessageRow | None) -> ServerCopy | None:
        """Where on its server a message is."""
        return copy_at(self._store, row)

    # -- writing

    def open(self, draft_id: int) -> Draft:
        """A composer is about to show this draft; one that was discarded comes back.

        Raises QtmailError when it is gone, in the outbox, or open in another run of the program.
        """
        owner = self._store.drafts.opened_by(draft_id)
        if self._is_elsewhere(owner):
            raise _open_elsewhere()
        self._run.announce()
        with self._store.user_transaction() as tx:
            draft = self._draft(draft_id)
            if draft.outbox_item_id is not None:
                raise QtmailError(
                    "This message is in the outbox.",
                    advice="Take it back there to edit it.",
                    layer=Layer.MESSAGE,
                )
            if self._store.drafts.opened_by(draft_id) != owner:
                raise _open_elsewhere()
            self._store.drafts.restore(tx, draft_id)
            self._store.drafts.set_open(tx, draft_id, self.run)
        return replace(draft, is_open=True)

    def save(self, draft_id: int, composition: Composition) -> Draft:
        """Store what a composer holds, whatever became of the draft meanwhile.

        One that is gone is made anew under its number, one that was discarded comes back, and one that is in
        the outbox, where its message no longer changes, is a draft of its own again.
        """
        drafts = self._store.drafts
        with self._store.user_transaction() as tx:
            draft = drafts.get(draft_id)
            if draft is None:
                self._run.announce()
                return drafts.add(tx, composition, self._now(), run=self.run, draft_id=draft_id)
            if draft.composition == composition:
                return draft
            drafts.save(tx, draft_id, composition, self._now())
        return self._draft(draft_id)

    def save_to_send(self, draft_id: int, composition: Composition) -> Draft:
        """Save a draft that is to be sent now.

        Raises MessageUnsendable when its sender is not there any more; it is saved then, too.
        """
        if self._was_sent(composition, draft_id):
            composition = replace(composition, message_id=self._new_message_id(composition))
        draft = self.save(draft_id, composition)
        if composition.identity_id and self._store.identities.get(composition.identity_id) is None:
            raise MessageUnsendable(
                "The address this message was to be sent from has been removed.",
                advice="Choose another sender, and send it again.",
            )
        with self._store.user_transaction() as tx:
            self._store.drafts.drop_unused_blobs(tx, draft_id)
        return draft

    def close(self, draft_id: int) -> None:
        """No composer shows it any more; the draft stays.

        One that was opened from a server's Drafts folder, and never changed, is left to the server.
        """
        if self._is_elsewhere(self._store.drafts.opened_by(draft_id)):
            return
        with self._store.user_transaction() as tx:
            draft = self._store.drafts.get(draft_id)
            untouched = draft is not None and draft.revision == 1 and draft.outbox_item_id is None
            if untouched and draft_id in self._from_server:
                self._store.drafts.leave_to_server(tx, draft_id)
            else:
                self._store.drafts.set_open(tx, draft_id, "")
                self._store.drafts.drop_unused_blobs(tx, draft_id)
        self._from_server.discard(draft_id)

    def discard(self, draft_id: int) -> None:
        """Take a draft out of sight; `restore` brings it back for a while."""
        with self._store.user_transaction() as tx:
            self._store.drafts.discard(tx, draft_id, self._now())

    def restore(self, draft_id: int) -> Draft:
        """Bring a discarded draft back, for a composer to show. Raises as `open`."""
        return self.open(draft_id)

    def recoverable(self) -> list[Draft]:
        """The drafts that were open in a run of the program that died."""
        runs = self._store.drafts.runs()
        living = [run for run in runs if run == self.run or self._is_elsewhere(run)]
        return self._store.drafts.recoverable(*living)

    def sweep(self) -> bool:
        """Drop for good what was discarded long enough ago, and give back the room of contents that nobody
        refers to; returns whether drafts were dropped.
        """
        now = self._now()
        with self._store.user_transaction() as tx:  # within it, so that none is brought back meanwhile
            discarded = self._store.drafts.discarded(now - DISCARDED_SECONDS)
            if discarded:
                self._store.drafts.drop(tx, discarded)
        swept = False
        while not swept:
            self.stop.check()
            with self._store.user_transaction() as tx:
                swept = self._store.blobs.sweep(tx, now)
        forget_dead_runs(self._store.directory)
        return bool(discarded)

    # -- attachments

    def add_file(self, path: Path) -> DraftAttachment:
        """A file as an attachment: looked at, not read. Raises FileFailed."""
        return attach_file(path)

    def add_content(
        self, draft_id: int, filename: str, content_type: str, content: bytes, *, inline: bool
    ) -> DraftAttachment:
        """Something pasted as an attachment, stored beside the draft. Raises StoreFailed and Stopped."""
        blob_id = self._store_content(content)
        try:
            with self._store.user_transaction() as tx:
                self._store.blobs.finish(tx, blob_id)
                self._store.drafts.own_blob(tx, draft_id, blob_id)
        except BaseException:
            give_up(self._store, [blob_id])
            raise
        content_id = f"{secrets.token_hex(8)}@qtmail" if inline else ""
        return DraftAttachment(filename, content_type, len(content), StoredSource(blob_id), content_id)

    # -- inside

    def _add(
        self,
        composition: Composition,
        *,
        shown: bool = True,
        blobs: Sequence[int] = (),
        copy: ServerCopy | None = None,
    ) -> Draft:
        if shown:
            self._run.announce()
        with self._store.user_transaction() as tx:
            draft = self._store.drafts.add(tx, composition, self._now(), run=self.run if shown else "")
            for blob_id in blobs:
                self._store.blobs.finish(tx, blob_id)
                self._store.drafts.own_blob(tx, draft.id, blob_id)
            if copy is not None:
                self._store.drafts.mirrored(tx, draft.id, draft.revision, copy)
                draft = replace(draft, mirrored_revision=draft.revision)
        if copy is not None:
            self._from_server.add(draft.id)
        return draft

    def _completed(self, composition: Composition) -> Composition:
        identity = identity_of(self._store, composition)
        known = {one.address.casefold() for one in composition.recipients}
        usual = tuple(one for one in parse_addresses(identity.bcc) if one.address.casefold() not in known)
        return replace(
            composition,
            identity_id=identity.id,
            bcc=composition.bcc + usual,
            message_id=composition.message_id or new_message_id(identity.address),
        )

    def _was_sent(self, composition: Composition, draft_id: int) -> bool:
        """Whether something else left under this Message-ID: a server may take a second one for a copy."""
        draft = self._store.drafts.get(draft_id)
        if draft is not None and draft.outbox_item_id is not None and draft.composition == composition:
            return False  # it is the very message that is in the outbox: sent twice by two clicks
        return bool(self._store.outbox.find_message_id(composition.message_id))

    def _new_message_id(self, composition: Composition) -> str:
        identity = self._store.identities.get(composition.identity_id)
        return new_message_id(identity.address if identity else composition.message_id)

    def _is_elsewhere(self, run: str) -> bool:
        """Whether this is another run of the program, and alive."""
        return run not in ("", self.run) and is_living(self._store.directory, run)

    def _store_content(self, content: bytes) -> int:
        return store_content(self._store, in_pieces(content), now=self._now(), stop=self.stop)

    def _draft(self, draft_id: int) -> Draft:
        draft = self._store.drafts.get(draft_id)
        if draft is None:
            raise QtmailError("This draft is no longer there.", layer=Layer.MESSAGE)
        return draft

    def _now(self) -> int:
        return int(self._clock())


def _with_carried(prepared: Prepared, contents: Mapping[str, bytes], blobs: Sequence[int]) -> Composition:
    """What was prepared, with what it carries stored in these blobs."""
    if prepared.resend:
        return replace(prepared.composition, resent=StoredSource(blobs[0]))
    attachments = tuple(
        DraftAttachment(
            one.filename, one.content_type, len(contents[one.part]), StoredSource(blob_id), one.content_id
        )
        for one, blob_id in zip(prepared.carried, blobs, strict=True)
    )
    return replace(prepared.composition, attachments=prepared.composition.attachments + attachments)


def _open_elsewhere() -> QtmailError:
    return QtmailError(
        "This message is open in another window of qtmail.",
        advice="Go on there, or close that window first.",
        layer=Layer.MESSAGE,
        retry=Retry.ASK_USER,
    )
