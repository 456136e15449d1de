"""Key files are read as GLib reads them, and what is not changed stays as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.integration.key_file import KeyFile, escape, unescape

GROUP = "Default Applications"
ODD = (
    b"# caf\xe9 in Latin-1\n\n [no group]\n[Other]\nkey = spaced \n\n"
    b"[Default Applications]\na/b=one.desktop;\n\n\n[Last]\n"
)


def test_values_are_found_in_their_group():
    found = KeyFile(ODD)
    assert found.get("Other", "key") == "spaced"
    assert found.strings(GROUP, "a/b") == ["one.desktop"]
    assert found.get("Last", "a/b") is None
    assert found.groups() == ["Other", GROUP, "Last"]


def test_of_a_key_that_stands_there_twice_the_last_value_counts():
    found = KeyFile(b"[A]\nk=1\n[B]\nk=other\n[A]\nk=2\n")
    assert found.get("A", "k") == "2"


def test_a_list_may_end_without_a_semicolon():
    assert KeyFile(b"[A]\nk=one;two").strings("A", "k") == ["one", "two"]


def test_a_changed_value_keeps_every_other_byte():
    found = KeyFile(ODD)
    found.set(GROUP, "a/b", "two.desktop;")
    assert bytes(found) == ODD.replace(b"one.desktop", b"two.desktop")


def test_a_new_key_joins_its_group_before_the_empty_lines():
    found = KeyFile(ODD)
    found.set(GROUP, "c/d", "x")
    assert bytes(found) == ODD.replace(b"a/b=one.desktop;\n", b"a/b=one.desktop;\nc/d=x\n")


def test_a_key_joins_a_group_that_is_empty():
    found = KeyFile(b"[A]\n\n[B]\n")
    found.set("A", "k", "1")
    assert bytes(found) == b"[A]\nk=1\n\n[B]\n"


def test_a_new_group_comes_last():
    found = KeyFile(b"[A]\nk=1")
    found.set("B", "k", "2")
    assert bytes(found) == b"[A]\nk=1\n\n[B]\nk=2\n"


def test_an_empty_file_gets_its_first_group():
    found = KeyFile()
    found.set("A", "k", "1")
    assert bytes(found) == b"[A]\nk=1\n"


def test_line_ends_of_windows_stay():
    found = KeyFile(b"[A]\r\nk=1\r\n")
    assert found.get("A", "k") == "1"
    found.set("A", "k", "2")
    found.set("A", "l", "3")
    found.set("B", "m", "4")
    assert bytes(found) == b"[A]\r\nk=2\r\nl=3\r\n\r\n[B]\r\nm=4\r\n"


def test_a_key_is_removed_wherever_it_stands():
    found = KeyFile(b"[A]\nk=1\nl=2\n[A]\nk=3\n")
    found.set_strings("A", "k", [])
    assert bytes(found) == b"[A]\nl=2\n[A]\n"


def test_comments_and_headers_are_no_keys():
    found = KeyFile(b"[A]\n#k=1\n[k=2]\n")
    assert found.get("A", "k") is None


@given(st.binary(max_size=200))
def test_any_bytes_come_back_as_they_were(content: bytes):
    assert bytes(KeyFile(content)) == content


@given(st.binary(max_size=120), st.sampled_from(["A", "Default Applications"]))
def test_what_was_set_is_found_in_any_file(content: bytes, group: str):
    found = KeyFile(content)
    found.set(group, "x-scheme-handler/mailto", "a.desktop;")
    again = KeyFile(bytes(found))
    assert again.strings(group, "x-scheme-handler/mailto") == ["a.desktop"]


@given(st.text())
def test_escaped_text_is_one_line_and_comes_back(text: str):
    escaped = escape(text)
    assert "\n" not in escaped
    assert "\r" not in escaped
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    "line", [b"a" + b" " * 1_000_000, b" \t" * 1_000_000, b"[A]" + b" " * 1_000_000 + b"x"]
)
def test_a_long_line_takes_no_longer_than_it_is_long(line: bytes):
    """Tried in every way to split it, the first would take half an hour."""
    assert KeyFile(b"[A]\n" + line + b"\nk=1\n").get("A", "k") == "1"


def test_what_is_no_file_or_far_too_large_is_not_read(tmp_path: Path):
    """To open a named pipe would wait for somebody to write into it; a device may never end."""
    (tmp_path / "device").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(1 << 40)
    for name in ("device", "pipe", "circle", "large"):
        with pytest.raises(OSError, match=name):
            KeyFile.read(tmp_path / name)
        assert bytes(KeyFile.glance(tmp_path / name)) == b""


def test_a_file_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path):
    (tmp_path / "list").mkdir()
    with pytest.raises(OSError, match="directory"):
        KeyFile.read(tmp_path / "list")
    assert bytes(KeyFile.read(tmp_path / "missing")) == b""
    assert bytes(KeyFile.glance(tmp_path / "list")) == b""
