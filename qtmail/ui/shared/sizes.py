"""The one place that turns byte counts into words."""

from __future__ import annotations

from PySide6.QtCore import QLocale

_UNITS = ("KB", "MB", "GB", "TB")
_STEP = 1024


def format_size(size: int) -> str:
    """`size` bytes as people read it: "0 bytes", "812 bytes", "14 KB", "2.4 MB", "30 MB"."""
    if size < _STEP:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    amount = size / _STEP
    unit = 0
    # 999.5 and not 1024: "1,010 KB" is longer than "1.0 MB" and says no more.
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount /= _STEP
        unit += 1
    decimals = 1 if unit and amount < 9.95 else 0
    return f"{QLocale().toString(amount, 'f', decimals)} {_UNITS[unit]}"
