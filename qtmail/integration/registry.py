"""The Windows registry, as far as qtmail needs it."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Protocol


class Hive(StrEnum):
    """Whose settings a key belongs to."""

    USER = "HKEY_CURRENT_USER"
    MACHINE = "HKEY_LOCAL_MACHINE"


class Registry(Protocol):
    """Values of keys; the value named "" is a key's default. All raise OSError where access is refused."""

    def get(self, hive: Hive, key: str, name: str) -> str | bytes | None:
        """A text or binary value; None if it is not there or of another type."""

    def set(self, hive: Hive, key: str, name: str, value: str) -> None:
        """Write a text value (REG_SZ); the key is made if need be."""

    def remove(self, hive: Hive, key: str, name: str) -> None:
        """Delete a value, if it is there."""


if sys.platform == "win32":
    import winreg

    _ROOTS = {Hive.USER: winreg.HKEY_CURRENT_USER, Hive.MACHINE: winreg.HKEY_LOCAL_MACHINE}

    class WindowsRegistry:
        """The real one."""

        def get(self, hive: Hive, key: str, name: str) -> str | bytes | None:
            """As `Registry` says."""
            try:
                with winreg.OpenKey(_ROOTS[hive], key) as opened:
                    value, _ = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            return value if isinstance(value, str | bytes) else None

        def set(self, hive: Hive, key: str, name: str, value: str) -> None:
            """As `Registry` says."""
            with winreg.CreateKeyEx(_ROOTS[hive], key, access=winreg.KEY_SET_VALUE) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def remove(self, hive: Hive, key: str, name: str) -> None:
            """As `Registry` says."""
            try:
                with winreg.OpenKey(_ROOTS[hive], key, access=winreg.KEY_SET_VALUE) as opened:
                    winreg.DeleteValue(opened, name)
            except FileNotFoundError:
                pass
