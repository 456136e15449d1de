"""What loading a message, a part or a source brings to the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.events import Problem
from qtmail.mime.message import ParsedMessage


@dataclass(frozen=True, slots=True)
class LoadedMessage:
    """A message asked for: still loading (neither field set), read, or not to be had now."""

    message_id: int
    message: ParsedMessage | None = None
    problem: Problem | None = None

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
