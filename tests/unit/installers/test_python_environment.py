"""The environment is made once, filled when the requirements change, and left alone otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from installers import python_environment
from installers.python_environment import PythonEnvironment, SetupFailed

PROJECT = '[project]\nname = "nothing"\n'


class Recorder(PythonEnvironment):
    """An environment whose pip only notes what it is asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.made = 0
        self.installed: list[list[str]] = []

    def _works(self) -> bool:
        return self.directory.exists()

    def _make(self) -> None:
        self.made += 1
        self.directory.mkdir()
        (self.directory / "pyvenv.cfg").write_text("version = 3.11.2\n")

    def _pip_install(self, extras: list[str]) -> None:
        self.installed.append(extras)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


@pytest.fixture
def again(checkout: Path) -> Callable[..., list[list[str]]]:
    """Run set-up as a new process would, and return what pip was asked for."""

    def ensure(*extras: str) -> list[list[str]]:
        environment = Recorder(checkout)
        environment.ensure(extras)
        return environment.installed

    return ensure


def test_the_second_run_installs_nothing(again: Callable[..., list[list[str]]]) -> None:
    assert again("check") == [["check"]]
    assert again("check") == []


def test_without_extras_qtmail_itself_is_installed(again: Callable[..., list[list[str]]]) -> None:
    assert again() == [[]]
    assert again() == []


def test_more_extras_are_added_to_those_installed(again: Callable[..., list[list[str]]]) -> None:
    again("check")
    assert again("test", "packages") == [["check", "packages", "test"]]
    assert again("check") == []


def test_changed_requirements_are_installed(checkout: Path, again: Callable[..., list[list[str]]]) -> None:
    again("check")
    (checkout / "pyproject.toml").write_text(PROJECT + 'dependencies = ["more"]\n')
    assert again("check") == [["check"]]


def test_a_new_python_is_a_new_installation(checkout: Path, again: Callable[..., list[list[str]]]) -> None:
    again("check")
    (checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.13.1\n")
    assert again("check") == [["check"]]


def test_a_damaged_stamp_is_no_stamp(checkout: Path, again: Callable[..., list[list[str]]]) -> None:
    again("check")
    (checkout / ".venv" / "installed.json").write_text("{")
    assert again("check") == [["check"]]


def test_an_old_python_is_told_where_a_newer_one_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_environment, "_version", lambda python: (3, 9))
    with pytest.raises(SetupFailed, match=r"needs Python 3\.11 or newer"):
        python_environment.find_python()


def test_the_running_python_is_taken_first() -> None:
    assert python_environment.find_python()
