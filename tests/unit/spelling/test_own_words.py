from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.errors import FileFailed
from qtmail.spelling.own_words import OwnWords


def test_words_are_kept_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "words.txt"
    own = OwnWords(path)
    own.load()
    own.add("qtmail")
    own.add("王")
    own.add("qtmail")
    assert path.read_text("utf-8") == "qtmail\n王\n"
    again = OwnWords(path)
    again.load()
    assert "qtmail" in again and "Qtmail" in again and "other" not in again


def test_a_file_edited_by_hand_is_read(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeffone\r\n\r\n  two \r\nBerlin\xff\n".encode("utf-8") + b"\xff\n")
    own = OwnWords(path)
    own.load()
    assert "one" in own and "two" in own
    assert "berlin" not in own


def test_a_word_counts_even_where_it_cannot_be_kept(tmp_path: Path) -> None:
    own = OwnWords(tmp_path)  # a directory
    with pytest.raises(FileFailed, match="could not be read"):
        own.load()
    with pytest.raises(FileFailed, match="“word” could not be added"):
        own.add("word")
    assert "word" in own
