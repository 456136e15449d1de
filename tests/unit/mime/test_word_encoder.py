"""RFC 2047, written."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest

from qtmail.mime.word_encoder import MAX_WORD, encoded_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("le café", ["=?utf-8?Q?le_caf=C3=A9?="]),
        ("你好", ["=?utf-8?B?5L2g5aW9?="]),
        ("one two_three=4?", ["=?utf-8?Q?one_two=5Fthree=3D4=3F?="]),
        ('"x" (y), <z>', ["=?utf-8?B?IngiICh5KSwgPHo+?="]),
        ("x", ["=?utf-8?Q?x?="]),
    ],
)
def test_the_shorter_encoding_is_taken(text: str, words: list[str]) -> None:
    assert list(encoded_words(text)) == words


@pytest.mark.parametrize("text", ["会议通知" * 30, "é" * 100, "é and plain text " * 20, "😀" * 50, "a" * 200])
@pytest.mark.parametrize("room", [-10, 0, 20, 24, 40, 75, 100])
def test_words_are_short_and_hold_whole_characters(text: str, room: int) -> None:
    words = list(encoded_words(text, room))
    assert all(len(word) <= MAX_WORD for word in words)
    assert len(words[0]) <= room or room < 24
    assert "".join(str(make_header(decode_header(word))) for word in words) == text
