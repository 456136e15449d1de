"""Puts what comes from a POP3 server where it survives a power failure.

What is fetched becomes a local message, and is noted as fetched, in one transaction: after a crash it is
either here and known to be, or neither. A transaction costs a wait for the disk, so several small messages
share one; what is lost of these by a crash is still on the server.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.pop3 import Pop3Message
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.pop3_identity import (
    HEADER_BYTES,
    DistinctIds,
    Mail,
    Missing,
    header_digest,
    header_of,
    stand_in,
)
from qtmail.mime.dates import timestamp
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

BATCH_BYTES = 1 << 20
BATCH_MESSAGES = 50
BATCH_SECONDS = 1.0
"""What shares a transaction at most, and how long the first of it waits, so that new mail is seen soon."""

_RECEIVED = re.compile(rb"(?im)^received[ \t]*:((?:[^\n]|\n[ \t])*)")


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A message on its way into the database.

    Attributes:
        uidl: what it is known by.
        content: its bytes; None: they are in the blob `blob_id`.
        server_size: bytes on the server, where only its header came; 0: it is whole.
        completes: the message here whose rest this is.
    """

    uidl: bytes
    size: int
    digest: bytes
    arrived_at: int
    content: bytes | None
    blob_id: int = 0
    server_size: int = 0
    completes: Pop3Message | None = None


class Pop3Intake:
    """Takes in what one session fetches.

    Attributes:
        ids: by number, what each message that was taken in, or turned out to be here, is known by.
        added: how many messages became local ones.
        missing: what was fetched before and was not found by its id; the rest of it, in the end, is gone.
    """

    def __init__(
        self,
        store: Store,
        account_id: int,
        local: LocalMail,
        *,
        taken: Iterable[bytes],
        missing: Missing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`taken`: the ids of this listing."""
        self.ids: dict[int, bytes] = {}
        self.added = 0
        self.missing = missing
        self._store = store
        self._account_id = account_id
        self._local = local
        self._ids = DistinctIds(taken)
        self._clock = clock
        self._waiting: list[_Fetched] = []
        self._waiting_bytes = 0
        self._waiting_since = 0.0

    def take(self, mail: Mail, pieces: Iterator[bytes]) -> bool:
        """Take in a message whole; returns False where the server sent nothing of it.

        One that turns out, by its header, to be here under another id is not kept twice.
        """
        head = beginning(pieces)
        if not head and mail.size:
            return False
        header = header_of(head)
        digest = header_digest(header, mail.size)
        uidl = mail.uidl or self._ids.take(stand_in(digest))
        if not self._is_here(mail, uidl, digest):
            content, blob_id = self._keep(head, pieces)
            self._add(_Fetched(uidl, mail.size, digest, arrival(header, self._now()), content, blob_id))
        self.ids[mail.number] = uidl
        return True

    def take_header(self, mail: Mail, header: bytes) -> None:
        """Take in a message of which only the header is fetched."""
        assert mail.uidl is not None, "without an id a message is fetched whole"
        digest = header_digest(header_of(header), mail.size)
        when = arrival(header, self._now())
        self._add(_Fetched(mail.uidl, mail.size, digest, when, header, server_size=max(1, mail.size)))
        self.ids[mail.number] = mail.uidl

    def take_rest(self, mail: Mail, message: Pop3Message, pieces: Iterator[bytes]) -> bool:
        """Take in the whole of a message that is here with its header; returns False where nothing came."""
        head = beginning(pieces)
        if not head and mail.size:
            return False
        content, blob_id = self._keep(head, pieces)
        self._add(_Fetched(message.uidl, mail.size, message.digest, 0, content, blob_id, completes=message))
        return True

    def flush(self) -> None:
        """Make durable, and show, what was taken in."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not waiting:
            return
        with self._store.user_transaction() as tx:
            delivered = [message for fetched in waiting if (message := self._deliver(tx, fetched))]
        self.added += sum(fetched.completes is None for fetched in waiting)
        self._local.shown(delivered)

    # -- inside

    def _is_here(self, mail: Mail, uidl: bytes, digest: bytes) -> bool:
        """Whether it was fetched before; then it is noted under its id of now."""
        message = self.missing.take_id(uidl) if mail.uidl is None else None
        message = message or self.missing.take(digest)
        if message is None:
            return False
        with self._store.user_transaction() as tx:
            self._store.pop3_messages.renamed(tx, [(message, uidl, mail.size)])
        return True

    def _keep(self, head: bytes, rest: Iterator[bytes]) -> tuple[bytes | None, int]:
        """A small message as it is, or the number of the blob that a large one is streamed into."""
        more = next(rest, None)
        if more is None:
            return head, 0
        return None, self._local.store_pieces(chain((head, more), rest))

    def _add(self, fetched: _Fetched) -> None:
        now = time.monotonic()
        if not self._waiting:
            self._waiting_since = now
        self._waiting.append(fetched)
        self._waiting_bytes += len(fetched.content or b"")
        if (
            self._waiting_bytes >= BATCH_BYTES
            or len(self._waiting) >= BATCH_MESSAGES
            or now - self._waiting_since >= BATCH_SECONDS
        ):
            self.flush()

    def _deliver(self, tx: Transaction, fetched: _Fetched) -> LocalMessage | None:
        blob_id = fetched.blob_id or self._local.store_small(tx, fetched.content or b"")
        if fetched.completes is not None:
            assert fetched.completes.local_uid is not None
            completed = self._local.complete(tx, fetched.completes.local_uid, blob_id)
            if completed is not None:  # else the user has deleted it meanwhile
                self._store.pop3_messages.completed(tx, self._account_id, fetched.uidl)
            return completed
        message = self._local.deliver(
            tx, SpecialUse.INBOX, blob_id, fetched.arrived_at, Flag.NONE, fetched.server_size
        )
        self._store.pop3_messages.note(
            tx,
            Pop3Message(
                self._account_id,
                fetched.uidl,
                fetched.size,
                self._now(),
                message.uid,
                whole=not fetched.server_size,
                digest=fetched.digest,
            ),
        )
        return message

    def _now(self) -> int:
        return int(self._clock())


def beginning(pieces: Iterator[bytes]) -> bytes:
    """The beginning of a message: all of its header, or of a small message everything."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= HEADER_BYTES:
            break
    return b"".join(held)


def arrival(header: bytes, now: int) -> int:
    """When a message came to its server, as that has written into it (the first Received field, RFC 5321
    section 4.4); seconds since the epoch, and `now` where it does not say, or names a time to come.
    """
    received = _RECEIVED.search(header.replace(b"\r\n", b"\n"))
    if received is None:
        return now
    when = timestamp(b" ".join(received[1].rpartition(b";")[2].split()))
    return now if when is None else min(when, now)
