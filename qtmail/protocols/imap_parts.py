"""One message, part by part: its structure, chosen parts, and large parts in pieces (RFC 9051 section
6.4.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from qtmail.domain.message import PartStructure
from qtmail.errors import Layer, ProtocolViolation, Retry, ServerRefused
from qtmail.protocols.imap_dialogue import SET_LIMIT, Dialogue, LiteralLimit
from qtmail.protocols.imap_fetch import HEADER_LIMIT, MESSAGE_LIMIT, read_fetch
from qtmail.protocols.imap_items import Items, header_of, section_of, uid_of
from qtmail.protocols.imap_pipeline import Window, pipelined
from qtmail.protocols.imap_structure import parse_structure
from qtmail.protocols.imap_syntax import SkippedLiteral, Untagged

CHUNK = 256 * 1024
"""Bytes of a large part asked for at a time."""


def fetch_structure(dialogue: Dialogue, uid: int) -> tuple[PartStructure, bytes]:
    """The tree of a message's parts and its whole header, in one round trip."""
    items = _fetch(dialogue, uid, "BODYSTRUCTURE BODY.PEEK[HEADER]", _header_limit)
    header = header_of(items) or b""
    if isinstance(header, SkippedLiteral):
        dialogue.updates.skipped(uid, header.size)
    return parse_structure(items.get(b"BODYSTRUCTURE")), header


def fetch_parts(dialogue: Dialogue, uid: int, sections: Sequence[str]) -> dict[str, bytes]:
    """Parts in transfer encoding, by section; one the server does not have, or that is too large, is left
    out."""
    if not sections:
        return {}
    wanted = " ".join(f"BODY.PEEK[{section}]" for section in sections)
    items = _fetch(dialogue, uid, wanted, _part_limit)
    parts = {}
    for section in sections:
        data = section_of(items, section)
        if isinstance(data, SkippedLiteral):
            dialogue.updates.skipped(uid, data.size)
        elif data is not None:
            parts[section] = data
    return parts


def fetch_part_chunks(dialogue: Dialogue, uid: int, section: str, size: int) -> Iterator[bytes]:
    """One part in transfer encoding, in pieces of up to CHUNK bytes, the next always asked for one ahead.

    `size` is what BODYSTRUCTURE said. Some servers only estimate it, so the part ends with the first piece
    that is not full; a part that ends otherwise before its size is reached is gone.
    """
    ended = False
    received = 0

    def windows() -> Iterator[Window]:
        for offset in count(0, CHUNK):
            if ended or offset > received + CHUNK:
                return
            yield Window(f"UID FETCH {uid} (UID BODY.PEEK[{section}]<{offset}.{CHUNK}>)".encode(), 1)

    try:
        for untagged in pipelined(
            dialogue, windows(), doing="send this attachment", literal_limit=lambda _text: CHUNK
        ):
            piece = section_of(_of_message(dialogue, untagged, uid), section, received)
            if piece is None or ended:
                continue
            received += len(piece)
            if isinstance(piece, SkippedLiteral) or received > 2 * size + CHUNK:
                raise dialogue.violation("sent more of an attachment than was asked for")
            ended = len(piece) < CHUNK
            yield piece
    except ServerRefused:
        if received < size and not ended:  # a refusal to read past the end is no loss
            raise
    if received < size and not ended:
        raise gone()


def _fetch(dialogue: Dialogue, uid: int, wanted: str, literal_limit: LiteralLimit) -> Items:
    """The attributes of one message.

    Raises ServerRefused if it is gone, ProtocolViolation if the answer makes no sense; the session can go on.
    """
    pending = dialogue.submit(f"UID FETCH {uid} (UID {wanted})".encode(), doing="send this message")
    found: Items = {}
    malformed = dialogue.updates.malformed_count
    for untagged in dialogue.answers(pending, literal_limit=literal_limit, line_limit=SET_LIMIT):
        found |= _of_message(dialogue, untagged, uid)
    pending.check()
    if found:
        return found
    if dialogue.updates.malformed_count > malformed:
        raise ProtocolViolation(
            "The server describes this message in a way that cannot be read.",
            layer=Layer.MESSAGE,
            retry=Retry.NEVER,
        )
    raise gone()


def _of_message(dialogue: Dialogue, untagged: Untagged, uid: int) -> Items:
    """What a response says of this message's content; {} for anything else, which is noted."""
    items = read_fetch(dialogue, untagged)
    if items is None:
        return {}
    if uid_of(items) != uid or not any(name.startswith(b"BODY") for name in items):
        dialogue.updates.note(untagged)
        return {}
    return items


def gone() -> ServerRefused:
    """The message was expunged since it was listed."""
    return ServerRefused("The message is no longer in this folder on the server.", layer=Layer.MESSAGE)


def _header_limit(_text: bytes) -> int:
    return HEADER_LIMIT


def _part_limit(_text: bytes) -> int:
    return MESSAGE_LIMIT
