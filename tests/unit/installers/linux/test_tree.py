"""What every Linux package installs: files in their places, and descriptions that desktops accept."""

from __future__ import annotations

import configparser
import gzip
import os
import re
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installers.linux.tree import DESKTOP_ENTRY, METAINFO, desktop_entry, manual_page, metainfo, stage
from installers.packaging import NAME, ROOT, VERSION
from qtmail.cli.arguments import COMMANDS, window_parser
from qtmail.integration.program import APP_ID
from tests.fakes.frozen_program import make_frozen
from tests.unit.installers.tools import needs


@pytest.fixture
def usr(tmp_path: Path) -> Path:
    stage(make_frozen(tmp_path / "frozen"), tmp_path / "tree")
    return tmp_path / "tree" / "usr"


def files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())


def accepted(*command: str | Path) -> str:
    """What a checking program said, which must have accepted."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_program_starts_by_its_name(usr: Path) -> None:
    assert accepted(usr / "bin" / NAME, "--version") == f"{NAME} {VERSION}\n"
    assert (usr / "bin" / NAME).readlink() == Path(f"../lib/{NAME}/{NAME}")


def test_everything_is_where_a_desktop_looks(usr: Path) -> None:
    share = usr / "share"
    assert (share / "applications" / DESKTOP_ENTRY).read_bytes() == desktop_entry().read_bytes()
    assert (share / "metainfo" / METAINFO).is_file()
    assert f"qtmail {VERSION}" in gzip.decompress((share / "man/man1/qtmail.1.gz").read_bytes()).decode()
    assert "Apache-2.0" in (share / "doc/qtmail/copyright").read_text("utf-8")
    shipped = gzip.decompress((share / "doc/qtmail/CHANGELOG.md.gz").read_bytes())
    assert shipped == (ROOT / "CHANGELOG.md").read_bytes()


def test_only_programs_can_be_started(usr: Path) -> None:
    assert [path for path in files(usr) if os.access(path, os.X_OK)] == [usr / "lib" / NAME / NAME]
    modes = {path.stat().st_mode & 0o7777 for path in files(usr)}
    assert modes == {0o644, 0o755}
    directories = {path.stat().st_mode & 0o7777 for path in (usr, *usr.rglob("*")) if path.is_dir()}
    assert directories == {0o755}


def test_files_bear_the_time_of_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    stage(make_frozen(tmp_path / "frozen"), tmp_path / "tree")
    assert {int(path.lstat().st_mtime) for path in (tmp_path / "tree").rglob("*")} == {1700000000}


def test_another_prefix_may_be_chosen(tmp_path: Path) -> None:
    stage(make_frozen(tmp_path / "frozen"), tmp_path / "tree", prefix="/opt/mail")
    assert (tmp_path / "tree/opt/mail/bin" / NAME).resolve().is_file()
    assert [path.name for path in (tmp_path / "tree").iterdir()] == ["opt"]


def test_icons_have_the_size_their_folder_says(usr: Path) -> None:
    hicolor = usr / "share/icons/hicolor"
    pictures = {path.parts[-3]: path for path in hicolor.rglob("*.png")}
    assert {f"{size}x{size}" for size in (16, 24, 32, 48, 64, 128, 256, 512)} <= set(pictures)
    for folder, picture in pictures.items():
        width, height = struct.unpack(">II", picture.read_bytes()[16:24])  # PNG, IHDR
        assert (f"{width}x{height}", picture.stem) == (folder, APP_ID)
    assert (hicolor / "scalable/apps" / f"{APP_ID}.svg").is_file()
    assert (hicolor / "symbolic/apps" / f"{APP_ID}-symbolic.svg").is_file()


@needs("desktop-file-validate")
def test_desktops_accept_the_entry() -> None:
    assert accepted("desktop-file-validate", desktop_entry()) == ""


def test_the_entry_opens_mail_links_and_files_and_writes_new_messages() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]  # keys keep their case
    entry.read(desktop_entry(), "utf-8")
    main, action = entry["Desktop Entry"], entry["Desktop Action new-message"]
    assert (main["Exec"], main["Actions"], main["Icon"]) == ("qtmail %U", "new-message;", APP_ID)
    assert set(main["MimeType"].split(";")) >= {"x-scheme-handler/mailto", "message/rfc822"}
    assert action["Exec"] == "qtmail mailto:"
    texts = [
        (group, key) for group in (main, action) for key in ("Name", "GenericName", "Comment", "Keywords")
    ]
    translated = [key for group, key in texts if f"{key}[zh_CN]" in group]
    assert translated == ["GenericName", "Comment", "Keywords", "Name"]  # the program's own name stays


@needs("appstreamcli")
def test_software_centres_accept_the_metainfo(usr: Path) -> None:
    shown = accepted("appstreamcli", "validate", "--no-net", "--no-color", usr / "share/metainfo" / METAINFO)
    assert not [line for line in shown.splitlines() if line.startswith(("E:", "W:"))], shown


@needs("appstreamcli")
def test_metainfo_and_entry_belong_together(usr: Path) -> None:
    accepted("appstreamcli", "validate-tree", "--no-net", usr.parent)


def test_the_metainfo_names_this_version_and_this_program() -> None:
    component = ElementTree.fromstring(metainfo())
    assert component.findtext("id") == APP_ID
    assert component.findtext("launchable") == DESKTOP_ENTRY
    releases = [release.get("version") for release in component.iter("release")]
    assert releases[0] == VERSION and len(releases) == len(set(releases))


@needs("groff")
def test_the_manual_page_is_well_formed(tmp_path: Path) -> None:
    page = tmp_path / "qtmail.1"
    page.write_text(manual_page(), "utf-8")
    assert accepted("groff", "-man", "-ww", "-Tutf8", "-z", page) == ""


def test_the_manual_page_tells_of_every_command_and_option() -> None:
    page = manual_page().replace("\\-", "-")
    options = re.findall(r"--[a-z-]+", window_parser().format_help())
    assert [word for word in {*COMMANDS, *options} if not re.search(rf"{word}\b", page)] == []
