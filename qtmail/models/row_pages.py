"""The rows of a message list in pages, read when they are looked at and dropped when others are."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence

from qtmail.domain.message import MessageRow

PAGE_ROWS = 100
PAGES_KEPT = 24
READ_LIMIT = 200


class RowPages:
    """An LRU of pages of 100 rows over an array of message ids.

    Attributes:
        ids: the whole list in order. Whoever changes it calls `forget_from` with the first row that changed.
    """

    def __init__(self, read: Callable[[Sequence[int]], list[MessageRow]]) -> None:
        self.ids: array[int] = array("q")
        self._read = read
        self._pages: OrderedDict[int, list[MessageRow | None]] = OrderedDict()
        self._places: dict[int, int] | None = None

    def row(self, index: int) -> MessageRow | None:
        """The row at `index`, read with its page if need be; None when the store no longer has it."""
        number, place = divmod(index, PAGE_ROWS)
        page = self._pages.get(number)
        if page is None:
            page = self._load(number)
        else:
            self._pages.move_to_end(number)
        return page[place]

    def place_of(self, message_id: int) -> int | None:
        """The index of a message, if it is on a page that is kept."""
        return self._cached_places().get(message_id)

    def reread(self, message_ids: Collection[int]) -> list[int]:
        """Read those of the messages again that are on a page that is kept; their indexes, ascending."""
        places = self._cached_places()
        known = [id_ for id_ in message_ids if id_ in places]
        for start in range(0, len(known), READ_LIMIT):
            wanted = known[start : start + READ_LIMIT]
            fresh = {row.id: row for row in self._read(wanted)}
            for id_ in wanted:
                number, place = divmod(places[id_], PAGE_ROWS)
                self._pages[number][place] = fresh.get(id_)
        return sorted(places[id_] for id_ in known)

    def forget_from(self, index: int) -> None:
        """Drop every page that reaches to `index` or beyond."""
        first = index // PAGE_ROWS
        for number in [number for number in self._pages if number >= first]:
            del self._pages[number]
        self._places = None

    def _load(self, number: int) -> list[MessageRow | None]:
        ids = self.ids[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]
        found = {row.id: row for row in self._read(ids)}
        page = [found.get(id_) for id_ in ids]
        self._pages[number] = page
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        self._places = None
        return page

    def _cached_places(self) -> dict[int, int]:
        if self._places is None:
            self._places = {
                id_: start + place
                for start in (number * PAGE_ROWS for number in self._pages)
                for place, id_ in enumerate(self.ids[start : start + PAGE_ROWS])
            }
        return self._places
