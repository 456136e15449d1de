"""What a folder on this computer may be called."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from qtmail.domain.folder import shown_path
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.store.local_folders import DELIMITER

LONGEST_NAME = 100
"""Characters of one level."""
MOST_LEVELS = 20

_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that have no place in a name: control characters, lone surrogates, line ends."""


class NameRefused(QtmailError):
    """A folder cannot be called like this."""

    layer = Layer.FOLDER
    retry = Retry.ASK_USER


def check_path(path: str) -> str:
    """A path as it is stored: composed characters (NFC), no spaces around the names of its levels.

    Raises NameRefused.
    """
    levels = [unicodedata.normalize("NFC", level).strip() for level in path.split(DELIMITER)]
    if not all(levels):
        raise NameRefused("A folder needs a name.", advice="A “/” stands between two names.")
    if len(levels) > MOST_LEVELS:
        raise NameRefused(f"Folders can be nested {MOST_LEVELS} deep, and not deeper.")
    for level in levels:
        if len(level) > LONGEST_NAME:
            raise NameRefused(
                f"“{shown_path(level)}” is too long for the name of a folder.",
                advice=f"A name has at most {LONGEST_NAME} characters.",
            )
        if any(unicodedata.category(character) in _UNSEEN for character in level):
            raise NameRefused("The name contains characters that cannot be seen.", advice="Type it anew.")
    return DELIMITER.join(levels)


def same_path(one: str, other: str) -> bool:
    """Whether people would take two paths for one: letter case makes no difference."""
    return _folded(one) == _folded(other)


def is_below(path: str, above: str) -> bool:
    """Whether a path leads into the folder `above`."""
    return _folded(path).startswith(_folded(above) + DELIMITER)


def free_path(wanted: str, taken: Iterable[str]) -> str:
    """A path that may be stored and is not taken: `wanted` made fit, with a number if need be."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in wanted)
    name = " ".join(seen.replace(DELIMITER, "-").split())[: LONGEST_NAME - 5].strip() or "Mail"
    name = unicodedata.normalize("NFC", name)[: LONGEST_NAME - 5]
    known = {_folded(path) for path in taken}
    number, path = 1, name
    while _folded(path) in known:
        number += 1
        path = f"{name} {number}"
    return path


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
