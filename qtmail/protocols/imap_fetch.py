"""Fetching the headers, flags and content of many messages (RFC 9051 section 6.4.5)."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from qtmail.domain.message import FlagChange, RemoteMessage
from qtmail.errors import ServerRefused
from qtmail.protocols.imap_dialogue import SET_LIMIT, Dialogue
from qtmail.protocols.imap_items import (
    Items,
    fetch_items,
    flag_change,
    flags_of,
    header_of,
    internal_date,
    modseq_of,
    parse_flags,
    section_of,
    size_of,
    uid_of,
)
from qtmail.protocols.imap_pipeline import Window, pipelined
from qtmail.protocols.imap_syntax import MalformedError, SkippedLiteral, Untagged
from qtmail.protocols.uid_set import UidSet, format_uid_set

HEADER_FIELDS = (
    "Date",
    "From",
    "To",
    "Cc",
    "Bcc",
    "Reply-To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Type",
    "List-Id",
    "Importance",
    "X-Priority",
)
"""What a message list and its conversations need."""

MOST_HEADERS = 1000
"""Messages in one list, however large the UID set."""
MESSAGES_A_WINDOW = 50
HEADER_LIMIT = 1_000_000
"""Bytes; a longer header is read past and its message shown without."""
MESSAGE_LIMIT = 128 * 1024 * 1024
"""Bytes of a message whose size the server did not tell first."""

_USUAL_HEADER = re.compile(
    rb"\* [1-9]\d{0,9} FETCH \(UID ([1-9]\d{0,8}) FLAGS \(([^()\"{}\r\n]{0,500})\)"
    rb' INTERNALDATE "([^"\\\r\n]{26})" RFC822\.SIZE (\d{1,18})(?: MODSEQ \((\d{1,18})\))?'
    rb" BODY\[HEADER\.FIELDS \([A-Z -]{1,300}\)\] \{(\d{1,6})\}\r\n"
)

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,19})\b", re.IGNORECASE)


# -- headers ---------------------------------------------------------------------------------------


def fetch_headers(
    dialogue: Dialogue, uid_sets: Iterable[str], *, modseq: bool
) -> Iterator[list[RemoteMessage]]:
    """The messages of the UID sets in the order the server sends them, in lists of about the sets' sizes.

    Raises ServerRefused if a set was refused, after all that did come was handed out.
    """
    fields = " ".join(HEADER_FIELDS).upper()
    items = (
        f"UID FLAGS INTERNALDATE RFC822.SIZE{' MODSEQ' if modseq else ''} BODY.PEEK[HEADER.FIELDS ({fields})]"
    )
    sizes: deque[int] = deque()

    def windows() -> Iterator[Window]:
        for uid_set in uid_sets:
            sizes.append(min(len(UidSet.parse(uid_set)), MOST_HEADERS))
            yield Window(f"UID FETCH {uid_set} ({items})".encode(), sizes[-1])

    batch: list[RemoteMessage] = []
    answers = pipelined(
        dialogue, windows(), doing="list some of the messages", usual=partial(_usual_message, dialogue)
    )
    refusal: ServerRefused | None = None
    try:
        for answer in answers:
            message = _remote_message(dialogue, answer) if isinstance(answer, Untagged) else answer
            if message is None:
                continue
            batch.append(message)
            if len(batch) >= sizes[0]:
                yield batch
                batch = []
                if len(sizes) > 1:
                    sizes.popleft()
    except ServerRefused as error:
        refusal = error
    if batch:
        yield batch
    if refusal is not None:
        raise refusal


def _usual_message(dialogue: Dialogue) -> RemoteMessage | None:
    """The next response, if it has exactly the form in which Dovecot and most servers answer this question.

    One match reads what takes the general reader ten times as long, and a first sync consists of these.
    """
    taken = dialogue.take(_USUAL_HEADER, 6, b")\r\n")
    if taken is None:
        return None
    match, header = taken
    uid, flag_names, date, size, modseq, _ = match.groups()
    flags, keywords = parse_flags(tuple(bytes(flag_names).split()))
    return RemoteMessage(
        uid=int(uid),
        flags=flags,
        keywords=keywords,
        modseq=int(modseq or 0),
        internal_date=internal_date(bytes(date)),
        size=int(size),
        header=header,
    )


def _remote_message(dialogue: Dialogue, untagged: Untagged) -> RemoteMessage | None:
    """What a FETCH response with a header says; None for anything else, which is noted."""
    items = read_fetch(dialogue, untagged)
    if items is None:
        return None
    uid, header = uid_of(items), header_of(items)
    if not uid or header is None:
        dialogue.updates.note(untagged)
        return None
    if isinstance(header, SkippedLiteral):
        dialogue.updates.skipped(uid, header.size)
    flags, keywords = flags_of(items)
    return RemoteMessage(
        uid=uid,
        flags=flags,
        keywords=keywords,
        modseq=modseq_of(items),
        internal_date=internal_date(items.get(b"INTERNALDATE")),
        size=size_of(items),
        header=bytes(header),
    )


def read_fetch(dialogue: Dialogue, untagged: Untagged) -> Items | None:
    """The attributes of a FETCH response; None for anything else, which is noted."""
    if untagged.name != b"FETCH":
        dialogue.updates.note(untagged)
        return None
    try:
        return fetch_items(untagged)
    except MalformedError:
        dialogue.updates.malformed()
        return None


# -- flags -----------------------------------------------------------------------------------------


def fetch_flags(dialogue: Dialogue, uid_set: str, changed_since: int | None) -> list[FlagChange]:
    """The flags of these messages, or of those among them that changed since a modification sequence."""
    if changed_since is None:
        command = f"UID FETCH {uid_set} (UID FLAGS)"
    else:
        command = f"UID FETCH {uid_set} (UID FLAGS MODSEQ) (CHANGEDSINCE {changed_since})"
    pending = dialogue.submit(command.encode(), doing="say which messages are read")
    changes: dict[int, FlagChange] = {}
    for untagged in dialogue.answers(pending, line_limit=SET_LIMIT):
        items = read_fetch(dialogue, untagged)
        if items is None:
            continue
        change = flag_change(items)
        if change.uid and b"FLAGS" in items:
            changes[change.uid] = change
        else:
            dialogue.updates.note(untagged)
    pending.check()
    return list(changes.values())


# -- whole messages --------------------------------------------------------------------------------


def fetch_messages(dialogue: Dialogue, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Whole messages as they come in, in the server's order; those larger than announced are left out and
    noted."""
    batches = (uids[start : start + MESSAGES_A_WINDOW] for start in range(0, len(uids), MESSAGES_A_WINDOW))
    windows = (
        Window(f"UID FETCH {format_uid_set(batch)} (UID RFC822.SIZE BODY.PEEK[])".encode(), len(batch))
        for batch in batches
    )
    wanted = set(uids)
    for untagged in pipelined(
        dialogue, windows, doing="send some of the messages", literal_limit=message_limit
    ):
        items = read_fetch(dialogue, untagged)
        if items is None:
            continue
        body = section_of(items, "")
        if body is None or uid_of(items) not in wanted:
            dialogue.updates.note(untagged)
        elif isinstance(body, SkippedLiteral):
            dialogue.updates.skipped(uid_of(items), body.size)
        else:
            yield uid_of(items), body


def message_limit(text: bytes) -> int:
    """How large a message may be, by the size the server told on the same line: twice that, for servers
    that count line ends otherwise than they send them, and a little more."""
    match = _SIZE.search(text)
    return min(MESSAGE_LIMIT, 2 * int(match[1]) + 1_000_000) if match else MESSAGE_LIMIT
