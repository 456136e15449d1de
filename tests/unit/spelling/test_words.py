from __future__ import annotations

import pytest

from qtmail.spelling.words import is_written_in, normalised, words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Hello, dear wrold!", ["Hello", "dear", "wrold"]),
        ("don't say “that’s” 'it'", ["don't", "say", "that’s", "it"]),
        ("über naïve Žižek слово", ["über", "naïve", "Žižek", "слово"]),
        ("cafe\u0301 ok", ["cafe\u0301", "ok"]),
        ("see https://exmaple.org/pth?x=yy#frag now", ["see", "now"]),
        ("www.exmaple.org or mailto:foo@bar.org or bob.foo+tag@exmaple.co.uk, right", ["or", "or", "right"]),
        ("the file /ect/passwd and ~/docus/x.txt and C:\\Windwos\\x", ["the", "file", "and", "and"]),
        ("either/or", ["either", "or"]),
        ("h3llo abc123 snake_case 2nd x2y", []),
        ("NASA iPhone GitHub McDonald a I", []),
        ("请用 Excel 打开report文件，谢谢", ["Excel", "report"]),
        ("2024年打开Excel", ["Excel"]),
        ("これはtestです 한국어", ["test"]),
        ("สวัสดี hello", ["hello"]),
        ("> quoted wrods", []),
        ("  >> also", []),
        ("a > b wrods", ["wrods"]),
        ("x" * 61, []),
        ("emoji 😀 wrold", ["emoji", "wrold"]),
        ("", []),
    ],
)
def test_words_to_check(line: str, expected: list[str]) -> None:
    assert [word.text for word in words(line)] == expected


def test_words_tell_their_place() -> None:
    line = "Dear 王小明, see wrold"
    assert all(line[word.start :].startswith(word.text) for word in words(line))


def test_words_in_capitals_are_checked_on_request() -> None:
    assert [word.text for word in words("NASA wrold", capitals=True)] == ["NASA", "wrold"]


def test_words_are_compared_as_dictionaries_write_them() -> None:
    assert normalised("cafe\u0301") == "café"
    assert normalised("that’s") == "that's"
    assert normalised("soft\u00adhyphen") == "softhyphen"


@pytest.mark.parametrize(
    ("word", "languages", "expected"),
    [
        ("word", ["en_US"], True),
        ("слово", ["en_US"], False),
        ("слово", ["en_US", "ru_RU"], True),
        ("word", ["ru_RU"], False),
        ("reč", ["sr_RS"], True),
        ("λόγος", ["el_GR"], True),
        ("word", [], False),
    ],
)
def test_a_word_is_checked_by_languages_written_in_its_letters(
    word: str, languages: list[str], expected: bool
) -> None:
    assert is_written_in(word, languages) is expected


@pytest.mark.parametrize(
    "text", ["a.b@" * 20_000, "x" * 100_000, "a'" * 50_000, "/a" * 50_000, "_a" * 50_000]
)
def test_long_nonsense_takes_no_time(text: str) -> None:
    for _ in words(text):
        pass
