"""Settings of the desktop, which others read at any moment and may keep elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from qtmail.whole_file import replace_file

_ORDINARY = 0o644


def write_desktop_file(path: Path, content: bytes) -> None:
    """Put a file in place of the one that is there, if any, with the same permissions; directories are made.

    A symbolic link stays: what it leads to is replaced, because people keep their settings elsewhere and link
    to them. Raises OSError.
    """
    target = Path(os.path.realpath(path))  # unlike resolve(), not stopped by links in a circle
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _ORDINARY
    replace_file(target, content, mode)
