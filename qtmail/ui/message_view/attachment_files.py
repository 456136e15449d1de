"""Attachments as files: names a file system can take, types that can do harm, and where opened ones are kept.

The sender chose the name; nothing of it may choose the directory, hide what kind of file it is, or
surprise the file system of whoever it is passed on to (Windows has the narrowest rules, so all names keep
to those).
"""

from __future__ import annotations

import mimetypes
import re
import shutil
import stat
import sys
import tempfile
import weakref
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from qtmail.errors import FileFailed

LONGEST_NAME = 180
"""Bytes in UTF-8; file systems end at 255, and some programs put their own suffix behind."""

_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)

_PROGRAMS = re.compile(
    r"""
    # run by themselves
    app | appimage | appref-ms | application | bash | bat | bin | cmd | com | command | cpl | csh | deb
    | desktop | dll | dmg | exe | gadget | hta | img | iso | jar | jnlp | jse? | ksh | lnk | mpkg | msc | msh
    | ms[ipt] | pif | pkg | ps[12] | psm1 | pyw? | reg | rpm | run | scf | scpt | scr | settingcontent-ms
    | sh[bs]? | url | vb[es]? | vhdx? | webloc | wim | workflow | ws[cfh]? | xbap | xll | zsh
    # carry programs that the application which opens them runs
    | accdb | ad[ep] | chm | do[ct]m | md[be] | one | onepkg | p[op]tm | pp[as]m | sldm | slk | svgz?
    | xlam | xl[st]m | xlw
    # pages that a browser shows with scripts, a favourite of phishers
    | html? | mht | mhtml | shtml | xht | xhtml
    """,
    re.VERBOSE,
)


def safe_name(name: str, content_type: str = "") -> str:
    """`name` without directories, invisible characters and what a file system refuses; never ""."""
    last = _SEPARATORS.split(_INVISIBLE.sub("", name))[-1]
    clean = _FORBIDDEN.sub("_", last).strip(" ").rstrip(". ").lstrip(".")
    if not clean:
        clean = "attachment" + (mimetypes.guess_extension(content_type) or "")
    if _RESERVED.fullmatch(clean):
        clean = f"_{clean}"
    return _shortened(clean)


def numbered_names(names: Iterable[str], taken: Collection[str] = ()) -> list[str]:
    """`names` with " (2)", " (3)" … where one came before or is `taken`, whatever its case."""
    used = {name.casefold() for name in taken}
    result = []
    for name in names:
        free = name
        number = 2
        while free.casefold() in used:
            path = PurePosixPath(name)
            free = f"{path.stem} ({number}){path.suffix}"
            number += 1
        used.add(free.casefold())
        result.append(free)
    return result


def is_risky(name: str) -> bool:
    """Whether opening a file of this name may run a program the sender wrote."""
    return bool(_PROGRAMS.fullmatch(PurePosixPath(safe_name(name)).suffix.lower().lstrip(".")))


def write_file(path: Path, content: bytes) -> None:
    """Write a file the user chose the place of. Raises FileFailed."""
    try:
        path.write_bytes(content)
        _mark_as_from_the_web(path)
    except OSError as error:
        raise FileFailed(
            f"“{path.name}” could not be saved.",
            advice="Check that the folder exists, may be written to and has room.",
            detail=str(error),
        ) from error


class OpenedFiles:
    """A private directory for attachments that are opened or dragged out; it goes when the program ends.

    Files are read-only, so that nobody edits a copy that will vanish: editors then ask where to save.
    """

    def __init__(self) -> None:
        self._directory: Path | None = None

    def write(self, name: str, content: bytes) -> Path:
        """Keep `content` under `name` in a directory of its own, and say where. Raises FileFailed."""
        try:
            path = Path(tempfile.mkdtemp(dir=self._root())) / safe_name(name)
        except OSError as error:
            raise FileFailed("No temporary file can be made.", detail=str(error)) from error
        write_file(path, content)
        path.chmod(stat.S_IRUSR)
        return path

    def _root(self) -> Path:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="qtmail-"))  # readable by this user only
            weakref.finalize(self, _remove, self._directory)
        return self._directory


def _remove(directory: Path) -> None:
    if sys.platform == "win32":  # read-only files cannot be removed there
        for path in directory.rglob("*"):
            path.chmod(stat.S_IWRITE)
    shutil.rmtree(directory, ignore_errors=True)


def _mark_as_from_the_web(path: Path) -> None:
    """Have Windows warn before it runs the file, as for a download (the Zone.Identifier stream of NTFS)."""
    if sys.platform == "win32":
        Path(f"{path}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", encoding="ascii")


def _shortened(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    stem = name.removesuffix(suffix)
    room = LONGEST_NAME - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + suffix
