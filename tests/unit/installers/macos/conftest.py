"""What tests of the macOS package share: stand-ins for Apple's programs, and a bundle like PyInstaller's."""

from __future__ import annotations

import json
import os
import plistlib
import sys
from pathlib import Path

import pytest

from installers.macos.app import APP_NAME

MACH_O = b"\xcf\xfa\xed\xfe" + bytes(28)

_SCRIPT = """#!{python} -SE
import json, pathlib, sys
calls = pathlib.Path({calls!r})
with calls.open("a", encoding="utf-8") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
{action}
answers = {answers!r}
output, status = answers[min(len(calls.read_text("utf-8").splitlines()), len(answers)) - 1]
print(output)
sys.exit(status)
"""


class AppleTools:
    """Programs on the search path that note how they are called, and answer what they were told to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def add(self, name: str, *answers: tuple[str, int], action: str = "") -> None:
        """Install a program.

        Args:
            answers: what it prints and its exit status, call by call; the last holds from then on.
            action: Python code that it runs before it answers.
        """
        script = _SCRIPT.format(
            python=sys.executable, calls=str(self._calls(name)), action=action, answers=answers or (("", 0),)
        )
        program = self.directory / name
        program.write_text(script, "utf-8")
        program.chmod(0o755)

    def calls(self, name: str) -> list[list[str]]:
        """The arguments of each call so far."""
        if not self._calls(name).exists():
            return []
        return [json.loads(line) for line in self._calls(name).read_text("utf-8").splitlines()]

    def _calls(self, name: str) -> Path:
        return self.directory / f"{name}.calls"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppleTools:
    if os.name == "nt":
        pytest.skip("Windows starts no scripts")
    directory = tmp_path / "tools"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory), prepend=os.pathsep)
    return AppleTools(directory)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A bundle with a program, a library, a framework that contains another bundle, links and data."""
    if os.name == "nt":
        pytest.skip("Windows makes no links for everybody")
    contents = tmp_path / "frozen" / APP_NAME / "Contents"
    framework = contents / "Frameworks/PySide6/Qt/lib/QtWebEngineCore.framework"
    helper = "Versions/A/Helpers/QtWebEngineProcess.app/Contents/MacOS/QtWebEngineProcess"
    for program in (
        contents / "MacOS/qtmail",
        contents / "Frameworks/libssl.3.dylib",
        contents / "Frameworks/PySide6/QtCore.abi3.so",
        framework / "Versions/A/QtWebEngineCore",
        framework / helper,
    ):
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(MACH_O)
        program.chmod(0o755)
    (framework / "Versions/Current").symlink_to("A")
    (framework / "QtWebEngineCore").symlink_to("Versions/Current/QtWebEngineCore")
    resources = contents / "Resources"
    resources.mkdir()
    (resources / "providers.json").write_text("{}", "utf-8")
    (resources / "libssl.3.dylib").symlink_to("../Frameworks/libssl.3.dylib")
    brought = framework / Path(helper).parents[1] / "Resources" / "QtWebEngineProcess.entitlements"
    brought.parent.mkdir()
    brought.write_bytes(plistlib.dumps({"com.apple.security.cs.allow-jit": True}))
    (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleExecutable": "qtmail"}))
    return contents.parent
