from pathlib import Path

import pytest

from qtmail.__main__ import _is_command, _may_be_opened, main
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
        (["--", "sync"], False),
        (["--debug", "--", "sync"], False),
        (["--profile", "sync", "letter.eml"], False),
        (["--profile", "here", "--debug", "sync"], True),
    ],
)
def test_a_command_is_told_from_a_file(words, command):
    assert _is_command(words) is command


@pytest.mark.parametrize("words", [["--profile", "p", "sync"], ["sync", "--profile", "p"]])
def test_the_profile_may_stand_before_and_after_the_command(words):
    assert command_parser().parse_args(words).profile == Path("p")


@pytest.mark.parametrize("word", ["mailto:ann@example.org", "letter.eml", "./letter", "C:\\letter"])
def test_what_may_be_opened(word: str):
    assert _may_be_opened(word)


@pytest.mark.parametrize("word", ["x" * 5000, "accounts", ""])
def test_what_may_not_be_opened(word: str):
    assert not _may_be_opened(word)


@pytest.mark.parametrize("word", ["file://server/share/x.eml", "file:x"])
def test_a_file_of_another_computer_is_wrong_usage(word: str, capsys):
    with pytest.raises(SystemExit) as end:
        main([word])
    assert end.value.code == 2
    assert word in capsys.readouterr().err


def test_a_mistyped_command_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as end:
        main(["acount", "list"])
    assert end.value.code == 2
    assert "“acount” is neither a command nor a file" in capsys.readouterr().err
