"""format=flowed, written (RFC 3676)."""

from __future__ import annotations

import pytest

from qtmail.mime.flow import flow
from qtmail.mime.text import unflow


@pytest.mark.parametrize(
    ("text", "flowed"),
    [
        ("", ""),
        ("one\n\ntwo", "one\n\ntwo"),
        ("trailing   \n   \nend", "trailing\n\nend"),
        (" indented", "  indented"),
        ("From me", " From me"),
        (">From me", " >From me"),
        ("> quoted", "> quoted"),
        (">>deep", ">> deep"),
        ("> > spaced", ">> spaced"),
        (">", ">"),
        (">   code", ">   code"),
        ("-- \nAnn", "-- \nAnn"),
        ("> -- \n> Ann", "> -- \n> Ann"),
        ("--  ", "--"),
    ],
)
def test_short_lines(text: str, flowed: str) -> None:
    assert flow(text) == flowed


def test_long_paragraphs_are_broken_behind_spaces() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 10 + "End"
    lines = flow(text).split("\n")
    assert all(line.endswith(" ") for line in lines[:-1])
    assert max(map(len, lines)) <= 76
    assert unflow("\n".join(lines)) == text


def test_quotes_are_broken_within_their_marks() -> None:
    text = ">> " + "word " * 40 + "end"
    lines = flow(text).split("\n")
    assert all(line.startswith(">> ") and len(line) <= 76 for line in lines)
    assert unflow("\n".join(lines)) == text


@pytest.mark.parametrize(
    "text",
    ["https://example.org/" + "x" * 200, "会议通知，请准时参加。" * 20, "今天 天气 " * 40 + "好", "x" * 2000],
)
def test_what_cannot_be_broken_well_is_not_broken(text: str) -> None:
    assert flow(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a " + " " * 100 + "b",
        "-- " + "x" * 90 + " y",
        "w " * 37 + "> x " * 9 + "end",
        "w " * 38 + "From " * 9 + "e",
    ],
)
def test_no_piece_is_taken_for_something_else(text: str) -> None:
    assert unflow(flow(text)) == text
