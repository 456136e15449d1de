"""The real registry, on Windows."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from qtmail.integration.registry import Hive, Registry

KEY = r"Software\qtmail-test"


@pytest.fixture
def registry() -> Iterator[Registry]:
    """With a key that is gone after the test."""
    if sys.platform != "win32":
        pytest.skip("Windows only")
    else:
        import winreg  # noqa: PLC0415 - exists only there

        from qtmail.integration.registry import WindowsRegistry  # noqa: PLC0415 - as above

        yield WindowsRegistry()
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, KEY)


def test_a_value_is_written_read_and_removed(registry: Registry):
    registry.set(Hive.USER, KEY, "name", "邮件")
    registry.set(Hive.USER, KEY, "", "default")
    assert registry.get(Hive.USER, KEY, "NAME") == "邮件"
    assert registry.get(Hive.USER, KEY, "") == "default"
    registry.remove(Hive.USER, KEY, "name")
    registry.remove(Hive.USER, KEY, "name")
    assert registry.get(Hive.USER, KEY, "name") is None
    assert registry.get(Hive.USER, KEY + r"\missing", "name") is None
    registry.remove(Hive.USER, KEY + r"\missing", "name")
