"""Which message on a POP3 server is which of those that were fetched: pure functions, no I/O.

A server names its messages by unique ids (UIDL, RFC 1939 section 7). They are believed as long as nothing
speaks against it: some servers have none, use them again for other messages, or give new ones to all after
a move to another machine. Then the header decides, which TOP gives without fetching the message.

    listing ──> doubtful ──TOP──> digests ──> recognise ──> here, renamed, unknown, missing
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from qtmail.domain.pop3 import Pop3Message, Pop3Wish

HEADER_BYTES = 256 * 1024
"""Of a header so much counts for its digest."""

_END_OF_HEADER = re.compile(rb"(?:\A|(?<=\n))\r?\n")
_IDENTIFYING = (b"message-id", b"received", b"date", b"from", b"to", b"subject")
_FIELD = re.compile(rb"(?im)^(" + b"|".join(_IDENTIFYING) + rb")[ \t]*:((?:[^\n]|\n[ \t])*)")
_VOLATILE = re.compile(
    rb"(?im)^(?:status|x-status|x-uidl?|x-keywords|content-length|lines)[ \t]*:(?:[^\n]|\n[ \t])*\n?"
)
"""Fields that servers with mbox files change as mail is read."""
_WEAK = b"?"


class Mail(NamedTuple):
    """A message as the server lists it.

    Attributes:
        number: its number in this session.
        size: bytes.
        uidl: what it is known by here, unique in its listing; None: the server gives no id, and its header
            has not been seen yet.
    """

    number: int
    size: int
    uidl: bytes | None


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a listing turned out to hold.

    Attributes:
        here: by number, what was fetched before, under its id of now.
        renamed: what goes by another id from now on, or has another size: as it was noted, its new id, its
            new size. Among them are messages whose id was given to another one: they keep a stand-in.
        returned: ids of those of them that had been gone for a while.
        unknown: the others.
        missing: what was fetched and is not found in the listing, under its id of now.
    """

    here: dict[int, Pop3Message]
    renamed: tuple[tuple[Pop3Message, bytes, int], ...]
    returned: tuple[bytes, ...]
    unknown: tuple[Mail, ...]
    missing: Missing


def header_of(content: bytes) -> bytes:
    """The header of a message, or of its beginning, without the empty line that ends it."""
    end = _END_OF_HEADER.search(content[:HEADER_BYTES])
    return content[: end.start() if end else HEADER_BYTES]


def header_digest(header: bytes, size: int) -> bytes:
    """What a message is known by when its id is in doubt: the fields that no server rewrites.

    The Received fields, stamped by each server on the way, make it the only one of its kind. Without them
    the size (in bytes, as listed) counts as well; without a Message-ID, too, the digest is *weak*: another
    message might have the same.
    """
    text = header.replace(b"\r\n", b"\n")
    fields = [(name.lower(), b" ".join(value.split())) for name, value in _FIELD.findall(text)]
    names = {name for name, _ in fields}
    said = b"\n".join(name + b":" + value for name, value in fields)
    if b"received" in names:
        return sha256(said).digest()
    if b"message-id" in names:
        return sha256(b"%d\n%b" % (size, said)).digest()
    return _WEAK + sha256(b"%d\n%b" % (size, _VOLATILE.sub(b"", text).rstrip())).digest()


def is_weak(digest: bytes) -> bool:
    """Whether another message might have the same digest."""
    return digest.startswith(_WEAK)


def stand_in(digest: bytes) -> bytes:
    """What stands for the id that a server does not give. No id of a server's has a space in it."""
    return b"header " + digest.hex().encode()


class DistinctIds:
    """Ids of which no two messages have the same: copies of one message may share theirs."""

    def __init__(self, taken: Iterable[bytes] = ()) -> None:
        self._taken = set(taken)
        self._copies: dict[bytes, int] = {}  # else a million copies would be gone through a million times

    def take(self, uidl: bytes) -> bytes:
        """This id or, if it is taken, one made of it."""
        distinct, copies = uidl, self._copies.get(uidl, 1)
        while distinct in self._taken:
            copies += 1
            distinct = b"%b %d" % (uidl, copies)
        self._copies[uidl] = copies
        self._taken.add(distinct)
        return distinct


def with_ids(listing: Iterable[Mail], digests: Mapping[int, bytes]) -> list[Mail]:
    """The listing with an id, its own or a stand-in, for each message whose header is known."""
    named: list[Mail] = []
    ids = DistinctIds()
    for mail in listing:
        uidl = mail.uidl
        if uidl is None and mail.number in digests:
            uidl = stand_in(digests[mail.number])
        if uidl is not None:
            uidl = ids.take(uidl)
        named.append(mail if uidl == mail.uidl else mail._replace(uidl=uidl))
    return named


def doubtful(listing: Sequence[Mail], known: Iterable[Pop3Message]) -> list[int]:
    """Numbers of the messages whose headers must be looked at before it is said which they are.

    Those without an id; those whose size is not that of the message known by this id, or which had been
    gone, or whose rest is wanted; and those with an unknown id that may be known by another: as many bytes as
    one that is missing, or any, where of all that were on the server none is left.
    """
    by_id = {message.uidl: message for message in known}
    listed = {mail.uidl for mail in listing}
    missing_sizes = {message.size for uidl, message in by_id.items() if uidl not in listed}
    was_there = [message for message in by_id.values() if message.gone_since is None]
    all_renamed = bool(was_there) and not any(message.uidl in listed for message in was_there)

    def is_doubtful(mail: Mail) -> bool:
        if mail.uidl is None:
            return True
        message = by_id.get(mail.uidl)
        if message is None:
            return all_renamed or mail.size in missing_sizes
        if message.size != mail.size or message.gone_since is not None:
            return True
        return message.wish is Pop3Wish.DOWNLOAD  # other mail must not become the rest of it

    return [mail.number for mail in listing if is_doubtful(mail)]


def recognise(
    listing: Sequence[Mail], known: Sequence[Pop3Message], digests: Mapping[int, bytes]
) -> Recognised:
    """Tell what was fetched before from what was not.

    Args:
        listing: with ids, see `with_ids`.
        digests: by number, of the headers that were looked at.
    """
    here, others = _by_id(listing, known, digests)
    by_number = {mail.number: mail for mail in listing}
    resized = [
        (message, message.uidl, size)
        for number, message in here.items()
        if (size := by_number[number].size) != message.size
    ]
    returned = tuple(message.uidl for message in here.values() if message.gone_since is not None)
    found = {message.uidl for message in here.values()}
    missing = Missing(message for message in known if message.uidl not in found)
    renamed: list[tuple[Pop3Message, bytes, int]] = []
    unknown: list[Mail] = []
    for mail in others:
        message = missing.take(digests.get(mail.number, b""))
        if message is None or mail.uidl is None:
            unknown.append(mail)
        else:
            renamed.append((message, mail.uidl, mail.size))
            here[mail.number] = replace(message, uidl=mail.uidl, size=mail.size, gone_since=None)
    replaced = _without_id(missing, listing, known)
    rest = Missing(replace(one, uidl=replaced.get(one.uidl, one.uidl)) for one in missing)
    set_aside = [(one, replaced[one.uidl], one.size) for one in missing if one.uidl in replaced]
    return Recognised(here, (*resized, *renamed, *set_aside), returned, tuple(unknown), rest)


def _by_id(
    listing: Sequence[Mail], known: Sequence[Pop3Message], digests: Mapping[int, bytes]
) -> tuple[dict[int, Pop3Message], list[Mail]]:
    """Those whose id says which they are, and the others."""
    by_id: dict[bytes | None, Pop3Message] = {message.uidl: message for message in known}
    here: dict[int, Pop3Message] = {}
    others: list[Mail] = []
    for mail in listing:
        message = by_id.get(mail.uidl)
        if message is not None and _is_same(mail, message, digests.get(mail.number)):
            here[mail.number] = message
        else:
            others.append(mail)
    return here, others


def _without_id(
    missing: Iterable[Pop3Message], listing: Iterable[Mail], known: Iterable[Pop3Message]
) -> dict[bytes, bytes]:
    """What those of the missing are known by from now on whose ids the server has given to other mail."""
    listed = {mail.uidl for mail in listing}
    ids = DistinctIds({uidl for uidl in listed if uidl is not None} | {message.uidl for message in known})
    return {message.uidl: ids.take(stand_in(message.digest)) for message in missing if message.uidl in listed}


def _is_same(mail: Mail, message: Pop3Message, digest: bytes | None) -> bool:
    """Whether the id is right: by the header, where it was looked at, else by the size."""
    return mail.size == message.size if digest is None else digest == message.digest


class Missing:
    """Messages that were fetched and are not found on the server, at least not by their ids."""

    def __init__(self, messages: Iterable[Pop3Message]) -> None:
        self._by_id = {message.uidl: message for message in messages}
        self._by_digest: defaultdict[bytes, deque[bytes]] = defaultdict(deque)
        for message in self._by_id.values():
            returns = message.gone_since is None or message.local_uid is not None
            if returns and not is_weak(message.digest):
                self._by_digest[message.digest].append(message.uidl)

    def __iter__(self) -> Iterator[Pop3Message]:
        return iter(self._by_id.values())

    def take(self, digest: bytes) -> Pop3Message | None:
        """One with this header, each once. A weak digest is proof of nothing, and what was deleted here and
        has come back to the server was put there by somebody who wants it.
        """
        same = self._by_digest.get(digest)
        while same:
            if message := self._by_id.pop(same.popleft(), None):
                return message
        return None

    def take_id(self, uidl: bytes) -> Pop3Message | None:
        """The one known by this id, once."""
        return self._by_id.pop(uidl, None)
