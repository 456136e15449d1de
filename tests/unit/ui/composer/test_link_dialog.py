"""Links as people type them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from qtmail.ui.composer.link_dialog import LinkDialog, complete_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("a.example", "https://a.example"),
        ("https://a.example/x", "https://a.example/x"),
        ("ann@a.example", "mailto:ann@a.example"),
        ("mailto:ann@a.example", "mailto:ann@a.example"),
        ("localhost:8080/x", "https://localhost:8080/x"),
        ("  a.example/ä ", "https://a.example/ä"),
    ],
)
def test_what_was_left_out_is_added(typed: str, address: str):
    assert complete_address(typed) == address


def test_the_address_is_the_text_where_there_is_none(qtbot: QtBot):
    dialog = LinkDialog("", "")
    qtbot.addWidget(dialog)
    dialog._address.setText("a.example")
    assert (dialog.href(), dialog.text()) == ("https://a.example", "a.example")


def test_a_link_that_is_there_can_be_removed(qtbot: QtBot):
    dialog = LinkDialog("https://a.example", "here")
    qtbot.addWidget(dialog)
    next(one for one in dialog.findChildren(QPushButton) if one.text() == "Remove link").click()
    assert dialog.removed and dialog.result() == LinkDialog.DialogCode.Accepted
