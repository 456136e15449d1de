"""Files named by their address are opened by their path; nothing is fetched from elsewhere."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from qtmail.errors import UsageError
from qtmail.integration import arguments
from qtmail.integration.arguments import as_path_or_link, as_paths_and_links

posix = pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")


@pytest.mark.parametrize(
    "word",
    ["mailto:ann@example.org?subject=a%20b", "mail.eml", "./a%20b.eml", "/tmp/x.eml", r"C:\mail.eml", ""],
)
def test_links_and_paths_stay(word: str):
    assert as_path_or_link(word) == word


@posix
@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("file:///tmp/mail.eml", "/tmp/mail.eml"),
        ("FILE:///tmp/mail.eml", "/tmp/mail.eml"),
        ("file:/tmp/mail.eml", "/tmp/mail.eml"),
        ("file://localhost/tmp/mail.eml", "/tmp/mail.eml"),
        (f"file://{socket.gethostname()}/tmp/mail.eml", "/tmp/mail.eml"),
        ("file:///tmp/a%20b%25%23%3F.eml", "/tmp/a b%#?.eml"),
        ("file:///tmp/%E9%82%AE%E4%BB%B6.eml", "/tmp/邮件.eml"),
        ("file:///tmp/100%.eml", "/tmp/100%.eml"),
        ("file:///C:/mail.eml", "/C:/mail.eml"),
    ],
)
def test_an_address_of_a_file_becomes_its_path(word: str, path: str):
    assert as_path_or_link(word) == path


@posix
def test_a_name_that_is_not_utf8_is_found(tmp_path: Path):
    os.close(os.open(os.fsencode(tmp_path) + b"/caf\xe9.eml", os.O_CREAT | os.O_WRONLY))
    assert Path(as_path_or_link(f"file://{tmp_path}/caf%E9.eml")).exists()


@posix
def test_every_path_survives_the_way_through_the_desktop(tmp_path: Path):
    path = tmp_path / "a b%20#?&;邮件\\'\".eml"
    assert as_path_or_link(path.as_uri()) == str(path)


def test_a_drive_of_windows_has_no_slash_before_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arguments, "_WINDOWS", True)
    assert as_path_or_link("file:///C:/My%20mail/x.eml") == "C:/My mail/x.eml"


@pytest.mark.parametrize(
    "word",
    [
        "file://server.example.org/share/mail.eml",
        "file:////server/share/mail.eml",
        "file://///server/share/mail.eml",
        r"file:\\server\share\mail.eml",
        "file:///%5C%5Cserver/share/mail.eml",
        "file:///%2Fserver/share/mail.eml",
        "file://localhost//server/share",
    ],
)
def test_nothing_is_opened_from_another_computer(word: str):
    with pytest.raises(UsageError, match=r"another computer|not the address"):
        as_path_or_link(word)


@pytest.mark.parametrize("word", ["file:///%3F%3F/UNC/server/share/mail.eml", "file:///mail.eml", "file:/x"])
def test_on_windows_an_address_names_a_drive(word: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arguments, "_WINDOWS", True)
    with pytest.raises(UsageError, match="not the address of a file"):
        as_path_or_link(word)


@pytest.mark.parametrize(
    "share", [r"\\server\share\x.eml", "//server/share/x.eml", r"\/server/x", r"\??\UNC\server\x"]
)
def test_what_a_link_smuggles_in_is_not_opened_from_another_computer(
    share: str, monkeypatch: pytest.MonkeyPatch
):
    """Windows puts a link between quotes as it is: one that holds quotes becomes several words."""
    monkeypatch.setattr(arguments, "_WINDOWS", True)
    with pytest.raises(UsageError, match="another computer"):
        as_paths_and_links(["mailto:ann@example.org", share])
    assert as_paths_and_links([share, r"C:\x.eml"]) == [share, r"C:\x.eml"]
    assert as_paths_and_links(["MAILTO:a@b", r"C:\x.eml"]) == ["MAILTO:a@b", r"C:\x.eml"]


@posix
def test_two_slashes_are_nothing_particular_elsewhere():
    assert as_paths_and_links(["mailto:a@b", "//tmp/x.eml"]) == ["mailto:a@b", "//tmp/x.eml"]


@pytest.mark.parametrize("word", ["file:", "file:mail.eml", "file:///tmp/a%00b.eml", "file://server"])
def test_what_names_no_file_is_said_to(word: str):
    with pytest.raises(UsageError, match=r"not the address of a file|another computer"):
        as_path_or_link(word)
