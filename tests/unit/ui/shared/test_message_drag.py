from __future__ import annotations

import os
from array import array

from PySide6.QtCore import QMimeData

from qtmail.ui.shared.message_drag import MESSAGES, dragged_messages, message_data


def test_what_is_dragged_arrives() -> None:
    assert list(dragged_messages(message_data([3, 1, 2**40]))) == [3, 1, 2**40]


def test_what_is_no_message_of_this_program_is_none() -> None:
    other = QMimeData()
    assert list(dragged_messages(other)) == []
    for content in (b"", b"x", array("q", [os.getpid() + 1, 3]).tobytes()):
        other.setData(MESSAGES, content)
        assert list(dragged_messages(other)) == []
