"""Files that are nobody else's to read, and that are whole at every moment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_private_file(path: Path, content: bytes) -> None:
    """Put a file in place of the one that is there, if any: after a power failure too it is the old one or
    the new one. Only this user may read it. Raises OSError.
    """
    # mkstemp makes it for this user only (0600), and never follows a link that lies in wait.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
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
