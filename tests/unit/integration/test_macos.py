"""The launch agent and the default mail program of macOS."""

from __future__ import annotations

import os
import plistlib
import sys
from pathlib import Path

import pytest

from qtmail.errors import SystemRefused
from qtmail.integration.macos import MESSAGE, MacIntegration
from qtmail.integration.program import APP_ID
from qtmail.integration.system import Made, SystemIntegration
from tests.unit.integration.conftest import make_program, run_from, write


class MemoryServices:
    """Launch Services of a user whose mail program is Apple's."""

    def __init__(self) -> None:
        self.schemes = {"mailto": "com.apple.mail"}
        self.types = {MESSAGE: "com.apple.mail"}
        self.asks_first = False
        self.refuses = False

    def handler_of_scheme(self, scheme: str) -> str | None:
        return self.schemes.get(scheme)

    def set_handler_of_scheme(self, scheme: str, bundle_id: str) -> None:
        if self.refuses:
            raise OSError(-54, "Launch Services answered -54")
        if not self.asks_first:
            self.schemes[scheme] = bundle_id.lower()

    def set_handler_of_type(self, type_id: str, bundle_id: str) -> None:
        self.types[type_id] = bundle_id


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
def mac(services: MemoryServices) -> SystemIntegration:
    return MacIntegration(services)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program in an application bundle that runs."""
    path = tmp_path / "qtmail.app" / "Contents" / "MacOS" / "qtmail"
    make_program(path)
    run_from(path, monkeypatch)
    return path


def agent_path() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{APP_ID}.plist"


def test_a_start_at_sign_in_is_arranged_and_undone(mac: SystemIntegration, bundle: Path):
    assert mac.starts_at_sign_in() is False
    mac.start_at_sign_in(True, in_tray=True)
    assert mac.starts_at_sign_in() is True
    agent = plistlib.loads(agent_path().read_bytes())
    assert agent["ProgramArguments"] == [str(bundle), "--tray"]
    assert agent["Label"] == APP_ID
    assert agent["RunAtLoad"] is True
    assert agent["LimitLoadToSessionType"] == "Aqua"
    mac.start_at_sign_in(False, in_tray=True)
    assert mac.starts_at_sign_in() is False
    assert not agent_path().exists()
    mac.start_at_sign_in(False, in_tray=True)


@pytest.mark.parametrize(
    "agent",
    [
        b"",
        b"\0" * 100,
        b"bplist00" + b"\xff" * 40,
        b"<plist",
        b"<plist><date>tomorrow</date></plist>",
        b"<plist><array/></plist>",
        plistlib.dumps({"RunAtLoad": True, "ProgramArguments": {"a": 1}}),
        plistlib.dumps({"RunAtLoad": True, "ProgramArguments": []}),
        plistlib.dumps({"RunAtLoad": True, "ProgramArguments": [7]}),
        plistlib.dumps({"RunAtLoad": True, "ProgramArguments": ["x" * 5000]}),
        plistlib.dumps({"RunAtLoad": "yes", "ProgramArguments": [sys.executable]}),
    ],
)
def test_an_agent_that_is_none_starts_nothing(mac: SystemIntegration, agent: bytes):
    agent_path().parent.mkdir(parents=True)
    agent_path().write_bytes(agent)
    assert mac.starts_at_sign_in() is False


def test_a_source_tree_is_started_in_its_directory(mac: SystemIntegration, from_python: Path):
    mac.start_at_sign_in(True, in_tray=False)
    agent = plistlib.loads(agent_path().read_bytes())
    assert agent["ProgramArguments"] == [str(from_python / "python"), "-m", "qtmail"]
    assert (Path(agent["WorkingDirectory"]) / "qtmail" / "__main__.py").is_file()


def test_a_program_that_is_gone_does_not_start(mac: SystemIntegration, bundle: Path):
    mac.start_at_sign_in(True, in_tray=False)
    bundle.unlink()
    assert mac.starts_at_sign_in() is False


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<not a plist",
        plistlib.dumps([1]),
        plistlib.dumps({"ProgramArguments": "no list", "RunAtLoad": True}),
        plistlib.dumps({"ProgramArguments": [sys.executable], "RunAtLoad": True, "Disabled": True}),
        plistlib.dumps({"ProgramArguments": [sys.executable]}),
    ],
)
def test_an_agent_that_starts_nothing_does_not_count(content: bytes, mac: SystemIntegration):
    agent_path().parent.mkdir(parents=True)
    agent_path().write_bytes(content)
    assert mac.starts_at_sign_in() is False


def test_it_becomes_the_default_for_links_and_files(
    mac: SystemIntegration, services: MemoryServices, bundle: Path
):
    assert mac.is_default_mail_program() is False
    assert mac.make_default_mail_program() is Made.DONE
    assert mac.is_default_mail_program() is True
    assert services.types[MESSAGE] == APP_ID


def test_where_macos_asks_first_the_answer_is_not_made_up(
    mac: SystemIntegration, services: MemoryServices, bundle: Path
):
    services.asks_first = True
    assert mac.make_default_mail_program() is Made.ASKED


def test_a_refusal_is_said_in_words(mac: SystemIntegration, services: MemoryServices, bundle: Path):
    services.refuses = True
    with pytest.raises(SystemRefused, match="macOS would not") as refused:
        mac.make_default_mail_program()
    assert "-54" in refused.value.detail


def test_only_a_bundle_can_be_the_default(mac: SystemIntegration, services: MemoryServices):
    with pytest.raises(SystemRefused, match="Applications folder"):
        mac.make_default_mail_program()
    assert services.schemes == {"mailto": "com.apple.mail"}


@pytest.mark.skipif(sys.platform == "darwin", reason="there Launch Services is never missing")
def test_without_launch_services_the_default_is_not_known(bundle: Path):
    assert MacIntegration().is_default_mail_program() is None
    with pytest.raises(SystemRefused):
        MacIntegration().make_default_mail_program()


@pytest.mark.skipif(os.name != "posix", reason="a home directory is a path of POSIX here")
def test_a_home_that_cannot_be_written_to_is_said_in_words(mac: SystemIntegration, bundle: Path):
    write(Path.home(), "Library", "a file where the folder should be")
    with pytest.raises(SystemRefused, match="could not be arranged"):
        mac.start_at_sign_in(True, in_tray=False)
