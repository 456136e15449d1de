"""The list of folders with what they are for and how full they are (RFC 5258, 5819, 6154; else plain LIST,
LSUB, STATUS).

With LIST-EXTENDED and LIST-STATUS all of it takes one round trip; without, two: LIST and LSUB of every name
space in one burst, then one STATUS a folder in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from qtmail.domain.folder import FolderStatus, RemoteFolder, SpecialUse
from qtmail.protocols.imap_dialogue import Dialogue
from qtmail.protocols.imap_names import decode_name, is_inbox, use_by_attributes, use_by_name
from qtmail.protocols.imap_syntax import Literal, MalformedError, Untagged, Value, astring, atoms, number
from qtmail.protocols.imap_values import Namespaces

_STATUS_NAMES = {
    b"MESSAGES": "messages",
    b"UNSEEN": "unseen",
    b"UIDNEXT": "uid_next",
    b"UIDVALIDITY": "uid_validity",
    b"HIGHESTMODSEQ": "highest_modseq",
}
_UNSELECTABLE = {b"\\NOSELECT", b"\\NONEXISTENT"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of LIST or LSUB; attributes in upper case."""

    attributes: frozenset[bytes]
    delimiter: str
    wire_name: bytes


class Found(NamedTuple):
    """What there is: the folders, the wire names of those subscribed to, the statuses told."""

    listed: list[Listed]
    subscribed: set[bytes]
    statuses: dict[bytes, FolderStatus]


def list_folders(dialogue: Dialogue, namespaces: Namespaces) -> list[RemoteFolder]:
    """Every folder of every name space, with its status. Raises ServerRefused if the server will not list
    them."""
    listed, subscribed, statuses = _list_extended(dialogue, namespaces) or _list_plain(dialogue, namespaces)
    folders = [
        RemoteFolder(
            wire_name=item.wire_name,
            path="INBOX" if is_inbox(item.wire_name) else decode_name(item.wire_name, utf8=dialogue.utf8),
            delimiter=item.delimiter,
            special_use=SpecialUse.INBOX if is_inbox(item.wire_name) else use_by_attributes(item.attributes),
            selectable=_selectable(item),
            subscribed=item.wire_name in subscribed or is_inbox(item.wire_name),
            status=statuses.get(_key(item.wire_name)),
        )
        for item in listed
    ]
    return _with_uses_by_name(folders)


def _selectable(item: Listed) -> bool:
    return not item.attributes & _UNSELECTABLE


def _key(wire_name: bytes) -> bytes:
    return b"INBOX" if is_inbox(wire_name) else wire_name


def _with_uses_by_name(folders: list[RemoteFolder]) -> list[RemoteFolder]:
    """Give the uses that no attribute claims to folders with well-known names, the first of each kind."""
    claimed = {folder.special_use for folder in folders}
    result = []
    for folder in folders:
        if folder.special_use is None and folder.selectable:
            use = use_by_name(folder.path, folder.delimiter)
            if use is not None and use not in claimed:
                claimed.add(use)
                folder = replace(folder, special_use=use)
        result.append(folder)
    return result


# -- one round trip --------------------------------------------------------------------------------


def _list_extended(dialogue: Dialogue, namespaces: Namespaces) -> Found | None:
    """All in one answer; None if the server does not offer that, or does not understand it after all."""
    if not dialogue.offers("LIST-EXTENDED", "LIST-STATUS"):
        return None
    wanted = [b"SUBSCRIBED", b"STATUS (%s)" % _status_items(dialogue)]
    if dialogue.offers("SPECIAL-USE"):
        wanted.append(b"SPECIAL-USE")
    patterns = b" ".join(part for part in _patterns(namespaces) if isinstance(part, bytes))
    pending = dialogue.submit(
        b'LIST "" (%s) RETURN (%s)' % (patterns, b" ".join(wanted)), doing="list the folders"
    )
    listed, statuses = _collect(dialogue, dialogue.answers(pending))
    if pending.status == b"BAD":
        return None
    pending.check()
    return Found(listed, {item.wire_name for item in listed if b"\\SUBSCRIBED" in item.attributes}, statuses)


def _status_items(dialogue: Dialogue) -> bytes:
    items = b"MESSAGES UNSEEN UIDNEXT UIDVALIDITY"
    return items + b" HIGHESTMODSEQ" if dialogue.offers("CONDSTORE") or dialogue.offers("QRESYNC") else items


def _patterns(namespaces: Namespaces) -> list[bytes | Literal]:
    """What to ask LIST for: everything, and the name spaces of others, which `*` alone need not show."""
    others = (*namespaces.personal, *namespaces.other_users, *namespaces.shared)
    prefixes = dict.fromkeys(
        space.prefix for space in others if space.prefix and not is_inbox_prefix(space.prefix)
    )
    return [b'"*"', *(astring(prefix + b"*") for prefix in prefixes)]


def is_inbox_prefix(prefix: bytes) -> bool:
    """A personal name space under INBOX (`INBOX.`) is part of what `*` shows."""
    return prefix[:5].upper() == b"INBOX"


def _collect(
    dialogue: Dialogue, answers: Iterable[Untagged]
) -> tuple[list[Listed], dict[bytes, FolderStatus]]:
    listed: dict[bytes, Listed] = {}
    statuses: dict[bytes, FolderStatus] = {}
    for untagged in answers:
        try:
            if untagged.name == b"LIST":
                item = parse_listed(untagged.values())
                if item.wire_name:  # an empty one stands for the root, which is no folder
                    listed.setdefault(_key(item.wire_name), item)
            elif untagged.name == b"STATUS":
                name, status = parse_status(untagged.values())
                statuses[_key(name)] = status
            else:
                dialogue.updates.note(untagged)
        except MalformedError:
            dialogue.updates.malformed()
    return list(listed.values()), statuses


# -- two round trips -------------------------------------------------------------------------------


def _list_plain(dialogue: Dialogue, namespaces: Namespaces) -> Found:
    patterns = _patterns(namespaces)
    lists = [dialogue.submit(b'LIST ""', pattern, doing="list the folders") for pattern in patterns]
    subscriptions = [dialogue.submit(b'LSUB ""', pattern, doing="list subscriptions") for pattern in patterns]
    names: set[bytes] = set()

    def answers() -> Iterator[Untagged]:
        for pending in (*lists, *subscriptions):
            for untagged in dialogue.answers(pending):
                if untagged.name == b"LSUB":
                    names.update(_subscribed_name(dialogue, untagged))
                else:
                    yield untagged

    listed, _ = _collect(dialogue, answers())
    lists[0].check()
    if all(pending.refused for pending in subscriptions):  # a server without subscriptions: all are shown
        names = {item.wire_name for item in listed}
    statuses = _statuses(dialogue, (item.wire_name for item in listed if _selectable(item)))
    return Found(listed, names, statuses)


def _subscribed_name(dialogue: Dialogue, untagged: Untagged) -> list[bytes]:
    """The name in one line of LSUB, or nothing if it cannot be read."""
    try:
        return [parse_listed(untagged.values()).wire_name]
    except MalformedError:
        dialogue.updates.malformed()
        return []


def _statuses(dialogue: Dialogue, wire_names: Iterable[bytes]) -> dict[bytes, FolderStatus]:
    """The status of each folder; one the server refuses to tell about is left out."""
    items = b"(%s)" % _status_items(dialogue)
    pendings = [
        dialogue.submit(b"STATUS", astring(name, utf8=dialogue.utf8), items, doing="count messages")
        for name in wire_names
    ]
    _, statuses = _collect(
        dialogue, (untagged for pending in pendings for untagged in dialogue.answers(pending))
    )
    return statuses


# -- reading ---------------------------------------------------------------------------------------


def parse_listed(values: list[Value]) -> Listed:
    """`(attributes) delimiter name`. Raises MalformedError."""
    match values:
        case [list() as attributes, bytes() | None as delimiter, bytes() as name, *_]:
            return Listed(
                frozenset(atom.upper() for atom in atoms(attributes)),
                (delimiter or b"").decode("latin-1"),
                name,
            )
        case [list() as attributes, bytes() | None as delimiter, None, *_]:  # a folder called NIL
            return parse_listed([attributes, delimiter, b"NIL"])
    raise MalformedError("LIST without attributes, delimiter and name")


def parse_status(values: list[Value]) -> tuple[bytes, FolderStatus]:
    """`name (ITEM number ...)`; numbers that make no sense count as not told. Raises MalformedError."""
    match values:
        case [bytes() as name, list() as items, *_]:
            pairs = zip(items[::2], items[1::2], strict=False)
            told = {_status_name(item): _status_number(value) for item, value in pairs}
            told.pop("", None)
            return name, FolderStatus(**told)
    raise MalformedError("STATUS without name and numbers")


def _status_name(item: Value) -> str:
    return _STATUS_NAMES.get(item.upper(), "") if isinstance(item, bytes) else ""


def _status_number(value: Value) -> int | None:
    try:
        return number(value)
    except MalformedError:
        return None
