"""What loading a message, a part or a source brings to the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.events import Problem
from qtmail.mime.message import ParsedMessage


@dataclass(frozen=True, slots=True)
class LoadedMessage:
    """A message asked for: still loading (neither `message` nor `problem`), read, or not to be had now.

    Attributes:
        on_server: the bytes it has on its server, where only its header is here; 0: it is here as far as it
            is wanted.
    """

    message_id: int
    message: ParsedMessage | None = None
    problem: Problem | None = None
    on_server: int = 0

    @property
    def loading(self) -> bool:
        return self.message is None and self.problem is None


@dataclass(frozen=True, slots=True)
class LoadedPart:
    """The decoded bytes of one part, or why they are not to be had now."""

    message_id: int
    section: str
    content: bytes | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """The whole message as it is on the wire, or why it is not to be had now."""

    message_id: int
    raw: bytes | None = None
    problem: Problem | None = None
