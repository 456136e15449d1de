from __future__ import annotations

import pytest

from qtmail.ui.window.fuzzy import rank

COMMANDS = [
    "Mark as read",
    "Mark as unread",
    "Message on the right",
    "Next unread",
    "Print",
    "标记为已读",
    "Check mail",
]


def found(query: str) -> list[str]:
    ranked = [(place, text) for text in COMMANDS if (place := rank(query, text)) is not None]
    return [text for _, text in sorted(ranked)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("mark", "Mark as read"),
        ("mr", "Mark as read"),
        ("mau", "Mark as unread"),
        ("nu", "Next unread"),
        ("unread", "Next unread"),
        ("read", "Mark as read"),
        ("PRI", "Print"),
        ("ckml", "Check mail"),
        ("已读", "标记为已读"),
    ],
)
def test_a_few_letters_find_the_command(query: str, best: str):
    assert found(query)[0] == best


def test_every_command_fits_an_empty_query():
    assert sorted(found("")) == sorted(COMMANDS)


def test_letters_that_do_not_occur_find_nothing():
    assert found("xyz") == []
