"""What a start of the program was asked for, and how one process tells another: a line of JSON each way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qtmail.integration.arguments import is_mail_link

VERSION = 1
"""Of what is said; another version is refused."""
MOST_BYTES = 1_000_000
"""Of one line; the systems allow far less on a command line."""
MOST_ITEMS = 200
_LONGEST_TOKEN = 1000

_ACTIVATION_VARIABLES = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a start was asked for.

    Attributes:
        open: `mailto:` links and absolute paths of messages; none: only the window.
        activation: what the desktop gave the start so that its window may come to the front (an XDG
            activation token, or a startup id), or "".
        front: whether the window is to come to the front even if there is nothing to open.
    """

    open: tuple[str, ...] = ()
    activation: str = ""
    front: bool = True

    @classmethod
    def from_words(
        cls, words: Iterable[str], environment: Mapping[str, str] = os.environ, *, front: bool = True
    ) -> Wanted:
        """From the words of the command line; files are made absolute, as the first start may have been made
        in another directory.
        """
        given = (environment.get(name, "") for name in _ACTIVATION_VARIABLES)
        return cls(tuple(map(_absolute, words)), next(filter(None, given), ""), front)


class Misunderstood(ValueError):
    """What the other process said is nothing this version of the program says."""


def request(wanted: Wanted) -> bytes:
    """The line that asks the first start to open it."""
    return _line({"version": VERSION} | asdict(wanted))


def read_request(line: bytes) -> Wanted:
    """What a line asks for. Raises Misunderstood for anything `request` would not have made."""
    said = _read(line)
    words, activation, front = said.get("open"), said.get("activation"), said.get("front")
    if not isinstance(words, list) or len(words) > MOST_ITEMS or not all(map(_may_be_opened, words)):
        raise Misunderstood("something that is neither a mailto: link nor a whole path")
    if not isinstance(activation, str) or len(activation) > _LONGEST_TOKEN or not activation.isprintable():
        raise Misunderstood("no activation token")
    if not isinstance(front, bool):
        raise Misunderstood("no word on whether to come to the front")
    return Wanted(tuple(words), activation, front)


def answer(refusal: str = "") -> bytes:
    """The line that says that a request was taken, or why not."""
    return _line({"version": VERSION, "taken": not refusal, "refusal": refusal})


def read_answer(line: bytes) -> str:
    """Why a request was refused, or "" if it was taken. Raises Misunderstood."""
    said = _read(line)
    if said.get("taken") is True:
        return ""
    return str(said.get("refusal") or "no reason given")


def _line(said: Mapping[str, object]) -> bytes:
    # ASCII only: file names that are no text (lone surrogates) come through as they are.
    return json.dumps(said).encode("ascii") + b"\n"


def _read(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Misunderstood("no JSON") from error
    if not isinstance(said, dict) or said.get("version") != VERSION:
        raise Misunderstood(f"not version {VERSION}")
    return said


def _absolute(word: str) -> str:
    return word if is_mail_link(word) else str(Path(word).absolute())


def _may_be_opened(word: object) -> bool:
    return isinstance(word, str) and "\0" not in word and (is_mail_link(word) or Path(word).is_absolute())
