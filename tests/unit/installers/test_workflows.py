"""What the workflows and the documents tell people and machines to run is there."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from installers import setup
from installers.build import TARGETS
from installers.packaging import ROOT, VERSION

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RELEASE = ROOT / ".github" / "workflows" / "release.yml"
TEXTS = (*WORKFLOWS, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "Makefile")

_CALL = re.compile(r"\b(?:python3?(?:\.\d+)?|py|\$\(PYTHON\)) -m (installers[.\w]*)((?: +[\w./-]+)*)")
_ACTION = re.compile(r"uses: (\S+)(?: # (\S+))?")


def calls() -> Iterator[tuple[str, list[str]]]:
    """Every module of ours that is run somewhere, with its arguments."""
    for text in TEXTS:
        for module, arguments in _CALL.findall(text.read_text("utf-8")):
            yield module, arguments.split()


def test_there_is_something_to_check():
    assert len(list(calls())) >= 5


@pytest.mark.parametrize("module", sorted({module for module, _ in calls()}))
def test_what_is_run_exists(module):
    assert find_spec(module) is not None


def test_setup_knows_the_commands_it_is_given():
    known = re.findall(r"\w+", setup.USAGE.partition("{")[2].partition("}")[0])
    given = {arguments[0] for module, arguments in calls() if module == "installers.setup" and arguments}
    assert given <= set(known)


def test_the_packages_it_is_told_to_make_are_known():
    told = [arguments[1:] for _, arguments in calls() if arguments[:1] == ["packages"]]
    told += [arguments for module, arguments in calls() if module == "installers.build"]
    assert set().union(*told) <= set(TARGETS)


def test_a_release_has_every_package():
    made = _CALL.findall(RELEASE.read_text("utf-8"))
    assert {target for _, arguments in made for target in arguments.split()[1:]} == {*TARGETS} - {"freeze"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_may_write_unless_a_job_says_so(workflow):
    head, _, jobs = workflow.read_text("utf-8").partition("\njobs:")
    assert "\npermissions:\n  contents: read\n" in head
    assert "write-all" not in jobs


def test_the_release_runs_only_actions_that_cannot_change_behind_its_back():
    used = _ACTION.findall(RELEASE.read_text("utf-8"))
    assert used
    for action, version in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", version)


def test_only_the_job_that_publishes_may_write_and_only_for_a_tag():
    text = RELEASE.read_text("utf-8")
    others, publish = text.split("\n  publish:\n")
    assert ": write" not in others
    assert publish.startswith("    if: github.ref_type == 'tag'\n")


def test_what_is_downloaded_into_a_package_is_checked():
    text = RELEASE.read_text("utf-8")
    assert text.count("curl ") == text.count("| sha256sum --check")
    assert re.search(r"APPIMAGE_RUNTIME_SHA256: [0-9a-f]{64}\n", text)


def test_every_name_the_release_sets_for_the_installers_is_one_they_read():
    sources = "".join(path.read_text("utf-8") for path in sorted((ROOT / "installers").rglob("*.py")))
    for name in sorted(set(re.findall(r"QTMAIL_[A-Z_]+", RELEASE.read_text("utf-8")))):
        assert f'"{name}"' in sources or f"`{name}`" in sources, name


@pytest.mark.skipif(os.name == "nt", reason="the step is a shell script")
@pytest.mark.parametrize(("tag", "status"), [(f"v{VERSION}", 0), ("v999.0", 1), (VERSION, 1)])
def test_a_tag_that_is_not_the_version_stops_the_release(tag, status):
    step = (
        RELEASE.read_text("utf-8").partition("name: The tag is the version\n")[2].partition("\n      - ")[0]
    )
    script = textwrap.dedent(step.partition("run: |\n")[2])
    ran = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=ROOT,
        env={**os.environ, "GITHUB_REF_NAME": tag},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status
    assert ran.stdout.startswith("::error::The tag is") == (status != 0)
