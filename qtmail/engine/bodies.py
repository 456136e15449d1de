"""Fetches the content of messages: whole when small, one part at a time when large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from qtmail.domain.message import MessageBody
from qtmail.engine.stopping import StopToken, heavy_lane
from qtmail.engine.write_behind import WriteBehind
from qtmail.errors import Layer, QtmailError, ServerRefused
from qtmail.log import logger
from qtmail.mime.glance import glance
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse, parse_partial, sections_to_read
from qtmail.protocols.imap import ImapSession
from qtmail.store.messages import Location
from qtmail.store.store import Store

log = logger("bodies")

WHOLE = ""
"""The section that stands for the whole message (BODY[])."""

Received = Callable[[int, int], None]
"""Told the bytes received so far, and in all, in transfer encoding."""

BATCH_BYTES = 4 * 1024 * 1024
"""Bodies are written in transactions of about this size, so that none takes long."""


def read_body(body: MessageBody) -> ParsedMessage | None:
    """What the reader makes of a cached body, or None when nothing is cached."""
    if body.raw is not None:
        return parse(body.raw)
    if body.header is not None and body.structure is not None:
        return parse_partial(body.header, body.structure, dict(body.parts))
    return None


class BodyFetcher:
    """Fetches bodies over one session into the store."""

    def __init__(self, store: Store, session: ImapSession, *, whole_up_to: int, stop: StopToken) -> None:
        self._store = store
        self._session = session
        self._whole_up_to = whole_up_to
        self._stop = stop

    def fetch(self, place: Location, size: int) -> None:
        """Fetch what is needed to read one message: all of it, or with a large one its header, text and small
        images.

        Raises ServerRefused when the message is gone or cannot be given; ConnectionFailed when the session is
        lost.
        """
        self._select(place)
        self.keep(place.uid, place.message_id, size)

    def keep(self, uid: int, message_id: int, size: int) -> None:
        """As `fetch`, for a message of the folder that is open."""
        if size > self._whole_up_to:
            self._keep_text(uid, message_id)
        elif not any(self.keep_whole({uid: message_id})):
            raise self.why_not_given(uid)

    def keep_whole(self, wanted: Mapping[int, int]) -> Iterator[set[int]]:
        """Fetch whole messages of the folder that is open; yields the UIDs of those stored, batch by batch.

        Args:
            wanted: message ids by UID, in the order in which they are to be fetched.
        """
        missing = dict(wanted)
        with WriteBehind[set[int]](self._store) as behind:
            try:
                for batch in _batches(self._session.fetch_messages(list(wanted))):
                    self._stop.check()
                    come = {uid: raw for uid, raw in batch if missing.pop(uid, None) is not None}
                    yield from behind.take()
                    behind.put(partial(self._store_whole, come, wanted))
            except QtmailError:
                yield from behind.take()  # what came before the fault is here, and the caller is to know
                raise
            yield from behind.take()

    def keep_rest(self, uid: int, message_id: int) -> None:
        """Fetch, one at a time, all parts of a message that are not here yet."""
        body = self._store.bodies.get(message_id)
        message = read_body(body)
        if message is None or body.structure is None:
            return
        sizes = {part.section: part.size for part in body.structure.walk()}
        missing = [attachment.section for attachment in message.attachments if attachment.content is None]
        for section in missing:
            self._keep_part(uid, message_id, section, sizes[section], _nobody)

    def fetch_part(self, place: Location, section: str, size: int, progress: Received) -> None:
        """Fetch one part, in pieces so that it can be interrupted."""
        self._select(place)
        self._keep_part(place.uid, place.message_id, section, size, progress)

    def fetch_source(self, place: Location, size: int, progress: Received) -> bytes:
        """Fetch the whole message as it is, whatever its size, in pieces and without keeping it."""
        self._select(place)
        return bytes(self._in_pieces(place.uid, WHOLE, size, progress))

    def why_not_given(self, uid: int) -> QtmailError:
        """Why the server left this message out of its answer."""
        size = self._session.skipped_size(uid)
        return _gone() if size is None else _too_large(size)

    def _keep_text(self, uid: int, message_id: int) -> None:
        structure, header = self._session.fetch_structure(uid)
        parts = self._session.fetch_parts(uid, sections_to_read(structure))
        with heavy_lane(self._stop):
            message = parse_partial(header, structure, parts)
        with self._store.cache_transaction() as tx:
            self._store.bodies.put_partial(
                tx, message_id, header, structure, parts, message.preview, _has_attachment(message)
            )

    def _keep_part(self, uid: int, message_id: int, section: str, size: int, progress: Received) -> None:
        data = self._in_pieces(uid, section, size, progress)
        with self._store.cache_transaction() as tx:
            self._store.bodies.put_part(tx, message_id, section, data)

    def _in_pieces(self, uid: int, section: str, size: int, progress: Received) -> bytearray:
        """The content in transfer encoding; never held twice, because it may be hundreds of megabytes."""
        data = bytearray()
        for piece in self._session.fetch_part_chunks(uid, section, size):
            self._stop.check()
            data += piece
            progress(len(data), size)
        return data

    def _store_whole(self, batch: Mapping[int, bytes], ids: Mapping[int, int]) -> set[int]:
        """Store messages by UID; returns their UIDs."""
        with heavy_lane(self._stop):
            seen = [(ids[uid], raw, glance(raw)) for uid, raw in batch.items()]
        with self._store.cache_transaction() as tx:
            for message_id, raw, sight in seen:
                self._store.bodies.put_raw(tx, message_id, raw, sight.preview, sight.has_attachment)
        return set(batch)

    def _select(self, place: Location) -> None:
        selected = self._session.ensure_selected(place.wire_name)
        if selected.uid_validity != place.uid_validity:
            raise ServerRefused(
                "The server has renumbered this folder, so the message cannot be fetched yet.",
                advice="It will be there after the next check for mail.",
            )


def _batches(messages: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    """Collect messages into batches; those that came before a fault are handed out before it is raised."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    fault: QtmailError | None = None
    try:
        for uid, raw in messages:
            batch.append((uid, raw))
            size += len(raw)
            if size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except QtmailError as error:
        fault = error
    if batch:
        yield batch
    if fault is not None:
        raise fault


def _nobody(_done: int, _total: int) -> None:
    """Nobody waits for this."""


def _has_attachment(message: ParsedMessage) -> bool:
    return any(not attachment.inline for attachment in message.attachments)


def _too_large(size: int) -> QtmailError:
    return ServerRefused(
        f"The server sent {size // 2**20:,} MB for this message, which is more than it announced "
        "or more than qtmail takes at once.",
        advice="Its provider's web page may show it.",
        layer=Layer.MESSAGE,
    )


def _gone() -> QtmailError:
    return ServerRefused(
        "This message is no longer on the server.",
        advice="It was probably moved or deleted with another program.",
    )
