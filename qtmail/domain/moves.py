"""What was moved where, so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.message import Flag


@dataclass(frozen=True, slots=True)
class MovedLot:
    """Messages that lay together and were put somewhere else together.

    They are named by what outlives the cache: account, wire name of the folder, UID.
    """

    account_id: int
    folder: bytes
    to_account_id: int
    to_folder: bytes
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What one request of the user's did.

    Attributes:
        lots: what can be put back.
        removed: how many messages were deleted for good.
        added, cleared: flags that were changed with it.
    """

    lots: tuple[MovedLot, ...] = ()
    removed: int = 0
    added: Flag = Flag.NONE
    cleared: Flag = Flag.NONE

    @property
    def count(self) -> int:
        """How many messages can be put back."""
        return sum(len(lot.uids) for lot in self.lots)
