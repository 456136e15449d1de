"""Drafts and what is attached to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from qtmail.domain.composition import AnswerKind, Composition, Draft, DraftAttachment, DraftVersion
from qtmail.domain.message import MessageRow
from qtmail.engine.queueing import open_attachment
from qtmail.errors import QtmailError, Stopped
from qtmail.mime.message import ParsedMessage
from qtmail.mime.reply import Prepared
from qtmail.workers.recipient_requests import RecipientRequests

T = TypeVar("T")
Failed = Callable[[QtmailError], None]

FIRST_CHANGE = 2
"""The revision a draft has once something was changed in it."""


class DraftRequests(RecipientRequests):
    """Messages being written."""

    # -- beginning

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

        self._contents.submit(prepare, prepared, failed)

    def open(self, draft_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        """A composer is about to show this draft; refused while another run of the program shows it."""
        self._saves.submit(lambda: self._drafting.open(draft_id), done, failed)

    # -- writing

    def save(
        self, draft_id: int, composition: Composition, done: Callable[[Draft], None], failed: Failed
    ) -> None:
        """Store what the composer holds."""
        self._saves.submit(lambda: self._drafting.save(draft_id, composition), done, failed)
        self._saves.submit(lambda: self._is_newly_changed(draft_id), self._nudge_if, self._say)

    def close(self, draft_id: int) -> None:
        """The composer was closed; the draft stays and is put on the server."""
        self._saves.submit(lambda: self._drafting.close(draft_id), self._nudge, self._say)

    def discard(self, draft_id: int) -> None:
        """Throw a draft away, so that it can be brought back for ten minutes."""
        self._saves.submit(lambda: self._drafting.discard(draft_id), self._nothing, self._say)

    def restore(self, draft_id: int, done: Callable[[Draft], None], failed: Failed) -> None:
        """Bring a discarded draft back."""
        self._saves.submit(lambda: self._drafting.restore(draft_id), done, failed)

    # -- looking

    def drafts(self, done: Callable[[list[Draft]], None]) -> None:
        """The drafts that are nowhere but on this computer, and in no window of it, latest first."""

        def only_here() -> list[Draft]:
            drafts = self._store.drafts.unsent()
            return [one for one in drafts if not one.is_open and one.mirrored_revision < one.revision]

        self._lookups.submit(only_here, done, self._say)

    def recoverable(self, done: Callable[[list[Draft]], None]) -> None:
        """The drafts that were open when the program ended without closing them."""
        self._lookups.submit(self._drafting.recoverable, done, self._say)

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

        self._contents.submit(_ending_in_words(add), done, failed)

    def content(self, attachment: DraftAttachment, done: Callable[[bytes], None], failed: Failed) -> None:
        """The bytes of an attachment, for a picture in the text or on a card."""
        self._lookups.submit(lambda: b"".join(open_attachment(self._store, attachment)), done, failed)

    # -- inside

    def _is_newly_changed(self, draft_id: int) -> bool:
        """Whether this is the first change since the server's copy: once it is awake, the attending session
        waits for the pause by itself.
        """
        draft = self._store.drafts.get(draft_id)
        return draft is not None and draft.revision in (FIRST_CHANGE, draft.mirrored_revision + 1)

    def _nudge_if(self, wanted: bool) -> None:
        if wanted:
            self._service.nudge()

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

            self._contents.submit(_ending_in_words(create), done, failed)

        if not missing:
            store({})
        elif row is not None:
            # The answer may come on the thread that fetched: the way back leads over `_contents`.
            self._service.fetch_parts(row.id, missing, store, lambda error: self._fail(error, failed))
        else:
            failed(QtmailError("A part of this message is missing, so it cannot be sent on."))

    def _fail(self, error: QtmailError, failed: Failed) -> None:
        def raise_it() -> None:
            raise error

        self._contents.submit(raise_it, self._nothing, failed)

    def _sweep(self) -> None:
        """Give back the room of what is not needed any more."""

        def told(dropped: bool) -> None:
            if dropped:  # their copies are to be taken from the server
                self._nudge()

        self._contents.submit(_ending_in_words(self._drafting.sweep), told, self._say)
        self._contents.submit(self._control.forget_old, self._nothing, self._say)


def _ending_in_words(work: Callable[[], T]) -> Callable[[], T]:
    """The end of the program is no fault of what it interrupts."""

    def guarded() -> T:
        try:
            return work()
        except Stopped as stopped:
            raise QtmailError("The program was ended before this was done.") from stopped

    return guarded
