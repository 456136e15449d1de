"""Set up a checkout and do one thing with it: `python3 -m installers.setup run` (or test, check, bench…).

`make` calls this, and on Windows people call it themselves. It needs nothing but a Python; everything else is
installed when it is missing, and a second run finds all in place and starts at once.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from installers.python_environment import PythonEnvironment, SetupFailed
from installers.system_packages import (
    BENCH_NEEDS,
    PACKAGE_NEEDS,
    PROOF_NEEDS,
    TEST_NEEDS,
    WINDOW_NEEDS,
    Need,
    install,
    missing,
)

ROOT = Path(__file__).resolve().parent.parent
SELF_TEST_DIRECTORY = Path("build", "self-test")
PACKAGE_EXTRAS = ("packages",)
DEVELOPER_EXTRAS = ("check", "packages", "test")
USAGE = "usage: python3 -m installers.setup {run,test,check,bench,proof,packages,prepare} [ARGUMENT...]"


def main(arguments: list[str]) -> int:
    """Do what the first argument says, hand on the others; the exit status."""
    commands = {
        "run": run,
        "test": test,
        "check": check,
        "bench": bench,
        "proof": proof,
        "packages": packages,
        "prepare": prepare,
    }
    if not arguments or arguments[0] not in commands:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]](PythonEnvironment(ROOT), arguments[1:])
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def run(environment: PythonEnvironment, arguments: list[str]) -> int:
    """Open the window on the demo mailbox; with no display, let the program test itself instead."""
    environment.ensure(())
    require(WINDOW_NEEDS)
    if has_display():
        return call(environment.program("qtmail"), "--demo", *arguments)
    print(f"There is no display here: qtmail tests itself and leaves screenshots in {SELF_TEST_DIRECTORY}.")
    return call(environment.program("qtmail"), "--self-test", str(SELF_TEST_DIRECTORY), *arguments)


def test(environment: PythonEnvironment, arguments: list[str]) -> int:
    """The checks and all tests except the slow proofs."""
    _prepare_tests(environment)
    return _static_checks(environment) or call(environment.program("pytest"), "-m", "not proof", *arguments)


def check(environment: PythonEnvironment, arguments: list[str]) -> int:
    """Style, types and the import rule."""
    environment.ensure(DEVELOPER_EXTRAS)
    return _static_checks(environment)


def bench(environment: PythonEnvironment, arguments: list[str]) -> int:
    """Measure speed and size against a local server and other programs; prints one table."""
    environment.ensure(DEVELOPER_EXTRAS)
    require(BENCH_NEEDS)
    return call(str(environment.python), "-m", "tests.benchmarks", *arguments)


def proof(environment: PythonEnvironment, arguments: list[str]) -> int:
    """The slow proofs."""
    _prepare_tests(environment, PROOF_NEEDS)
    return call(environment.program("pytest"), "-m", "proof", *arguments)


def packages(environment: PythonEnvironment, arguments: list[str]) -> int:
    """Freeze the program and pack it for this system."""
    environment.ensure(PACKAGE_EXTRAS)
    require(PACKAGE_NEEDS)
    return call(str(environment.python), "-m", "installers.build", *arguments)


def prepare(environment: PythonEnvironment, arguments: list[str]) -> int:
    """Only install what the tests need."""
    _prepare_tests(environment)
    return 0


def require(needs: Iterable[Need]) -> None:
    """Install what is missing.

    Raises:
        SetupFailed: something is still missing; what to type has been printed.
    """
    lacking = missing(needs)
    if lacking and not install(lacking):
        still = ", ".join(need.what for need in missing(lacking))
        raise SetupFailed(f"Still missing: {still}")


def has_display() -> bool:
    """Whether a window can be shown."""
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return not os.environ.get("CI")


def call(*command: str) -> int:
    """Run a program in the checkout and return its exit status."""
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _prepare_tests(environment: PythonEnvironment, needs: Iterable[Need] = TEST_NEEDS) -> None:
    """As `require`, but a developer who may not install servers can still run the tests that need none."""
    environment.ensure(DEVELOPER_EXTRAS)
    try:
        require(needs)
    except SetupFailed as failure:
        if os.environ.get("CI"):
            raise
        print(f"{failure}\nTests that need these will be skipped.", file=sys.stderr)


def _check_workflows(environment: PythonEnvironment) -> int:
    workflows = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(".github/workflows/*.yml"))
    schema = ("--quiet", "--builtin-schema", "vendor.github-workflows")
    return call(environment.program("check-jsonschema"), *schema, *workflows)


def _static_checks(environment: PythonEnvironment) -> int:
    return (
        call(environment.program("ruff"), "check", ".")
        or call(environment.program("ruff"), "format", "--check", ".")
        or call(environment.program("mypy"))
        or call(environment.program("lint-imports"))
        or _check_workflows(environment)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
