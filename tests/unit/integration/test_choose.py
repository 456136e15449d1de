"""The system that runs qtmail is chosen."""

from __future__ import annotations

import sys

import pytest

from qtmail.integration.choose import follow_program, this_system
from qtmail.integration.linux import FlatpakIntegration, LinuxIntegration


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_a_linux_desktop_is_chosen_and_inside_flatpak_its_sandbox(monkeypatch: pytest.MonkeyPatch):
    assert isinstance(this_system(), LinuxIntegration)
    monkeypatch.setenv("FLATPAK_ID", "io.github.qtmail.qtmail")
    assert isinstance(this_system(), FlatpakIntegration)


def test_this_system_answers():
    assert this_system().starts_at_sign_in() in (None, True, False)
    follow_program()
