"""Which messages a folder has, and which of them have a certain header field (RFC 9051 section 6.4.4, RFC
4731).
"""

from __future__ import annotations

from array import array

from qtmail.protocols.imap_dialogue import SET_LIMIT, Dialogue
from qtmail.protocols.imap_syntax import Literal, MalformedError, Untagged, astring, number
from qtmail.protocols.uid_set import LAST_UID, UidSet

PLENTY = 1_000_000
"""So many messages are believed in any folder: a list of more must agree with EXISTS to a factor of two, or
twelve characters (`1:4294967295`) would fill the memory."""


def search_all_uids(dialogue: Dialogue, exists: int) -> array[int]:
    """The UIDs of all messages, ascending. ESEARCH, where offered, answers in ranges: a few bytes for a
    whole folder.

    Args:
        exists: how many messages the folder has, as far as is known.

    Raises ProtocolViolation if the answer is missing or cannot be read: an empty answer must never come of
    a fault, because it would look like an empty folder.
    """
    return _search(dialogue, b"ALL", exists=exists, doing="list the messages")


def search_header(dialogue: Dialogue, name: str, value: str) -> array[int]:
    """The UIDs of the messages that have a header field of this name with `value` somewhere in it,
    ascending.

    The server is given an occasion to notice what has just come into the folder first. Raises as
    `search_all_uids`.
    """
    dialogue.submit(b"NOOP", doing="tell what is new")
    wanted = value.encode("utf-8", "replace")
    criteria = [b"HEADER", astring(name.encode("ascii")), astring(wanted, utf8=dialogue.utf8)]
    if not wanted.isascii():
        criteria[:0] = [b"CHARSET UTF-8"]
    return _search(dialogue, *criteria, doing="search the folder")


def _search(dialogue: Dialogue, *criteria: bytes | Literal, doing: str, exists: int = 0) -> array[int]:
    extended = dialogue.offers("ESEARCH") or dialogue.offers("IMAP4REV2")
    command = b"UID SEARCH RETURN (ALL)" if extended else b"UID SEARCH"
    pending = dialogue.submit(command, *criteria, doing=doing)
    found: list[array[int]] = []
    for untagged in dialogue.answers(pending, line_limit=SET_LIMIT):
        if untagged.name not in (b"ESEARCH", b"SEARCH"):
            dialogue.updates.note(untagged)
            continue
        try:
            if untagged.name == b"ESEARCH":
                found.append(_from_esearch(untagged, max(PLENTY, 2 * exists)))
            else:
                found.append(_from_search(untagged))
        except ValueError as error:
            raise dialogue.violation(
                "sent a list of messages that cannot be read", detail=str(error)
            ) from error
    pending.check()
    if not found:
        raise dialogue.violation("left out the list of messages it was asked for")
    return array("I", sorted(set().union(*found)))


def _from_esearch(untagged: Untagged, most: int) -> array[int]:
    """`(TAG "q1") UID ALL 1:3,7`; without ALL there is no message."""
    values = untagged.values()
    if values and isinstance(values[0], list):
        del values[0]
    names = [value.upper() if isinstance(value, bytes) else b"" for value in values]
    if b"ALL" not in names:
        return array("I")
    text = values[names.index(b"ALL") + 1] if names.index(b"ALL") + 1 < len(values) else None
    if not isinstance(text, bytes):
        raise MalformedError("ALL without a set")
    uids = UidSet.parse(text)
    if len(uids) > most:
        raise MalformedError("impossibly many messages")
    return array("I", uids)


def _from_search(untagged: Untagged) -> array[int]:
    text = untagged.text.partition(b"(")[0]  # a MODSEQ may follow (RFC 7162 section 3.1.5)
    return array("I", (number(word, LAST_UID) for word in text.split()))
