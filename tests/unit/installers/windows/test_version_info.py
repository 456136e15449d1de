"""PyInstaller reads the version file as one Python expression; so do these tests."""

from __future__ import annotations

import pytest

import qtmail
from installers.windows.version_info import CONSOLE_PROGRAM, WINDOW_PROGRAM, version_info, version_numbers


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.1.0", (0, 1, 0, 0)),
        ("1.2", (1, 2, 0, 0)),
        ("2.10.3rc1", (2, 10, 3, 0)),
        ("1.2.3.4.5", (1, 2, 3, 4)),
        ("1.2.3.dev4+g12ab", (1, 2, 3, 0)),
    ],
)
def test_windows_compares_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(version) == numbers


@pytest.mark.parametrize("program", [WINDOW_PROGRAM, CONSOLE_PROGRAM])
def test_pyinstaller_understands_it(program: str) -> None:
    read = evaluate(version_info(program))
    assert read.options["ffi"].options["filevers"] == version_numbers()
    table, translation = read.options["kids"]
    (strings,) = table.values[0]
    language, texts = strings.values
    assert language == "040904b0"
    assert translation.values[0][0].values == ("Translation", [0x0409, 1200])
    described = dict(text.values for text in texts)
    assert described["OriginalFilename"] == program
    assert described["ProductVersion"] == qtmail.__version__


def test_the_programs_are_told_apart() -> None:
    assert version_info(WINDOW_PROGRAM) != version_info(CONSOLE_PROGRAM)


class Node:
    """What a class of PyInstaller was called with."""

    def __init__(self, *values, **options) -> None:
        self.values = values
        self.options = options


def evaluate(text: str) -> Node:
    strings = ("StringFileInfo", "StringTable", "StringStruct", "VarFileInfo", "VarStruct")
    classes = dict.fromkeys(("VSVersionInfo", "FixedFileInfo", *strings), Node)
    read = eval(text, {"__builtins__": {}, **classes})
    assert isinstance(read, Node)
    return read
