"""What is missing is found by asking the system, and named as its package manager names it."""

from __future__ import annotations

import platform
import stat
from pathlib import Path

import pytest

from installers import system_packages
from installers.system_packages import Apt, Need, install, library, missing, tool

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux", reason="only Linux has system packages to install"
)

ABSENT = Need("libabsent.so.9", lambda: False, ("libabsent9t64", "libabsent9"), "absent-libs")
PRESENT = Need("libc.so.6", lambda: True, ("libc6",), "glibc")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search path with nothing but what the test puts there; programs write their arguments to `calls`."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put_program(place: Path, name: str, script: str = "") -> None:
    path = place / name
    path.write_text(f'#!/bin/sh\necho "{name} $*" >> {place}/calls\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def calls(place: Path) -> list[str]:
    log = place / "calls"
    return log.read_text().splitlines() if log.exists() else []


def test_a_library_is_there_if_the_loader_finds_it() -> None:
    assert missing([library("libc.so.6", "libc6", "glibc")]) == []
    absent = library("libno-such-thing.so.3", "libno", "no")
    assert missing([absent]) == [absent]


def test_a_program_is_there_if_the_search_path_has_it(programs: Path) -> None:
    wanted = tool("sendmail-of-tests", "some", "some")
    assert missing([wanted]) == [wanted]
    put_program(programs, "sendmail-of-tests")
    assert missing([wanted]) == []


def test_the_name_this_release_knows_is_taken(programs: Path) -> None:
    put_program(programs, "apt-cache", '[ "$2" = libabsent9t64 ] && echo "Package: $2"')
    assert Apt().packages([ABSENT]) == ["libabsent9t64"]
    put_program(programs, "apt-cache", '[ "$2" = libabsent9 ] && echo "Package: $2"')
    assert Apt().packages([ABSENT]) == ["libabsent9"]


def test_who_may_not_install_is_told_what_to_type(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_program(programs, "apt-get")
    put_program(programs, "apt-cache", 'echo "Package: $2"')
    put_program(programs, "sudo", "exit 1")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not install([ABSENT])
    assert (
        "sudo apt-get install --yes --no-install-recommends libabsent9t64\n"
        in capsys.readouterr().err.replace("apt-get update && sudo ", "")
    )
    assert not any(line.startswith("apt-get") for line in calls(programs))


def test_fedora_has_names_of_its_own(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_program(programs, "dnf")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not install([ABSENT])
    assert "sudo dnf install --assumeyes absent-libs" in capsys.readouterr().err


def test_without_a_known_package_manager_the_missing_things_are_named(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not install([ABSENT])
    assert "libabsent.so.9" in capsys.readouterr().err


def test_root_installs_and_refreshes_lists_that_do_not_know_the_package(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_program(programs, "apt-get")
    put_program(programs, "apt-cache", "exit 100")
    put_program(programs, "debconf-set-selections")
    put_program(programs, "env", 'shift; "$@"')
    monkeypatch.setattr("os.geteuid", lambda: 0)
    install([ABSENT])
    spoken = [line for line in calls(programs) if line.startswith("apt-get")]
    assert spoken[0] == "apt-get update --quiet"
    assert spoken[1].endswith("install --yes --quiet --no-install-recommends libabsent9")


def test_what_is_present_needs_nothing() -> None:
    assert missing([PRESENT]) == []


def test_every_need_has_a_name_everywhere() -> None:
    for need in (*system_packages.BENCH_NEEDS, *system_packages.PROOF_NEEDS):
        assert need.apt
        assert need.dnf
