"""Changes the user made that a server must still hear of: rows of the journal in `user.db`.

Only flag changes exist so far; moves, deletions and folder changes join them as further kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtmail.domain.message import Flag


class OperationKind(StrEnum):
    SET_FLAGS = "set-flags"


@dataclass(frozen=True, slots=True)
class Operation:
    """One pending change.

    It names the message by what outlives the cache: account, folder name, UIDVALIDITY and UID.

    Attributes:
        id: position in the journal; operations are replayed in this order.
        add, remove: flags to set and to clear on the server.
        attempts: how often it was sent; written before each attempt.
    """

    id: int
    kind: OperationKind
    account_id: int
    folder: bytes
    uid_validity: int
    uid: int
    add: Flag
    remove: Flag
    attempts: int = 0
