"""Long quotes that nothing was written below start folded."""

from __future__ import annotations

from qtmail.ui.message_view.quote_folding import folded_at_first, passages

LONG = "\n".join(f"> line {n}" for n in range(15))


def folded(text: str) -> frozenset[int]:
    return folded_at_first(passages(text))


def test_the_original_below_an_answer_is_folded() -> None:
    assert folded(f"My answer.\n\n{LONG}") == {1}


def test_a_signature_below_does_not_count_as_an_answer() -> None:
    assert folded(f"My answer.\n\n{LONG}\n\n-- \nAnna") == {1}


def test_what_an_answer_stands_below_is_open() -> None:
    assert folded(f"{LONG}\n\nMy answer.") == frozenset()


def test_a_short_quote_is_open() -> None:
    assert folded("My answer.\n> short\n> quote") == frozenset()


def test_a_message_that_is_only_a_quote_is_open() -> None:
    assert folded(LONG) == frozenset()


def test_passages_keep_every_line() -> None:
    text = f"one\n\n{LONG}\n>> deep\ntwo"
    lines = [line for passage in passages(text) for line in passage.lines]
    assert len(lines) == len(text.split("\n"))
    assert [passage.quoted for passage in passages(text)] == [False, True, False]
