from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qtmail.spelling.dictionaries import Dictionary

MakeDictionary = Callable[..., Dictionary]


@pytest.fixture
def make_dictionary(tmp_path: Path) -> MakeDictionary:
    """Writes a small dictionary: `make_dictionary("de_DE", "Haus", "grün", charset="ISO8859-1")`."""

    def make(language: str, *words: str, charset: str = "UTF-8") -> Dictionary:
        directory = tmp_path / "dictionaries"
        directory.mkdir(exist_ok=True)
        codec = charset.replace("ISO8859", "ISO-8859")
        letters = "".join(sorted(set("".join(words))))
        (directory / f"{language}.aff").write_text(f"SET {charset}\nTRY {letters}\n", codec)
        (directory / f"{language}.dic").write_text("\n".join([str(len(words)), *words, ""]), codec)
        return Dictionary(language, directory, language)

    return make
