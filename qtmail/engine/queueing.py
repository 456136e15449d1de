"""From a draft to the outbox: the bytes are made once, stored, and from then on never change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from qtmail.domain.composition import Composition, Draft, DraftAttachment, FileSource, StoredSource
from qtmail.domain.identity import Identity
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, MessageUnsendable, Retry, StoreFailed
from qtmail.mime.builder import build
from qtmail.mime.composing import outgoing_message, resent_message
from qtmail.mime.sendable import envelope_addresses, header_addresses, needs_smtputf8, new_message_id
from qtmail.store.facts import Fact
from qtmail.store.store import Store

READ_BYTES = 256 * 1024
PIECE_BYTES = 1024 * 1024
"""How much is stored in one transaction: some 5 ms, while other writers wait."""

Progress = Callable[[int], None]
"""Told how many bytes have been stored so far."""


def open_attachment(store: Store, attachment: DraftAttachment) -> Iterator[bytes]:
    """The content of an attachment in pieces.

    Raises FileFailed when its file is gone or cannot be read, StoreFailed when it was kept here and is not.
    """
    match attachment.source:
        case StoredSource(blob_id):
            yield from store.blobs.pieces(blob_id)
        case FileSource(path):
            yield from _read_file(Path(path), attachment.filename)


def _read_file(path: Path, name: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(READ_BYTES):
                yield piece
    except FileNotFoundError as error:
        raise FileFailed(
            f"The attachment “{name}” is no longer where it was.",
            advice="Attach it again, or remove it from the message.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error
    except OSError as error:
        raise FileFailed(
            f"The attachment “{name}” cannot be read.",
            advice="Check that you may read the file and that its disk is there, or remove it.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error


def identity_of(store: Store, composition: Composition) -> Identity:
    """Who writes; the first identity there is where none was chosen. Raises MessageUnsendable."""
    identity = store.identities.get(composition.identity_id) if composition.identity_id else None
    if identity is None:
        identity = next(iter(store.identities.list()), None)
    if identity is None:
        raise MessageUnsendable("There is no account to send from.", advice="Add an account first.")
    return identity


def queue_draft(
    store: Store,
    draft: Draft,
    *,
    not_before: int,
    stop: StopToken,
    instead_of: OutboxItem | None = None,
    progress: Progress = lambda done: None,
    clock: Callable[[], float] = time.time,
) -> OutboxItem:
    """Make the message of a draft and put it into the outbox, to be sent from `not_before` on.

    The draft stays as it is until the server has taken the message, out of sight: it comes back if the item
    is cancelled. Whatever fails on the way, nothing is queued and the draft is untouched.

    Args:
        not_before: seconds since the epoch; what is sent later is dated so, too.
        instead_of: the item of this draft that the new one takes the place of.
        progress: told how many bytes of the message are stored.

    Raises:
        MessageUnsendable: something about the message itself; FileFailed: an attachment; StoreFailed: the
            disk is full; Stopped.
    """
    identity = identity_of(store, draft.composition)
    message_id = draft.composition.message_id or new_message_id(identity.address)
    composition = replace(draft.composition, message_id=message_id)
    account = store.accounts.get(identity.account_id)
    if account is None or account.smtp is None:
        raise MessageUnsendable(
            f"No server for sending is known for {identity.address}.",
            advice="Name one in the account's settings, or write from another address.",
        )
    eight_bit = store.facts.get(account.id, Fact.SMTP_8BITMIME) == "yes"
    date = datetime.fromtimestamp(max(not_before, clock())).astimezone()
    pieces, sender, recipients, international = _message(store, composition, identity, date, eight_bit)
    new = NewOutboxItem(
        account_id=account.id,
        identity_id=identity.id,
        message_id=composition.message_id,
        subject=composition.subject,
        sender=sender,
        recipients=recipients,
        not_before=not_before,
        needs_smtputf8=international,
        request_delivery=composition.request_delivery,
        origin=composition.origin,
        sent_folder=identity.sent_folder,
        draft_id=draft.id,
    )
    return queue(store, new, pieces, stop=stop, instead_of=instead_of, progress=progress, clock=clock)


def queue(
    store: Store,
    new: NewOutboxItem,
    pieces: Iterable[bytes],
    *,
    stop: StopToken,
    instead_of: OutboxItem | None = None,
    progress: Progress = lambda done: None,
    clock: Callable[[], float] = time.time,
) -> OutboxItem:
    """Put a message into the outbox, in the place of another if one is named.

    Raises what `pieces` raises, MessageUnsendable where it comes too late, StoreFailed, and Stopped; then
    nothing is changed.
    """
    now = int(clock())
    ascii_only = True

    def watched() -> Iterator[bytes]:
        nonlocal ascii_only
        for piece in pieces:
            ascii_only = ascii_only and piece.isascii()
            yield piece

    blob_id = store_content(store, watched(), now=now, stop=stop, progress=progress)
    try:
        with store.user_transaction() as tx:
            _check_still_a_draft(store, new.draft_id, instead_of)
            if instead_of is not None and not store.outbox.remove(tx, instead_of):
                raise _sent_already()
            size = store.blobs.finish(tx, blob_id)
            return store.outbox.add(tx, replace(new, needs_8bit=not ascii_only), blob_id, size, now)
    except BaseException:
        give_up(store, [blob_id])
        raise


def _check_still_a_draft(store: Store, draft_id: int | None, instead_of: OutboxItem | None) -> None:
    """Whoever sends twice, by two clicks or from two windows, sends once. Raises MessageUnsendable."""
    if draft_id is None:
        return
    draft = store.drafts.get(draft_id)
    if draft is None or draft.outbox_item_id != (instead_of.id if instead_of is not None else None):
        raise _sent_already()


def _sent_already() -> MessageUnsendable:
    return MessageUnsendable(
        "This message is in the outbox already, or has been sent.", advice="Look for it there or in Sent."
    )


def store_content(
    store: Store,
    pieces: Iterable[bytes],
    *,
    now: int,
    stop: StopToken,
    progress: Progress = lambda done: None,
) -> int:
    """Write a blob, to be finished in the transaction that first refers to it; returns its number.

    Raises what `pieces` raises, StoreFailed, and Stopped; then the blob is given up.
    """
    with store.user_transaction() as tx:
        blob_id = store.blobs.begin(tx, now)
    try:
        done = 0
        for piece in _regrouped(pieces):
            stop.check()
            with store.user_transaction() as tx:
                store.blobs.append(tx, blob_id, piece)
            done += len(piece)
            progress(done)
    except BaseException:
        give_up(store, [blob_id])
        raise
    return blob_id


def give_up(store: Store, blob_ids: Iterable[int]) -> None:
    """Drop contents that came to nothing. On a full disk they are swept away as abandoned, later."""
    with suppress(StoreFailed), store.user_transaction() as tx:
        store.blobs.drop(tx, blob_ids)


def draft_bytes(store: Store, draft: Draft) -> bytes:
    """A draft as a message for the server's Drafts folder: with Bcc, and with whatever is still missing.

    Raises FileFailed or StoreFailed for an attachment that is not there.
    """
    composition = draft.composition
    message = outgoing_message(
        composition,
        identity_of(store, composition),
        date=datetime.fromtimestamp(draft.saved_at).astimezone(),
        open_source=lambda attachment: open_attachment(store, attachment),
        draft=True,
    )
    return b"".join(build(message, include_bcc=True))


def _message(
    store: Store, composition: Composition, identity: Identity, date: datetime, eight_bit: bool
) -> tuple[Iterator[bytes], str, tuple[str, ...], bool]:
    """The message's bytes, its envelope sender and recipients, and whether it needs SMTPUTF8."""
    message = outgoing_message(
        composition,
        identity,
        date=date,
        open_source=lambda attachment: open_attachment(store, attachment),
    )
    sender, recipients = envelope_addresses(message)
    international = needs_smtputf8(header_addresses(message))
    if composition.resent is not None:
        original = store.blobs.pieces(composition.resent.blob_id)
        pieces = resent_message(original, composition, identity, date=date)
    else:
        pieces = build(message, eight_bit=eight_bit)
    return pieces, sender, recipients, international


def _regrouped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces: each costs a transaction that is synced to the disk."""
    group: list[bytes] = []
    size = 0
    for piece in pieces:
        group.append(piece)
        size += len(piece)
        if size >= PIECE_BYTES:
            yield b"".join(group)
            group, size = [], 0
    if group:
        yield b"".join(group)
