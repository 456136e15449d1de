"""Keeping the line full: commands that bring many answers, two at a time (RFC 9051 section 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from qtmail.protocols.imap_dialogue import SET_LIMIT, Dialogue, LiteralLimit, Pending
from qtmail.protocols.imap_syntax import Untagged

T = TypeVar("T")


class Window(NamedTuple):
    """A FETCH command, and how many FETCH responses it is expected to bring."""

    command: bytes
    answers: int


def pipelined(
    dialogue: Dialogue,
    windows: Iterable[Window],
    *,
    doing: str,
    literal_limit: LiteralLimit | None = None,
    usual: Callable[[], T | None] = lambda: None,
) -> Iterator[Untagged | T]:
    """Yield the untagged responses to all commands; the answers to one are on the way while others are read.

    A command goes out as soon as no more than one command's worth of answers is still to come. Counting
    answers, and not waiting for the tagged ones, keeps the line full with Dovecot too, which holds tagged
    answers back until all it was sent is carried out.

    `usual` may take the next response in a quicker way, if it is of the form that nearly all have.

    A command that is refused does not stop the others: ServerRefused is raised for the first, at the end.
    """
    progress = _Progress(dialogue, iter(windows), doing)
    while progress.send_more():
        while not progress.due and (quick := usual()) is not None:
            progress.still_to_come -= 1
            yield quick
        untagged = dialogue.next(literal_limit=literal_limit, line_limit=SET_LIMIT)
        if untagged is None:
            progress.look_for_tagged_answers()
            continue
        if untagged.name == b"FETCH":
            progress.still_to_come -= 1
        yield untagged
    if progress.refused is not None:
        progress.refused.check()


class _Progress:
    """Which commands are on the line, and how many of their answers are still to come."""

    def __init__(self, dialogue: Dialogue, windows: Iterator[Window], doing: str) -> None:
        self._dialogue = dialogue
        self._windows = windows
        self._doing = doing
        self._on_the_line: list[tuple[Pending, int]] = []
        self._newest = 0
        self._all_sent = False
        self.still_to_come = 0
        self.refused: Pending | None = None

    @property
    def due(self) -> bool:
        """Whether the next command should go out before more answers are read."""
        if self._all_sent:
            return self.still_to_come <= 0
        return self.still_to_come <= self._newest

    def send_more(self) -> bool:
        """Send what is due; False once everything is answered."""
        while self.due and not self._all_sent:
            window = next(self._windows, None)
            if window is None:
                self._all_sent = True
                break
            pending = self._dialogue.submit(window.command, doing=self._doing)
            self._on_the_line.append((pending, window.answers))
            self._newest = window.answers
            self.still_to_come += window.answers
        self._dialogue.stream.flush()
        return bool(self._on_the_line)

    def look_for_tagged_answers(self) -> None:
        """A command that is answered brings no more, however many answers were expected of it."""
        for pending, _ in self._on_the_line:
            if pending.refused and self.refused is None:
                self.refused = pending
        self._on_the_line = [entry for entry in self._on_the_line if not entry[0].status]
        self.still_to_come = min(self.still_to_come, sum(answers for _, answers in self._on_the_line))
