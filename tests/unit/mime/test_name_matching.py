from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.name_matching import fold, matched_ranges, typed_words, word_tails


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Anna", "anna"),
        ("Åsa Müller", "asa muller"),
        ("Søren Łuk", "soren luk"),
        ("Straße", "strasse"),
        ("ＡＢ", "ab"),
    ],
)
def test_case_accents_and_wide_forms_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_typed_words_lose_the_punctuation_around_them() -> None:
    assert typed_words(' "Berg,  Anna" <an') == ["berg", "anna", "an"]
    assert typed_words("  ,; ") == []


def test_word_tails() -> None:
    assert list(word_tails("anna.berg@x")) == ["anna.berg@x", "berg@x", "x"]
    assert list(word_tails("o'brien")) == ["o'brien", "brien"]
    assert list(word_tails("...")) == []


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Anna Berg", "ann", ["Ann"]),
        ("Anna Berg", "be an", ["An", "Be"]),
        ("Joanna", "ann", []),
        ("Joanna Annen", "ann", ["Ann"]),
        ("anna.berg@example.org", "berg@ex", ["berg@ex"]),
        ("Jürgen Groß", "jurg gross", ["Jürg", "Groß"]),
        ("王小明", "小明", ["小明"]),
        ("Anna Berg", "anna ann", ["Anna"]),
        ("Anna", "", []),
    ],
)
def test_the_characters_that_fit_what_was_typed(text: str, typed: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in matched_ranges(text, typed)] == marked


@given(st.text(max_size=30), st.text(max_size=10))
def test_ranges_lie_within_the_text_in_order(text: str, typed: str) -> None:
    ends = [0, *(place for pair in matched_ranges(text, typed) for place in pair), len(text)]
    assert ends == sorted(ends)
