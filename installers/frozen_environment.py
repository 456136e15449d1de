"""Runs in the frozen program, before qtmail: what it starts must not inherit what it was started with.

A frozen program's first code names its own libraries and Qt plugins in the environment. By now they are
found: the loader read its variable when the process began, and PySide6 tells Qt where it is. But a browser
opened from the window would load them in place of its own and fail, and a second qtmail that the browser
starts would take itself for a part of this one.
"""

import os

for name in list(os.environ):
    if name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH") or name.startswith("_PYI_"):
        del os.environ[name]

if (users_own := os.environ.pop("LD_LIBRARY_PATH_ORIG", None)) is not None:
    os.environ["LD_LIBRARY_PATH"] = users_own
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
