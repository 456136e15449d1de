"""A small stand-in for the program as it is frozen on Windows, for tests of what packages it.

Its two programs are made by makensis: they write their command line into `NAME.exe.said` beside them, in
UTF-16LE, and run until the file that STANDIN_WAITS_FOR names exists.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from installers.packaging import call, tool
from installers.windows.version_info import CONSOLE_PROGRAM, WINDOW_PROGRAM

_SCRIPT = r"""
Unicode true
Target amd64-unicode
SilentInstall silent
RequestExecutionLevel user
OutFile "${OUTPUT}"
!include FileFunc.nsh
!include LogicLib.nsh
Section
  ${GetParameters} $0
  FileOpen $1 "$EXEPATH.said" w
  FileWriteUTF16LE $1 "$0"
  FileClose $1
  ReadEnvStr $2 STANDIN_WAITS_FOR
  ${If} $2 != ""
    ${DoUntil} ${FileExists} $2
      Sleep 20
    ${Loop}
  ${EndIf}
SectionEnd
"""


def make_windows_tree(directory: Path, *libraries: str) -> Path:
    """Lay out `directory`/qtmail with files that do nothing in place of programs; enough for whatever looks
    at names and sizes only.

    Args:
        libraries: paths below `_internal` of further files; each holds its own name.
    """
    frozen = directory / "qtmail"
    for name in (WINDOW_PROGRAM, CONSOLE_PROGRAM, *(f"_internal/{library}" for library in libraries)):
        path = frozen / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")
    (frozen / "_internal").mkdir(exist_ok=True)
    return frozen


def make_windows_program(directory: Path, *libraries: str) -> Path:
    """The same with programs that Windows, or Wine, can run.

    Raises:
        BuildFailed: makensis is not installed.
    """
    makensis = tool("makensis", package="nsis")
    frozen = make_windows_tree(directory, *libraries)
    script = directory / "program.nsi"
    script.write_text(_SCRIPT, "utf-8")
    call(makensis, "-V2", "-WX", f"-DOUTPUT={frozen / WINDOW_PROGRAM}", script)
    shutil.copy(frozen / WINDOW_PROGRAM, frozen / CONSOLE_PROGRAM)
    return frozen
