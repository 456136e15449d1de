"""Files are put in place whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from qtmail.integration.desktop_file import write_desktop_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")


def test_directories_are_made_and_everybody_may_read(tmp_path: Path):
    path = tmp_path / "a" / "b" / "file"
    write_desktop_file(path, b"text")
    assert path.read_bytes() == b"text"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_permissions_stay(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_desktop_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_symbolic_link_stays_and_what_it_leads_to_changes(tmp_path: Path):
    kept = tmp_path / "dotfiles" / "list"
    kept.parent.mkdir()
    kept.write_bytes(b"old")
    link = tmp_path / "list"
    link.symlink_to(os.path.relpath(kept, tmp_path))
    write_desktop_file(link, b"new")
    assert link.is_symlink()
    assert kept.read_bytes() == b"new"


def test_a_link_to_nothing_gets_its_file(tmp_path: Path):
    link = tmp_path / "list"
    link.symlink_to(tmp_path / "not-yet" / "list")
    write_desktop_file(link, b"new")
    assert (tmp_path / "not-yet" / "list").read_bytes() == b"new"


def test_links_in_a_circle_make_room(tmp_path: Path):
    link = tmp_path / "list"
    link.symlink_to(link)
    write_desktop_file(link, b"new")
    assert link.read_bytes() == b"new"


def test_nothing_is_left_behind_where_it_cannot_be_put_in_place(tmp_path: Path):
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"."):
        write_desktop_file(tmp_path / "taken", b"text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
