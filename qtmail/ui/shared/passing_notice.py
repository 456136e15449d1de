"""Strips that go away by themselves: what they say is true, or can be done, for a while only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer

from qtmail.ui.shared.notice_strip import NoticeAction, NoticeArea, NoticeStrip


def show_passing_notice(
    area: NoticeArea, key: str, text: str, *, milliseconds: int, actions: Sequence[NoticeAction] = ()
) -> NoticeStrip:
    """Show a strip that stays so long, or until the user closes it."""
    strip = area.show_notice(key, text, actions=actions)
    # A child of the strip: where another strip has taken its place, the timer is gone as well.
    timer = QTimer(strip, singleShot=True, interval=max(0, milliseconds))
    timer.timeout.connect(lambda: area.remove(key))
    timer.start()
    return strip
