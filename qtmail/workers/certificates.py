"""What the window may know of certificates: a door for dialogs, which see no protocols."""

from __future__ import annotations

from qtmail.protocols.certificates import describe

__all__ = ["describe"]
