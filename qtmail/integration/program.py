"""This program as the desktop sees it: its id, and the command that starts it."""

from __future__ import annotations

APP_ID = "io.github.qtmail.qtmail"
"""The name of its desktop entry, metainfo, icons and bundle."""
