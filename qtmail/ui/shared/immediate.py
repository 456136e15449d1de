"""Background work done at once, for windows that have no worker thread to give it to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from qtmail.errors import QtmailError

T = TypeVar("T")


class Immediate:
    """Fits `models.background.Background`: does the work in the call itself."""

    def submit(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[QtmailError], None] | None = None,
    ) -> Immediate:
        try:
            result = work()
        except QtmailError as error:
            if failed is None:
                raise
            failed(error)
        else:
            done(result)
        return self

    def cancel(self) -> None:
        """Nothing is under way any more."""
