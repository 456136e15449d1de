"""Programs that the frozen program starts see the environment it was started in."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

import installers

STEP = Path(installers.__file__).with_name("frozen_environment.py")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As the bootloader leaves it."""
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/qtmail/_internal")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    monkeypatch.setenv("QT_PLUGIN_PATH", "/usr/lib/qtmail/_internal/PySide6/Qt/plugins")
    monkeypatch.setenv("QML2_IMPORT_PATH", "/usr/lib/qtmail/_internal/PySide6/Qt/qml")
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/usr/lib/qtmail/qtmail")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return monkeypatch


def test_nothing_of_the_frozen_program_is_left(environment: pytest.MonkeyPatch) -> None:
    runpy.run_path(str(STEP))
    left = os.environ.keys() & {"LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "_PYI_ARCHIVE_FILE"}
    assert not left
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


def test_what_the_user_had_set_is_back(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    runpy.run_path(str(STEP))
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/lib"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
