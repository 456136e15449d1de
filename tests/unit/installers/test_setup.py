"""One word says what to do; a display decides between the window and the self-test."""

from __future__ import annotations

import platform

import pytest

from installers import setup
from installers.python_environment import PythonEnvironment


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The programs that would be started; the environment is taken as complete."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(PythonEnvironment, "ensure", lambda self, extras: None)
    monkeypatch.setattr(PythonEnvironment, "program", lambda self, name: name)
    monkeypatch.setattr(setup, "missing", lambda needs: [])

    def note(*command: str) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(setup, "call", note)
    return commands


def test_without_a_display_the_program_tests_itself(
    called: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "has_display", lambda: False)
    assert setup.main(["run"]) == 0
    assert called == [("qtmail", "--self-test", str(setup.SELF_TEST_DIRECTORY))]
    assert "no display" in capsys.readouterr().out


def test_with_a_display_the_demo_opens(
    called: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "has_display", lambda: True)
    assert setup.main(["run", "--debug"]) == 0
    assert called == [("qtmail", "--demo", "--debug")]


def test_tests_come_after_the_checks(called: list[tuple[str, ...]]) -> None:
    assert setup.main(["test", "-x"]) == 0
    assert [command[0] for command in called] == [
        "ruff",
        "ruff",
        "mypy",
        "lint-imports",
        "check-jsonschema",
        "pytest",
    ]
    assert called[-1][-1] == "-x"


def test_packages_are_built_as_asked(called: list[tuple[str, ...]]) -> None:
    assert setup.main(["packages", "deb", "wheel"]) == 0
    assert called[0][1:] == ("-m", "installers.build", "deb", "wheel")


def test_a_failed_check_is_the_end(called: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "call", lambda *command: 1)
    assert setup.main(["test"]) == 1


def test_a_server_that_cannot_be_installed_fails_on_ci_only(
    called: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "missing", lambda needs: [need for need in needs if need.what == "dovecot"])
    monkeypatch.setattr(setup, "install", lambda needs: False)
    monkeypatch.setenv("CI", "true")
    assert setup.main(["test"]) == 1
    monkeypatch.delenv("CI")
    assert setup.main(["test"]) == 0


@pytest.mark.skipif(platform.system() != "Linux", reason="other systems always have a screen")
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_display_is_what_the_environment_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not setup.has_display()
    monkeypatch.setenv(name, ":1")
    assert setup.has_display()


@pytest.mark.parametrize("arguments", [[], ["everything"]])
def test_an_unknown_word_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err
