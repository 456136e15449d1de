"""Several starts of the program on one profile: one window, and nothing that was to be opened is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.end2end.processes import wait_until
from tests.end2end.x_windows import Screen
from tests.end2end.xvfb import Xvfb

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the windows are looked at through X")

LIMIT = 60.0
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def screen(xvfb_display: Xvfb) -> Iterator[Screen]:
    screen = Screen(xvfb_display.display)
    yield screen
    screen.close()


@pytest.fixture
def start(xvfb_display: Xvfb, tmp_path: Path) -> Iterator[Start]:
    """Starts qtmail on the test's profile, or on the one that is named."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str, profile: Path = tmp_path / "profile") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "qtmail", "--offline", "--profile", str(profile), *words],
            env=os.environ | xvfb_display.environment,
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def letter(tmp_path: Path) -> Callable[[str], str]:
    """Makes a message file of this subject; its name is relative to where the starts are made."""

    def letter(subject: str) -> str:
        content = f"From: ann@example.org\nSubject: {subject}\n\nHello.\n"
        (tmp_path / f"{subject}.eml").write_text(content)
        return f"./{subject}.eml"

    return letter


def finish(process: subprocess.Popen[str]) -> None:
    """Wait for a start that hands over."""
    _, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, errors) == (0, "")


def wait_for_title(screen: Screen, title: str) -> None:
    wait_until(lambda: title in screen.titles(), LIMIT, f"a window “{title}” among {screen.titles()}")


def test_a_second_start_opens_in_the_first(
    screen: Screen, start: Start, letter: Callable[[str], str]
) -> None:
    first = start(letter("Quay"))
    wait_for_title(screen, "Quay")
    finish(start(letter("Harbour")))
    wait_for_title(screen, "Harbour")
    finish(start())
    assert first.poll() is None


def test_another_profile_has_a_window_of_its_own(
    screen: Screen, start: Start, letter: Callable[[str], str], tmp_path: Path
) -> None:
    start(letter("Quay"))
    wait_for_title(screen, "Quay")
    other = start(letter("Harbour"), profile=tmp_path / "other")
    wait_for_title(screen, "Harbour")
    assert other.poll() is None


def test_after_a_kill_the_next_start_is_the_first_at_once(
    screen: Screen, start: Start, letter: Callable[[str], str]
) -> None:
    killed = start(letter("Quay"))
    wait_for_title(screen, "Quay")
    killed.kill()
    killed.wait()
    next_one = start(letter("Harbour"))
    wait_for_title(screen, "Harbour")
    finish(start(letter("Sails")))
    wait_for_title(screen, "Sails")
    assert next_one.poll() is None


def test_of_five_starts_at_the_same_moment_one_has_the_window_and_opens_all(
    screen: Screen, start: Start, letter: Callable[[str], str]
) -> None:
    subjects = [f"Letter {number}" for number in range(5)]
    starts = [start(letter(subject)) for subject in subjects]
    for subject in subjects:
        wait_for_title(screen, subject)

    def running() -> list[subprocess.Popen[str]]:
        return [one for one in starts if one.poll() is None]

    wait_until(lambda: len(running()) == 1, LIMIT, "all starts but one to end")
    (first,) = running()
    for one in starts:
        if one is not first:
            finish(one)


def test_a_first_start_that_hangs_is_told_of(
    screen: Screen, start: Start, letter: Callable[[str], str]
) -> None:
    hanging = start(letter("Quay"))
    wait_for_title(screen, "Quay")
    hanging.send_signal(signal.SIGSTOP)
    second = start(letter("Harbour"))
    told = "qtmail could not start"
    wait_until(lambda: any(told in title for title in screen.titles()), LIMIT, "the box that says so")
    second.terminate()  # as who closes the box
    _, errors = second.communicate(timeout=LIMIT)
    assert "qtmail is running but does not answer." in errors
    assert "Traceback" not in errors
