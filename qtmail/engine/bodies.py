"""Fetches the content of messages: whole when small, one part at a time when large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from qtmail.domain.message import MessageBody
from qtmail.engine.stopping import HEAVY_LANE, StopToken
from qtmail.errors import Layer, QtmailError, ServerRefused
from qtmail.log import logger
from qtmail.mime.glance import glance
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse, parse_partial, sections_to_read
from qtmail.protocols.imap import ImapSession
from qtmail.store.messages import Location
from qtmail.store.store import Store

log = logger("bodies")

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
        if size <= self._whole_up_to:
            for _, raw in self._session.fetch_messages([place.uid]):
                self._store_whole([(place.message_id, raw)])
                return
            raise self._not_given(place.uid)
        structure, header = self._session.fetch_structure(place.uid)
        parts = self._session.fetch_parts(place.uid, sections_to_read(structure))
        with HEAVY_LANE:
            message = parse_partial(header, structure, parts)
        with self._store.cache_transaction() as tx:
            self._store.bodies.put_partial(
                tx, place.message_id, header, structure, parts, message.preview, _has_attachment(message)
            )

    def fetch_part(self, place: Location, section: str, size: int, progress: Callable[[int], None]) -> bytes:
        """Fetch one part, in pieces so that it can be interrupted; returns it in transfer encoding."""
        self._select(place)
        data = bytearray()
        for chunk in self._session.fetch_part_chunks(place.uid, section, size):
            self._stop.check()
            data += chunk
            progress(len(chunk))
        with self._store.cache_transaction() as tx:
            self._store.bodies.put_part(tx, place.message_id, section, bytes(data))
        return bytes(data)

    def fetch_source(self, place: Location) -> bytes:
        """Fetch the whole message as it is, whatever its size, without keeping it."""
        self._select(place)
        for _, raw in self._session.fetch_messages([place.uid]):
            return raw
        raise self._not_given(place.uid)

    def prefetch(self, wanted: Sequence[tuple[int, int, int]], advance: Callable[[int], None]) -> int:
        """Fetch many bodies of the selected folder.

        Args:
            wanted: (UID, size in bytes, message id), in the order in which they are to be fetched.
            advance: told how many more are there.

        Returns how many were stored.
        """
        small = [item for item in wanted if item[1] <= self._whole_up_to]
        ids = {uid: message_id for uid, _, message_id in small}
        missing = dict(ids)
        fetched = 0
        for batch in _batches(self._session.fetch_messages([uid for uid, _, _ in small])):
            self._stop.check()
            come = {uid: raw for uid, raw in batch if missing.pop(uid, None) is not None}
            self._store_whole([(ids[uid], raw) for uid, raw in come.items()])
            fetched += len(come)
            advance(len(come))
        self._give_up(missing)
        return fetched

    def _give_up(self, missing: Mapping[int, int]) -> None:
        """Note which messages are larger than the server says, so that they are not fetched each time."""
        for uid, message_id in missing.items():
            if (size := self._session.skipped_size(uid)) is not None:
                with self._store.cache_transaction() as tx:
                    self._store.bodies.mark_failed(tx, message_id, _too_large(size).sentence)

    def _not_given(self, uid: int) -> QtmailError:
        size = self._session.skipped_size(uid)
        return _gone() if size is None else _too_large(size)

    def _store_whole(self, batch: Sequence[tuple[int, bytes]]) -> None:
        with HEAVY_LANE:
            seen = [(message_id, raw, glance(raw)) for message_id, raw in batch]
        with self._store.cache_transaction() as tx:
            for message_id, raw, sight in seen:
                self._store.bodies.put_raw(tx, message_id, raw, sight.preview, sight.has_attachment)

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
