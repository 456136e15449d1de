"""What one start tells another, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from qtmail.single_instance.wanted import (
    MOST_ITEMS,
    Misunderstood,
    Wanted,
    answer,
    read_answer,
    read_request,
    request,
)

ROOT = Path.cwd().anchor


def test_files_become_absolute_and_links_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = Wanted.from_words(["MAILTO:ann@example.org?subject=a/b", "letters/one.eml"], {})
    assert wanted.open == ("MAILTO:ann@example.org?subject=a/b", str(tmp_path / "letters" / "one.eml"))


@pytest.mark.parametrize(
    ("variables", "activation"),
    [
        ({}, ""),
        ({"XDG_ACTIVATION_TOKEN": "way"}, "way"),
        ({"DESKTOP_STARTUP_ID": "x11_TIME1"}, "x11_TIME1"),
        ({"XDG_ACTIVATION_TOKEN": "", "DESKTOP_STARTUP_ID": "x11_TIME1"}, "x11_TIME1"),
        ({"XDG_ACTIVATION_TOKEN": "way", "DESKTOP_STARTUP_ID": "x11_TIME1"}, "way"),
    ],
)
def test_the_permission_to_come_to_the_front_is_taken_along(
    variables: dict[str, str], activation: str
) -> None:
    assert Wanted.from_words([], variables).activation == activation


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(front=False),
        Wanted(("mailto:müller@example.org", f"{ROOT}信.eml"), "token"),
        Wanted((ROOT + os.fsdecode(b"caf\xe9.eml"),)),
        Wanted((f"{ROOT}two\nlines.eml",)),
    ],
)
def test_what_is_asked_is_what_arrives(wanted: Wanted) -> None:
    line = request(wanted)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert read_request(line) == wanted


def said(**changes: object) -> bytes:
    return json.dumps({"version": 1, "open": [], "activation": "", "front": True} | changes).encode()


def test_the_plain_request_is_understood() -> None:
    assert read_request(said()) == Wanted()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"GET / HTTP/1.1",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"null",
        b"{}",
        said(version=2),
        said(version="1"),
        said(open="mailto:a@b.example"),
        said(open=[1]),
        said(open=[None]),
        said(open=["relative.eml"]),
        said(open=["--profile"]),
        said(open=["https://example.org/"]),
        said(open=["file:///etc/passwd"]),
        said(open=[f"{ROOT}nothing\0.eml"]),
        said(open=["mailto:a@b.example"] * (MOST_ITEMS + 1)),
        said(activation=7),
        said(activation="x" * 2000),
        said(activation="a\nb"),
        said(activation="a\0b"),
        said(front="yes"),
    ],
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(Misunderstood):
        read_request(line)


def test_an_answer_says_whether_it_was_taken() -> None:
    assert read_answer(answer()) == ""
    assert read_answer(answer("not version 1")) == "not version 1"
    with pytest.raises(Misunderstood):
        read_answer(b"hello\n")
