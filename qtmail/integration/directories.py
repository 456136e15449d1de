"""Where Linux desktops keep settings and data (XDG Base Directory Specification), and what desktop it is."""

from __future__ import annotations

import os
from pathlib import Path


def config_directories() -> list[Path]:
    """The user's directory of settings, then those of the system, the most important first."""
    return [_home("XDG_CONFIG_HOME", ".config"), *_system("XDG_CONFIG_DIRS", "/etc/xdg")]


def data_directories() -> list[Path]:
    """The user's directory of data, then those of the system, the most important first."""
    return [_home("XDG_DATA_HOME", ".local/share"), *_system("XDG_DATA_DIRS", "/usr/local/share:/usr/share")]


def current_desktops() -> list[str]:
    """What the desktop calls itself, the most particular name first: "ubuntu", "GNOME"."""
    return [name for name in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":") if name]


def _home(variable: str, usual: str) -> Path:
    """Relative paths are not valid and count as not set."""
    named = os.environ.get(variable, "")
    return Path(named) if Path(named).is_absolute() else Path.home() / usual


def _system(variable: str, usual: str) -> list[Path]:
    named = os.environ.get(variable) or usual
    return [Path(one) for one in named.split(":") if Path(one).is_absolute()]
