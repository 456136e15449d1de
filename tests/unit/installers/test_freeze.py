"""The program is frozen again only when something has changed that goes into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from installers import freeze as freezing
from installers.freeze import fingerprint, frozen_program
from installers.packaging import BuildFailed


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A tree with a file of each kind that goes into the frozen program."""
    for name in ("qtmail/__main__.py", "resources/icons/qtmail.svg", "installers/freeze_contents.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    return tmp_path


@pytest.fixture
def frozen_times(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often it was frozen; `current` decides what it would be made from."""
    times: list[str] = []

    def freeze(work: Path) -> Path:
        times.append("frozen")
        (work / "qtmail").mkdir(exist_ok=True)
        return work / "qtmail"

    monkeypatch.setattr(freezing, "freeze", freeze)
    return times


def test_the_fingerprint_is_that_of_the_contents(checkout: Path) -> None:
    before = fingerprint(checkout)
    assert fingerprint(checkout) == before
    (checkout / "qtmail/__main__.py").write_text("changed")
    changed = fingerprint(checkout)
    assert changed != before
    (checkout / "resources/icons/qtmail.svg").rename(checkout / "resources/icons/other.svg")
    assert fingerprint(checkout) not in (before, changed)


def test_caches_and_other_installers_do_not_count(checkout: Path) -> None:
    before = fingerprint(checkout)
    for name in ("qtmail/__pycache__/__main__.cpython-311.pyc", "installers/linux/deb.py"):
        (checkout / name).parent.mkdir(parents=True)
        (checkout / name).write_text("new")
    assert fingerprint(checkout) == before


def test_nothing_changed_nothing_is_frozen(
    frozen_times: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "fingerprint", lambda: "one")
    first = frozen_program(tmp_path)
    assert frozen_program(tmp_path) == first
    assert first.is_dir()
    assert len(frozen_times) == 1
    monkeypatch.setattr(freezing, "fingerprint", lambda: "other")
    frozen_program(tmp_path)
    assert len(frozen_times) == 2


def test_after_a_failure_it_is_frozen_again(
    frozen_times: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "fingerprint", lambda: "one")
    frozen_program(tmp_path)
    whole = freezing.freeze

    def fail(work: Path) -> Path:
        raise BuildFailed("no space left")

    monkeypatch.setattr(freezing, "fingerprint", lambda: "other")
    monkeypatch.setattr(freezing, "freeze", fail)
    with pytest.raises(BuildFailed):
        frozen_program(tmp_path)
    monkeypatch.setattr(freezing, "fingerprint", lambda: "one")
    monkeypatch.setattr(freezing, "freeze", whole)
    frozen_program(tmp_path)
    assert len(frozen_times) == 2
