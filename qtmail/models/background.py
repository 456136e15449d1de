"""What the models need of the world outside: reads of the store, and a place to do the long ones.

`store.Messages` and `workers.Background` fit these; models and workers do not import each other.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from qtmail.domain.message import MessageQuery, MessageRow
from qtmail.errors import QtmailError

T = TypeVar("T")


class MessageReader(Protocol):
    """The reads behind a message list; each may raise `StoreFailed`."""

    def ids(self, query: MessageQuery, limit: int | None = None) -> array[int]:
        """The ids of the messages of `query` in list order, at most `limit` of them."""

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """The rows of at most 200 messages in the order given, those that no longer exist left out."""


class Cancellable(Protocol):
    """Work under way whose result may no longer be wanted."""

    def cancel(self) -> None: ...


class Background(Protocol):
    """Runs work off the GUI thread, in order, and delivers its result or its error on the GUI thread."""

    def submit(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[QtmailError], None] | None = None,
    ) -> Cancellable: ...
