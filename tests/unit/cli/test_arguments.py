from pathlib import Path

import pytest

from qtmail.__main__ import _is_command
from qtmail.cli.arguments import command_parser, window_parser


def test_files_to_open_are_paths():
    assert window_parser().parse_args(["a.eml", "信.eml"]).open == ["a.eml", "信.eml"]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], False),
        (["--demo"], False),
        (["letter.eml"], False),
        (["sync"], True),
        (["--profile", "sync", "letter.eml"], False),
        (["--profile", "here", "--debug", "sync"], True),
    ],
)
def test_a_command_is_told_from_a_file(words, command):
    assert _is_command(words) is command


@pytest.mark.parametrize("words", [["--profile", "p", "sync"], ["sync", "--profile", "p"]])
def test_the_profile_may_stand_before_and_after_the_command(words):
    assert command_parser().parse_args(words).profile == Path("p")
