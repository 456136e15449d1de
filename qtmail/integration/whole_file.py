"""Files that others read at any moment: each is the old one or the new one, never half of one."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

_ORDINARY = 0o644


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place of the one that is there, if any, with the same permissions; directories are made.

    A symbolic link stays: what it leads to is replaced, because people keep their settings elsewhere and link
    to them. Raises OSError.
    """
    target = Path(os.path.realpath(path))  # unlike resolve(), not stopped by links in a circle
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _ORDINARY
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
