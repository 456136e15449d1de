"""The source of a message, however large or broken."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from qtmail.ui.message_view.source_window import MOST_SHOWN, SourceWindow
from qtmail.ui.shared.theme import Theme


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"From: a\r\n\r\ntext\r\n", "From: a\n\ntext\n"),
        ("Subject: 你好".encode(), "Subject: 你好"),
        (b"Subject: caf\xe9 and on and on", "Subject: café and on and on"),
        (b"nul\x00byte", "nul\u2400byte"),
    ],
)
def test_the_source_is_shown(qtbot: QtBot, source: bytes, text: str) -> None:
    window = SourceWindow(Theme(), "Source", source)
    qtbot.addWidget(window)
    assert window.text() == text


def test_only_the_beginning_of_a_large_source_is_shown(qtbot: QtBot) -> None:
    window = SourceWindow(Theme(), "Source", "字".encode() * MOST_SHOWN)
    qtbot.addWidget(window)
    strip = window.notices().notice("shortened")
    assert strip is not None
    assert strip.text() == "Only the first 2.0 MB of 6.0 MB are shown."
    assert set(window.text()) == {"字"}
    button = strip.button("Save…")
    assert button is not None
    with qtbot.waitSignal(window.save_wanted):
        button.click()
