"""Hunspell dictionaries on this computer: the user's own, the system's, other programs', a bundled one.

A dictionary is a pair of files, `de_DE.aff` (how words change) and `de_DE.dic` (the words).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_LANGUAGE = re.compile(
    r"([a-z]{2,3})(?:[_-]([A-Z][a-z]{3}))?(?:[_-]([A-Z]{2}|\d{3}))?(?:[_-]([A-Za-z0-9]+))?"
)
_SYSTEM = {
    "linux": (
        "/usr/share/hunspell",
        "/usr/share/myspell",
        "/usr/share/myspell/dicts",
        "/usr/local/share/hunspell",
    ),
    "darwin": (
        "~/Library/Spelling",
        "/Library/Spelling",
        "/opt/homebrew/share/hunspell",
        "/usr/local/share/hunspell",
    ),
    "win32": (),
}
_OTHER_PROGRAMS = {
    "linux": (
        ("/usr/lib/libreoffice/share/extensions", "dict-*"),
        ("/opt", "libreoffice*/share/extensions/dict-*"),
        ("~/.mozilla/firefox", "*/dictionaries"),
        ("~/.thunderbird", "*/dictionaries"),
    ),
    "darwin": (
        ("/Applications/LibreOffice.app/Contents/Resources/extensions", "dict-*"),
        ("~/Library/Application Support/Firefox/Profiles", "*/dictionaries"),
        ("~/Library/Thunderbird/Profiles", "*/dictionaries"),
    ),
    "win32": (
        ("${ProgramFiles}/LibreOffice/share/extensions", "dict-*"),
        ("${ProgramFiles(x86)}/LibreOffice/share/extensions", "dict-*"),
        ("${ProgramFiles}/Mozilla Firefox", "dictionaries"),
        ("${ProgramFiles}/Mozilla Thunderbird", "dictionaries"),
        ("${APPDATA}/Mozilla/Firefox/Profiles", "*/dictionaries"),
        ("${APPDATA}/Thunderbird/Profiles", "*/dictionaries"),
    ),
}


@dataclass(frozen=True, slots=True)
class Dictionary:
    """One pair of dictionary files.

    Attributes:
        language: "de_DE"; with what follows it in the name of the files ("de_AT_frami").
        directory: absolute.
        file_name: of both files, without extension.
    """

    language: str
    directory: Path
    file_name: str


def find_dictionaries(own: Path | None = None) -> dict[str, Dictionary]:
    """The dictionaries there are, by language; the first found of each language counts.

    Looks, in this order, into `own` (a folder of the user's), the system's folders, those of LibreOffice and
    Mozilla's programs, and at what comes with the spelling library. Folders that cannot be read are passed
    over. Without the library, which is not to be had for every system, there are none.
    """
    found: dict[str, Dictionary] = {}
    library = find_spec("hunspell")
    if library is None or library.origin is None:
        return found
    for directory in (*_directories(own), Path(library.origin).parent / "dictionaries"):
        for dictionary in _in_directory(directory):
            found.setdefault(dictionary.language, dictionary)
    return found


def default_languages(wanted: Iterable[str], available: Iterable[str]) -> tuple[str, ...]:
    """The dictionaries for the languages a person uses ("de-DE", "en"), one for each; else one for English.

    Of several dictionaries of a language the one of the same country counts, else the plainest name.
    """
    names = sorted(available, key=lambda name: (len(name), name))
    chosen: dict[str, str] = {}
    for language in wanted:
        exact = language.replace("-", "_")
        base = exact.split("_")[0]
        candidates = [name for name in names if name.split("_")[0] == base]
        if candidates and base not in chosen:
            chosen[base] = exact if exact in candidates else candidates[0]
    if not chosen:
        english = [name for name in names if name.split("_")[0] == "en"]
        return tuple(english[:1])
    return tuple(chosen.values())


def _directories(own: Path | None) -> Iterator[Path]:
    platform = sys.platform if sys.platform in _SYSTEM else "linux"
    if own is not None:
        yield own
    if variable := os.environ.get("DICPATH"):  # where the hunspell program looks
        yield from (Path(one) for one in variable.split(os.pathsep) if one)
    yield from (_expanded(one) for one in _SYSTEM[platform])
    for root, pattern in _OTHER_PROGRAMS[platform]:
        yield from sorted(_matching(_expanded(root), pattern))


def _expanded(path: str) -> Path:
    return Path(os.path.expandvars(path)).expanduser()


def _matching(root: Path, pattern: str) -> list[Path]:
    try:
        return list(root.glob(pattern)) if root.is_absolute() else []
    except OSError:
        return []


def _in_directory(directory: Path) -> list[Dictionary]:
    try:
        names = sorted(path.stem for path in directory.glob("*.dic") if path.with_suffix(".aff").is_file())
    except OSError:
        return []
    found = ((name, _LANGUAGE.fullmatch(name)) for name in names)
    return [
        Dictionary("_".join(part for part in match.groups() if part), directory.absolute(), name)
        for name, match in found
        if match is not None
    ]
