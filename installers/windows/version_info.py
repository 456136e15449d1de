"""What Windows shows of a program under *Properties > Details*, as PyInstaller reads it."""

from __future__ import annotations

import re

from installers.packaging import NAME, SUMMARY, VERSION

PUBLISHER = f"The {NAME} authors"
WINDOW_PROGRAM = f"{NAME}.exe"
"""Belongs to no console: its standard streams are missing, unless it was given some."""
CONSOLE_PROGRAM = f"{NAME}-cli.exe"
"""The same program for scripts and terminals."""
_LANGUAGE, _UNICODE = 0x0409, 1200  # English (United States), UTF-16


def version_numbers(version: str = VERSION) -> tuple[int, int, int, int]:
    """The four numbers that Windows compares: "1.2.3" and "1.2.3rc1" are (1, 2, 3, 0)."""
    release = re.match(r"\d+(\.\d+){0,3}", version)
    numbers = [int(number) for number in release.group().split(".")] if release else []
    major, minor, patch, build, *_ = [*numbers, 0, 0, 0, 0]
    return major, minor, patch, build


def version_info(program: str) -> str:
    """The text of a version file for PyInstaller's `EXE(version=…)`.

    Args:
        program: the name of the file that will bear it, WINDOW_PROGRAM or CONSOLE_PROGRAM.
    """
    what = SUMMARY if program == WINDOW_PROGRAM else f"{NAME} for the command line"
    strings = {
        "CompanyName": PUBLISHER,
        "FileDescription": NAME if program == WINDOW_PROGRAM else what,
        "FileVersion": VERSION,
        "InternalName": NAME,
        "LegalCopyright": PUBLISHER,
        "OriginalFilename": program,
        "ProductName": NAME,
        "ProductVersion": VERSION,
        "Comments": what,
    }
    lines = ",\n      ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    return f"""\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={version_numbers()}, prodvers={version_numbers()}, mask=0x3f, flags=0x0,
                    OS=0x40004, fileType=0x1, subtype=0x0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable('{_LANGUAGE:04x}{_UNICODE:04x}', [
      {lines}])]),
    VarFileInfo([VarStruct('Translation', [{_LANGUAGE}, {_UNICODE}])])
  ]
)
"""
