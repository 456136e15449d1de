"""Storing one batch while the next is on its way.

Receiving and writing both leave the interpreter free (they wait for the line, decrypt, or copy pages), so a
second thread makes bulk downloads a third faster. One batch at a time, so that no more than two are held in
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

from qtmail.store.store import Store

T = TypeVar("T")


class WriteBehind(Generic[T]):
    """Runs pieces of work in order on a thread that lives as long as the `with` block."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="write-behind")
        self._under_way: Future[T] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is under way; whatever ended the block, what came before it is stored."""
        self._executor.submit(self._store.close_thread)
        self._executor.shutdown()

    def put(self, work: Callable[[], T]) -> None:
        """Begin a piece of work. Take the result of the one before first: its fault must not be lost."""
        assert self._under_way is None
        self._under_way = self._executor.submit(work)

    def take(self) -> Iterator[T]:
        """The result of the work under way, once it is done, if there is any; raises what it raised."""
        if self._under_way is not None:
            done, self._under_way = self._under_way, None
            yield done.result()
