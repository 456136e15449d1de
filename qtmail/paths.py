"""Where qtmail keeps its files: the profile of a user and the resources that come with the program."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def default_profile_directory() -> Path:
    """The profile used when none is named: `QTMAIL_PROFILE`, else the system's place for application data."""
    if named := os.environ.get("QTMAIL_PROFILE"):
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("qtmail", appauthor=False, roaming=False))


def resource(*parts: str) -> Path:
    """The path of a file under resources/, both in a checkout and in an installed wheel."""
    packaged = Path(__file__).parent / "resources"
    root = packaged if packaged.is_dir() else Path(__file__).parent.parent / "resources"
    return root.joinpath(*parts)
