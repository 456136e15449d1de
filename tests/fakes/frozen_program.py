"""A small stand-in for the frozen program, laid out like the real one, for tests of what packages it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import qtmail
from installers.packaging import NAME

_SCRIPT = f"""#!/bin/sh
# Says its version, and what it was asked to do.
case "$1" in
    --version) echo "{NAME} {qtmail.__version__}" ;;
    --self-test) mkdir -p "${{2:-.}}" && : > "${{2:-.}}/main-light.png" && echo "ok    the stand-in" ;;
    *) echo "$0 $*" ;;
esac
"""


def make_frozen(directory: Path) -> Path:
    """Lay out `directory`/qtmail: the program, `_internal` with its resources and one real library."""
    frozen = directory / NAME
    inside = frozen / "_internal"
    shutil.copytree(Path(qtmail.__file__).parent.parent / "resources", inside / NAME / "resources")
    program = frozen / NAME
    program.write_text(_SCRIPT, "utf-8")
    program.chmod(0o755)
    extension = next(Path(sys.prefix).rglob("nh3*.so"))
    shutil.copy(extension, inside / extension.name)
    return frozen
