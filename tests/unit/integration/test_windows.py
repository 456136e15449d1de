"""The registry is written as Windows and the set-up program want it; what the user decided is respected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import installers
from qtmail.errors import SystemRefused
from qtmail.integration.registry import Hive
from qtmail.integration.system import Made, SystemIntegration
from qtmail.integration.windows import (
    APPLICATIONS,
    CAPABILITIES,
    CLASSES,
    CLIENT,
    MAILTO_CHOICE,
    MAILTO_CLASS,
    MESSAGE_CLASS,
    NAME,
    RUN,
    RUN_SWITCHES,
    WindowsIntegration,
)
from tests.unit.integration.conftest import make_program, run_from

OPENING = rf"{CLASSES}\{MAILTO_CLASS}\shell\open\command"
OFF = bytes([3, 0, 0, 0, 212, 13, 67, 141, 200, 59, 217, 1])
ON = bytes([2, *[0] * 11])


class MemoryRegistry:
    """A registry in a dictionary; keys and names are found in any case."""

    def __init__(self) -> None:
        self.values: dict[tuple[Hive, str, str], str | bytes] = {}
        self.refuses = False

    def get(self, hive: Hive, key: str, name: str) -> str | bytes | None:
        self._check()
        return self.values.get((hive, key.lower(), name.lower()))

    def set(self, hive: Hive, key: str, name: str, value: str | bytes) -> None:
        self._check()
        assert hive is Hive.USER, "only an administrator may write there"
        self.values[hive, key.lower(), name.lower()] = value

    def set_up(self, hive: Hive, key: str, name: str, value: str) -> None:
        self.values[hive, key.lower(), name.lower()] = value

    def remove(self, hive: Hive, key: str, name: str) -> None:
        self._check()
        self.values.pop((hive, key.lower(), name.lower()), None)

    def _check(self) -> None:
        if self.refuses:
            raise PermissionError(5, "Access is denied")


@pytest.mark.parametrize("value", ["", '"', '""', " ", "x" * 5000, '"' + "x" * 5000, "a\0b", b"\0\1", b""])
def test_a_value_of_the_run_key_that_is_no_command_starts_nothing(value: str | bytes):
    registry = MemoryRegistry()
    registry.set(Hive.USER, RUN, NAME, value)
    assert WindowsIntegration(registry).starts_at_sign_in() is False


class Settings:
    """The program that shows the pages of the Settings."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, address: str) -> None:
        self.shown.append(address)


@pytest.fixture
def registry() -> MemoryRegistry:
    return MemoryRegistry()


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def windows(registry: MemoryRegistry, settings: Settings) -> SystemIntegration:
    return WindowsIntegration(registry, settings.show)


@pytest.fixture
def own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "Program Files" / "qtmail.exe"
    make_program(path)
    run_from(path, monkeypatch)
    return path


def set_up(registry: MemoryRegistry, hive: Hive, program: Path) -> None:
    """As the set-up program leaves it."""
    registry.set_up(hive, OPENING, "", f'"{program}" -- "%1"')
    registry.set_up(hive, APPLICATIONS, NAME, CAPABILITIES)


def test_a_start_at_sign_in_is_arranged_and_undone(
    windows: SystemIntegration, registry: MemoryRegistry, own_program: Path
):
    assert windows.starts_at_sign_in() is False
    windows.start_at_sign_in(True, in_tray=True)
    assert windows.starts_at_sign_in() is True
    assert registry.get(Hive.USER, RUN, "qtmail") == f'"{own_program}" --tray'
    windows.start_at_sign_in(True, in_tray=False)
    assert registry.get(Hive.USER, RUN, "qtmail") == f'"{own_program}"'
    windows.start_at_sign_in(False, in_tray=False)
    assert windows.starts_at_sign_in() is False
    assert registry.values == {}


@pytest.mark.parametrize(
    ("switch", "starts"), [(OFF, False), (ON, True), (bytes([6, *OFF[1:]]), True), (b"", True)]
)
def test_the_switch_of_the_task_manager_counts(
    switch: bytes, starts: bool, windows: SystemIntegration, registry: MemoryRegistry, own_program: Path
):
    windows.start_at_sign_in(True, in_tray=False)
    registry.set(Hive.USER, RUN_SWITCHES, NAME, switch)
    assert windows.starts_at_sign_in() is starts
    windows.start_at_sign_in(True, in_tray=False)
    assert windows.starts_at_sign_in() is True


def test_a_program_that_is_gone_does_not_start(windows: SystemIntegration, own_program: Path):
    windows.start_at_sign_in(True, in_tray=False)
    own_program.unlink()
    assert windows.starts_at_sign_in() is False


def test_a_command_that_windows_would_pass_over_is_refused(
    windows: SystemIntegration, registry: MemoryRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run_from(tmp_path / ("deep" * 60) / "qtmail.exe", monkeypatch)
    with pytest.raises(SystemRefused, match="too long"):
        windows.start_at_sign_in(True, in_tray=True)
    assert registry.values == {}


def test_a_source_tree_is_not_started_by_windows(
    windows: SystemIntegration, registry: MemoryRegistry, settings: Settings, from_python: Path
):
    with pytest.raises(SystemRefused, match="from its source"):
        windows.start_at_sign_in(True, in_tray=True)
    with pytest.raises(SystemRefused, match="from its source"):
        windows.make_default_mail_program()
    assert registry.values == {}
    assert settings.shown == []


@pytest.mark.parametrize(
    ("latest", "older", "ours"),
    [
        (None, None, False),
        (None, MAILTO_CLASS, True),
        (None, "Outlook.URL.mailto.15", False),
        (MAILTO_CLASS, "Outlook.URL.mailto.15", True),
        ("Outlook.URL.mailto.15", MAILTO_CLASS, False),
    ],
)
def test_the_default_is_what_the_user_chose_last(
    latest: str | None,
    older: str | None,
    ours: bool,
    windows: SystemIntegration,
    registry: MemoryRegistry,
    own_program: Path,
):
    set_up(registry, Hive.USER, own_program)
    for place, chosen in ((r"\UserChoiceLatest\ProgId", latest), (r"\UserChoice", older)):
        if chosen is not None:
            registry.set(Hive.USER, MAILTO_CHOICE + place, "ProgId", chosen)
    assert windows.is_default_mail_program() is ours


def test_a_program_that_is_gone_is_no_default(
    windows: SystemIntegration, registry: MemoryRegistry, own_program: Path
):
    set_up(registry, Hive.MACHINE, own_program)
    registry.set(Hive.USER, MAILTO_CHOICE + r"\UserChoice", "ProgId", MAILTO_CLASS)
    assert windows.is_default_mail_program() is True
    own_program.unlink()
    assert windows.is_default_mail_program() is False


@pytest.mark.parametrize(
    ("hive", "parameter"), [(Hive.USER, "registeredAppUser"), (Hive.MACHINE, "registeredAppMachine")]
)
def test_the_user_is_shown_the_page_about_an_installed_qtmail(
    hive: Hive,
    parameter: str,
    windows: SystemIntegration,
    registry: MemoryRegistry,
    settings: Settings,
    own_program: Path,
):
    set_up(registry, hive, own_program)
    before = dict(registry.values)
    assert windows.make_default_mail_program() is Made.ASKED
    assert settings.shown == [f"ms-settings:defaultapps?{parameter}=qtmail"]
    assert registry.values == before


def test_a_program_that_was_not_set_up_is_registered_first(
    windows: SystemIntegration, registry: MemoryRegistry, settings: Settings, own_program: Path
):
    windows.make_default_mail_program()
    assert settings.shown == ["ms-settings:defaultapps?registeredAppUser=qtmail"]
    assert registry.get(Hive.USER, OPENING, "") == f'"{own_program}" -- "%1"'
    capabilities = registry.get(Hive.USER, APPLICATIONS, "qtmail")
    assert isinstance(capabilities, str)
    assert registry.get(Hive.USER, rf"{capabilities}\URLAssociations", "mailto") == MAILTO_CLASS
    assert registry.get(Hive.USER, rf"{capabilities}\FileAssociations", ".eml") == MESSAGE_CLASS
    assert registry.get(Hive.USER, rf"{CLASSES}\{MESSAGE_CLASS}\shell\open\command", "") is not None


def test_a_registration_of_a_program_that_is_gone_is_replaced(
    windows: SystemIntegration, registry: MemoryRegistry, own_program: Path
):
    set_up(registry, Hive.USER, own_program.with_name("gone.exe"))
    set_up(registry, Hive.MACHINE, own_program)
    windows.make_default_mail_program()
    assert registry.get(Hive.USER, OPENING, "") == f'"{own_program}" -- "%1"'


def test_a_registry_that_refuses_is_said_in_words(
    windows: SystemIntegration, registry: MemoryRegistry, own_program: Path
):
    registry.refuses = True
    with pytest.raises(SystemRefused, match="would not change") as refused:
        windows.start_at_sign_in(True, in_tray=False)
    assert "Access is denied" in refused.value.detail
    assert refused.value.advice
    for ask in (
        windows.starts_at_sign_in,
        windows.is_default_mail_program,
        windows.make_default_mail_program,
    ):
        with pytest.raises(SystemRefused):
            ask()


def test_a_page_that_cannot_be_opened_is_said_in_words(registry: MemoryRegistry, own_program: Path):
    def refuse(address: str) -> None:
        raise OSError(f"nothing opens {address}")

    with pytest.raises(SystemRefused, match="could not be opened"):
        WindowsIntegration(registry, refuse).make_default_mail_program()


def test_the_set_up_program_registers_the_same_names():
    """Otherwise a qtmail that was installed would be registered twice, or not recognised as the default."""
    text = (Path(installers.__file__).parent / "windows" / "registration.nsh").read_text("utf-8")
    names = dict(re.findall(r'!define (\w+) "([^"]*)"', text))
    assert names["MAILTO_CLASS"] == MAILTO_CLASS
    assert names["MESSAGE_CLASS"] == MESSAGE_CLASS
    assert names["CLIENT_KEY"].replace("${NAME}", NAME) == CLIENT
    assert names["RUN_KEY"] == RUN
    assert '-- "%1"' in text
