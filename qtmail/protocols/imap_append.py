"""Writing into folders: APPEND, exact expunging, and making a folder (RFC 9051 sections 6.3.4, 6.3.12 and
6.4.9).

A message is streamed, so that one of any size takes no more memory than one of its pieces. Whether it arrived
when the line is lost before the answer, nobody knows: who appends again has to search first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from qtmail.domain.folder import SpecialUse, shown_path
from qtmail.domain.message import FLAG_NAMES, Flag
from qtmail.errors import Layer, Retry, ServerRefused
from qtmail.log import logger
from qtmail.protocols.imap_dialogue import Dialogue, Pending
from qtmail.protocols.imap_names import decode_name, encode_name
from qtmail.protocols.imap_syntax import LiteralStream, astring, number, sentence_end
from qtmail.protocols.imap_values import AppendedUid, Namespaces
from qtmail.protocols.uid_set import LAST_UID, format_uid_set

log = logger("imap")

ANSWER_SECONDS = 180.0
"""How long the answer to an APPEND may take: what lies in the buffers of a slow line has to go out first."""
EXPUNGE_SIZE = 1000
"""UIDs in one command."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIMIT = re.compile(r"APPENDLIMIT=(\d{1,18})")


class FolderMissing(ServerRefused):
    """The folder that was to be written into is not there (TRYCREATE)."""

    layer = Layer.FOLDER


class _Meaning(NamedTuple):
    """What a response code says (RFC 5530, RFC 4469, RFC 9208); `{folder}` stands for the folder."""

    sentence: str
    advice: str
    retry: Retry


_NO_ROOM = _Meaning(
    "There is no room left in the mailbox on the server, so the message could not be put into {folder}.",
    "Delete what is no longer needed, or ask the provider for more room.",
    Retry.LATER,
)
_TOO_LARGE = _Meaning(
    "The message is larger than the server allows in {folder}.",
    "Send large files another way, or ask the provider to allow larger messages.",
    Retry.NEVER,
)
_NOT_ALLOWED = _Meaning(
    "The server does not let this account put messages into {folder}.",
    "Choose another folder, or ask the server's owner.",
    Retry.ASK_USER,
)
_NOT_NOW = _Meaning(
    "The server cannot put the message into {folder} at the moment.", "It is tried again later.", Retry.LATER
)
_BY_CODE: dict[bytes, _Meaning] = {
    b"OVERQUOTA": _NO_ROOM,
    b"TOOBIG": _TOO_LARGE,
    b"APPENDLIMIT": _TOO_LARGE,
    b"LIMIT": _Meaning(
        "{folder} on the server is full: it takes no further messages.",
        "Move some of them to another folder.",
        Retry.LATER,
    ),
    b"NOPERM": _NOT_ALLOWED,
    b"CANNOT": _NOT_ALLOWED,
    b"UNAVAILABLE": _NOT_NOW,
    b"SERVERBUG": _NOT_NOW,
    b"INUSE": _NOT_NOW,
}
_FULL = re.compile(
    r"quota|mailbox (is )?full|storage limit|not enough (disk )?space|空间不足|已满", re.IGNORECASE
)
"""What servers without response codes say."""


# -- APPEND ----------------------------------------------------------------------------------------


def append(
    dialogue: Dialogue,
    wire_name: bytes,
    message: Iterable[bytes],
    size: int,
    flags: Flag,
    when: int | None,
) -> AppendedUid | None:
    """Store a message in a folder.

    Args:
        message: its bytes with CRLF line ends, in pieces of any length, `size` bytes in all.
        flags: set on it at once.
        when: its INTERNALDATE in seconds since the epoch; None: now.

    Returns:
        Where it went; None where the server does not tell (no UIDPLUS).

    Raises FolderMissing, ServerRefused in words, ConnectionFailed if the line was lost: then nobody knows
    whether it was stored. What reading the pieces raises comes through, and the line is closed.
    """
    folder = shown_path(decode_name(wire_name, utf8=dialogue.utf8))
    if 0 <= _limit(dialogue, wire_name) < size:
        raise _refusal(_TOO_LARGE, folder, f"{size} bytes are over the server's APPENDLIMIT")
    names = " ".join(name for flag, name in FLAG_NAMES.items() if flag & flags)
    options = [f"({names})".encode()] if names else []
    if when is not None:
        options.append(_date_time(when))
    name = astring(wire_name, utf8=dialogue.utf8)
    patience = dialogue.stream.set_timeout(ANSWER_SECONDS)
    try:
        pending = dialogue.submit(
            b"APPEND", name, *options, LiteralStream(message, size), doing=f"store a message in {folder}"
        )
        for untagged in dialogue.answers(pending):
            dialogue.updates.note(untagged)
    finally:
        dialogue.stream.set_timeout(patience)
    _check_append(pending, folder)
    return _appended(pending)


def _limit(dialogue: Dialogue, wire_name: bytes) -> int:
    """The largest message the folder takes, in bytes (RFC 7889); -1 where the server does not say."""
    told = [int(match[1]) for word in dialogue.capabilities if (match := _LIMIT.fullmatch(word))]
    if told or not dialogue.offers("APPENDLIMIT"):
        return min(told, default=-1)
    name = astring(wire_name, utf8=dialogue.utf8)
    pending = dialogue.submit(b"STATUS", name, b"(APPENDLIMIT)", doing="tell the largest message")
    limit = -1
    for untagged in dialogue.answers(pending):
        answer = re.search(rb"\(APPENDLIMIT (\d{1,18})\)", untagged.text, re.IGNORECASE)
        if untagged.name == b"STATUS" and answer:
            limit = int(answer[1])
        else:
            dialogue.updates.note(untagged)
    return limit


def _date_time(when: int) -> bytes:
    """A quoted date-time (RFC 9051 section 9), in UTC; English whatever the locale."""
    moment = _EPOCH + timedelta(seconds=when)
    date = f"{moment.day:2d}-{_MONTHS[moment.month - 1]}-{moment.year:04d}"
    return f'"{date} {moment:%H:%M:%S} +0000"'.encode()


def _appended(pending: Pending) -> AppendedUid | None:
    """What APPENDUID says; None where it is missing or makes no sense."""
    words = pending.arguments.split()
    if pending.code != b"APPENDUID" or len(words) != 2:
        return None
    try:
        uid_validity, uid = (number(word, LAST_UID) for word in words)
    except ValueError:
        return None
    return AppendedUid(uid_validity, uid) if uid_validity and uid else None


def _check_append(pending: Pending, folder: str) -> None:
    if not pending.refused:
        return
    if pending.code in (b"TRYCREATE", b"NONEXISTENT"):
        raise FolderMissing(f"The folder {folder} is not on the server.", detail=pending.answer)
    meaning = _BY_CODE.get(pending.code) or (_NO_ROOM if _FULL.search(pending.text) else None)
    if meaning is not None:
        raise _refusal(meaning, folder, pending.answer)
    raise ServerRefused(
        f"The server refused to store the message in {folder}: {sentence_end(pending.text)}",
        detail=pending.answer,
        layer=Layer.FOLDER,
        retry=Retry.LATER,
    )


def _refusal(meaning: _Meaning, folder: str, detail: str) -> ServerRefused:
    return ServerRefused(
        meaning.sentence.format(folder=folder),
        advice=meaning.advice,
        detail=detail,
        layer=Layer.FOLDER,
        retry=meaning.retry,
    )


# -- expunging exactly -----------------------------------------------------------------------------


def expunge(dialogue: Dialogue, uids: Sequence[int]) -> bool:
    """Remove exactly these messages from the folder that is open; returns whether they are gone.

    Without UIDPLUS they are only marked as deleted: a bare EXPUNGE would take along what other programs have
    marked. Raises ServerRefused.
    """
    exact = dialogue.offers("UIDPLUS") or dialogue.offers("IMAP4REV2")
    pendings = []
    for start in range(0, len(uids), EXPUNGE_SIZE):
        uid_set = format_uid_set(uids[start : start + EXPUNGE_SIZE]).encode()
        mark = b"UID STORE %s +FLAGS.SILENT (\\Deleted)" % uid_set
        pendings.append(dialogue.submit(mark, doing="delete a message"))
        if exact:
            pendings.append(dialogue.submit(b"UID EXPUNGE %s" % uid_set, doing="delete a message"))
    dialogue.settle()
    for pending in pendings:
        pending.check()
    return exact


# -- making a folder -------------------------------------------------------------------------------

_USES = {
    SpecialUse.SENT: b"\\Sent",
    SpecialUse.DRAFTS: b"\\Drafts",
    SpecialUse.TRASH: b"\\Trash",
    SpecialUse.JUNK: b"\\Junk",
    SpecialUse.ARCHIVE: b"\\Archive",
}


def create_folder(
    dialogue: Dialogue, path: str, namespaces: Namespaces, special_use: SpecialUse | None = None
) -> bytes:
    """Make a folder in the user's own name space and subscribe to it; returns its wire name.

    One that is there already is as good as a new one. With CREATE-SPECIAL-USE the server is told what it is
    for (RFC 6154 section 3). Raises ServerRefused with layer FOLDER.
    """
    prefix = namespaces.personal[0].prefix if namespaces.personal else b""
    wire_name = encode_name(path, utf8=dialogue.utf8)
    if not wire_name.startswith(prefix):
        wire_name = prefix + wire_name
    name = astring(wire_name, utf8=dialogue.utf8)
    use = [b"(USE (%s))" % _USES[special_use]] if special_use in _USES else []
    use = use if dialogue.offers("CREATE-SPECIAL-USE") else []
    created = dialogue.submit(b"CREATE", name, *use, doing=f"make the folder {shown_path(path)}")
    subscribed = dialogue.submit(b"SUBSCRIBE", name, doing=f"subscribe to {shown_path(path)}")
    dialogue.settle()
    if created.code != b"ALREADYEXISTS":
        _check_created(created)
    if subscribed.refused:  # a server without subscriptions shows the folder anyway
        log.info("SUBSCRIBE refused: %s", subscribed.text)
    return wire_name


def _check_created(created: Pending) -> None:
    try:
        created.check()
    except ServerRefused as refusal:
        refusal.layer = Layer.FOLDER
        raise
