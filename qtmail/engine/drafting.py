"""Drafts come to be here: from nothing, from a message that is answered or sent on, from one on a server.

What travels along from an original (pictures of the quote, forwarded files) is stored beside the draft, so
that it no longer depends on the original.
"""

from __future__ import annotations

import mimetypes
import secrets
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qtmail.domain.composition import (
    AnswerKind,
    Composition,
    Draft,
    DraftAttachment,
    FileSource,
    Origin,
    OriginKind,
    ServerCopy,
    StoredSource,
)
from qtmail.domain.identity import Identity
from qtmail.domain.message import MessageRow
from qtmail.engine.queueing import identity_of, store_content
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, Layer, QtmailError, Retry
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.message import ParsedMessage
from qtmail.mime.reopening import composition_from_message
from qtmail.mime.reply import Prepared, edit_as_new, forward_attached, forward_inline, redirect, reply
from qtmail.mime.sendable import new_message_id
from qtmail.store.messages import Location
from qtmail.store.store import Store

DISCARDED_SECONDS = 600
"""How long a discarded draft can be brought back."""

_MARKS = {
    AnswerKind.REPLY: OriginKind.ANSWERED,
    AnswerKind.REPLY_ALL: OriginKind.ANSWERED,
    AnswerKind.REPLY_LIST: OriginKind.ANSWERED,
    AnswerKind.FORWARD: OriginKind.FORWARDED,
    AnswerKind.FORWARD_ATTACHED: OriginKind.FORWARDED,
    AnswerKind.REDIRECT: OriginKind.FORWARDED,
}


class Drafting:
    """The drafts of a profile.

    Args:
        run: names this run of the program; drafts it left open are those of a run that died.
    """

    def __init__(self, store: Store, run: str | None = None, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self.run = run or secrets.token_hex(8)
        self._clock = clock

    # -- beginning

    def create(self, composition: Composition, *, shown: bool = True) -> Draft:
        """A new draft, with a sender, a Message-ID and the sender's usual Bcc.

        `shown`: a composer is about to show it.
        """
        completed = self._completed(composition)
        with self._store.user_transaction() as tx:
            return self._store.drafts.add(tx, completed, self._now(), run=self.run if shown else "")

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
        """What a composition made from a message begins with, and which parts of it travel along.

        `size`: bytes of the raw message.
        """
        identities = self._identities_for(row)
        origin = self._origin(kind, row)
        match kind:
            case AnswerKind.FORWARD:
                return forward_inline(message, identities, origin)
            case AnswerKind.FORWARD_ATTACHED:
                return forward_attached(message, identities, origin, size=size)
            case AnswerKind.REDIRECT:
                return redirect(message, identities, origin, size=size)
            case AnswerKind.EDIT_AS_NEW:
                return edit_as_new(message, identities)
            case AnswerKind.OPEN_DRAFT:
                composition, carried = composition_from_message(message, identities)
                return Prepared(composition, tuple(carried))
        return reply(
            message,
            identities,
            to_all=kind is AnswerKind.REPLY_ALL,
            to_list=kind is AnswerKind.REPLY_LIST,
            origin=origin,
            selection=selection,
            selection_html=selection_html,
        )

    def create_prepared(
        self, prepared: Prepared, contents: Mapping[str, bytes], copy: ServerCopy | None = None
    ) -> Draft:
        """A draft of what was prepared, with the contents of what is carried, by part.

        `copy`: the message on a server that this draft is, if it is one: its next copy takes that place.
        """
        blobs: list[int] = []
        attachments: list[DraftAttachment] = []
        for one in prepared.carried:
            content = contents[one.part]
            blobs.append(self._store_blob(content))
            source = StoredSource(blobs[-1])
            attachments.append(
                DraftAttachment(one.filename, one.content_type, len(content), source, one.content_id)
            )
        composition = prepared.composition
        if prepared.resend:
            composition = replace(composition, resent=StoredSource(blobs[0]))
        else:
            composition = replace(composition, attachments=composition.attachments + tuple(attachments))
        return self._add_with_blobs(self._completed(composition), blobs, copy)

    def _add_with_blobs(
        self, composition: Composition, blobs: Sequence[int], copy: ServerCopy | None
    ) -> Draft:
        with self._store.user_transaction() as tx:
            draft = self._store.drafts.add(tx, composition, self._now(), run=self.run)
            for blob_id in blobs:
                self._store.blobs.finish(tx, blob_id)
                self._store.drafts.own_blob(tx, draft.id, blob_id)
            if copy is not None:
                self._store.drafts.mirrored(tx, draft.id, draft.revision, copy)
                draft = replace(draft, mirrored_revision=draft.revision)
        return draft

    def existing(self, row: MessageRow | None) -> Draft | None:
        """The draft that a message in a Drafts folder is the copy of, if it was written here."""
        copy = self.copy_at(row)
        return self._store.drafts.find_copy(copy) if copy is not None else None

    def copy_at(self, row: MessageRow | None) -> ServerCopy | None:
        """Where on its server a message is."""
        place = self._place(row)
        if place is None:
            return None
        return ServerCopy(place.account_id, place.wire_name, place.uid_validity, place.uid)

    # -- writing

    def open(self, draft_id: int) -> Draft:
        """A composer is about to show this draft. Raises QtmailError when it is gone."""
        draft = self._draft(draft_id)
        with self._store.user_transaction() as tx:
            self._store.drafts.set_open(tx, draft_id, self.run)
        return replace(draft, is_open=True)

    def save(self, draft_id: int, composition: Composition) -> Draft:
        """Store what a composer holds; a draft that was dropped meanwhile is made anew, so that no text is
        lost.
        """
        with self._store.user_transaction() as tx:
            revision = self._store.drafts.save(tx, draft_id, composition, self._now())
            if not revision:
                return self._store.drafts.add(tx, composition, self._now(), run=self.run)
        return self._draft(draft_id)

    def close(self, draft_id: int) -> None:
        """No composer shows it any more; the draft stays, unless nothing was ever changed in it."""
        draft = self._store.drafts.get(draft_id)
        with self._store.user_transaction() as tx:
            if draft is not None and draft.revision == 1 and draft.outbox_item_id is None:
                self._store.drafts.leave_to_server(tx, draft_id)
            else:
                self._store.drafts.set_open(tx, draft_id, "")

    def discard(self, draft_id: int) -> None:
        """Take a draft out of sight; `restore` brings it back for a while."""
        with self._store.user_transaction() as tx:
            self._store.drafts.discard(tx, draft_id, self._now())

    def restore(self, draft_id: int) -> Draft:
        with self._store.user_transaction() as tx:
            self._store.drafts.restore(tx, draft_id)
        return self.open(draft_id)

    def sweep(self, *, everything: bool = False) -> None:
        """Drop for good what was discarded long enough ago, or at all, and give back the room of contents
        nobody refers to.
        """
        now = self._now()
        discarded = self._store.drafts.discarded(now + 1 if everything else now - DISCARDED_SECONDS)
        if discarded:
            with self._store.user_transaction() as tx:
                self._store.drafts.drop(tx, discarded)
        swept = False
        while not swept:
            with self._store.user_transaction() as tx:
                swept = self._store.blobs.sweep(tx, now)

    # -- attachments

    def add_file(self, path: Path) -> DraftAttachment:
        """A file as an attachment: looked at, not read. Raises FileFailed."""
        try:
            status = path.stat()
            with path.open("rb"):
                pass
        except OSError as error:
            raise FileFailed(
                f"“{path.name}” cannot be attached.",
                advice="Check that the file is there and that you may read it.",
                detail=str(error),
                retry=Retry.ASK_USER,
            ) from error
        if not stat.S_ISREG(status.st_mode):
            raise FileFailed(f"“{path.name}” is not a file.", advice="Pack a folder into an archive first.")
        source = FileSource(str(path.absolute()), status.st_mtime_ns)
        return DraftAttachment(path.name, content_type_of(path.name), status.st_size, source)

    def add_content(
        self, draft_id: int, filename: str, content_type: str, content: bytes, *, inline: bool
    ) -> DraftAttachment:
        """Something pasted as an attachment, stored beside the draft."""
        blob_id = self._store_blob(content)
        with self._store.user_transaction() as tx:
            self._store.blobs.finish(tx, blob_id)
            self._store.drafts.own_blob(tx, draft_id, blob_id)
        content_id = f"{secrets.token_hex(8)}@qtmail" if inline else ""
        return DraftAttachment(filename, content_type, len(content), StoredSource(blob_id), content_id)

    # -- inside

    def _completed(self, composition: Composition) -> Composition:
        identity = identity_of(self._store, composition)
        bcc = composition.bcc
        known = {one.address.casefold() for one in composition.recipients}
        bcc += tuple(one for one in parse_addresses(identity.bcc) if one.address.casefold() not in known)
        return replace(
            composition,
            identity_id=identity.id,
            bcc=bcc,
            message_id=composition.message_id or new_message_id(identity.address),
        )

    def _identities_for(self, row: MessageRow | None) -> list[Identity]:
        """All identities, those of the account the message came to first."""
        identities = self._store.identities.list()
        if row is None:
            return identities
        return sorted(identities, key=lambda identity: identity.account_id != row.account_id)

    def _origin(self, kind: AnswerKind, row: MessageRow | None) -> Origin | None:
        place = self._place(row)
        if place is None or kind not in _MARKS:
            return None
        return Origin(_MARKS[kind], place.account_id, place.wire_name, place.uid_validity, place.uid)

    def _place(self, row: MessageRow | None) -> Location | None:
        places = self._store.messages.locate([row.id]) if row is not None else []
        return places[0] if places else None

    def _store_blob(self, content: bytes) -> int:
        return store_content(self._store, [content], now=self._now(), stop=StopToken())

    def _draft(self, draft_id: int) -> Draft:
        draft = self._store.drafts.get(draft_id)
        if draft is None:
            raise QtmailError("This draft is no longer there.", layer=Layer.MESSAGE)
        return draft

    def _now(self) -> int:
        return int(self._clock())


def content_type_of(filename: str) -> str:
    """The type of a file by its name."""
    kind, encoding = mimetypes.guess_type(filename)
    # A compressed file is not of the type of what it holds.
    return kind if kind is not None and encoding is None else "application/octet-stream"
