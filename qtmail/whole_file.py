"""Files that are whole at every moment: each is the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PRIVATE = 0o600
"""Only this user may read it."""


def replace_file(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Put a file in place of the one that is there, if any; also after a power failure it is one of the two.
    Raises OSError.
    """
    # mkstemp makes it for this user only, and never follows a link that lies in wait.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _flush_directory(path.parent)


def _flush_directory(directory: Path) -> None:
    """The new name is on the disk as well. Windows does that by itself, and opens no directories."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
