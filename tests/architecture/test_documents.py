"""The documents speak of what there is, and nothing speaks of one person's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from qtmail.cli.arguments import COMMANDS

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
MENTIONED_TARGET = re.compile(r"(?:^ {4}|`)make ([a-z]+)", re.MULTILINE)
MENTIONED_COMMAND = re.compile(r"(?:^ {4}|`)qtmail ([a-z]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
MACHINE_PATH = re.compile(rb"(?<![\w.~])/(?:home|Users|work|root|mnt|media)/[\w.-]+|[A-Z]:\\\\?Users\\")
EXAMPLE_DATA = ("tests/corpus/", "resources/", "tests/architecture/")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name: str) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    assert set(MENTIONED_TARGET.findall((ROOT / name).read_text("utf-8"))) <= targets


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist(name: str) -> None:
    assert set(MENTIONED_COMMAND.findall((ROOT / name).read_text("utf-8"))) <= set(COMMANDS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_linked_files_exist(name: str) -> None:
    links = LINK.findall((ROOT / name).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_ci_runs_what_a_newcomer_can_run() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert script.rstrip().endswith("\nmake test")
    assert "set -euo pipefail" in script


def test_no_file_names_a_place_on_one_machine() -> None:
    own = [path for path in _source_files() if not path.as_posix().startswith(EXAMPLE_DATA)]
    found = {str(path): MACHINE_PATH.findall((ROOT / path).read_bytes()) for path in own}
    assert {path: names for path, names in found.items() if names} == {}


def _source_files() -> list[Path]:
    """What is, or is about to be, part of the repository; in an archive without git, all sources."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for path in map(Path, listed.stdout.splitlines()) if (ROOT / path).is_file()]
    places = ("qtmail", "installers", "tests")
    return [path.relative_to(ROOT) for place in places for path in (ROOT / place).rglob("*.py")]
