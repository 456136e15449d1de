from __future__ import annotations

from qtmail.ui.shared.subjects import LONGEST, short_subject


def test_a_short_subject_is_said_whole():
    assert short_subject("Plans for 2027") == "Plans for 2027"


def test_a_long_subject_is_cut():
    said = short_subject("very long " * 50)
    assert len(said) <= LONGEST and said.endswith("…") and said.startswith("very long")


def test_a_subject_from_right_to_left_does_not_turn_the_sentence_round():
    assert short_subject("שלום") == "\u2068שלום\u2069"


def test_a_subject_of_several_lines_is_one():
    assert short_subject("one\n two") == "one two"
