"""How the two databases are compared: messages kept on this computer (`user.db`) and what the cache shows of
them.

Of each message both sides know a mark. Sums over the marks of a folder tell whether it is shown as it is,
with one pass in SQLite and without a row that crosses over to Python.
"""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """What a row of the cache must agree in.

    Attributes:
        folder: wire name.
        flags: domain.message.Flag.
        keywords: as in the column.
        content: the blob whose content is shown.
    """

    folder: bytes
    flags: int
    keywords: str
    content: int


class Digest(NamedTuple):
    """The marks of one folder, summed up: equal ones are of equal folders, but for a chance in 10^9."""

    messages: int
    total: int


_PRIME, _LARGER_PRIME = 1_000_000_007, 2_147_483_647


def digest_query(rows: str) -> str:
    """The query for (folder, count, total) by folder.

    Args:
        rows: a SELECT of folder, uid, flags, keywords, content.
    """
    # Squared, so that two faults do not make up for each other; below 2^62, to be counted in integers.
    return (
        f"SELECT folder, count(*), sum(mark * mark % {_PRIME}) FROM ("
        "SELECT folder, "
        f"(uid * 512 + flags + content % {_LARGER_PRIME} * 1000003 + length(keywords) * 7919) "
        f"% {_LARGER_PRIME} AS mark FROM ({rows})"
        ") GROUP BY folder"
    )
