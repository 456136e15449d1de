"""How many files and connections the process may have open."""

from __future__ import annotations

import sys
from contextlib import suppress

if sys.platform != "win32":
    import resource

OPEN_FILES = 8192
"""An account takes some 20: two connections, and the two databases twice in each of two threads."""


def allow_open_files() -> None:
    """Ask for as many as fifty accounts and more need: systems begin at 256 (macOS) or 1,024 (Linux)."""
    if sys.platform != "win32":
        limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
        if limit != resource.RLIM_INFINITY and limit < wanted:
            with suppress(ValueError, OSError):  # the system knows a lower limit: then it stays as it is
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
