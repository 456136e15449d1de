"""Sensible times to send a message at."""

from __future__ import annotations

from datetime import datetime

import pytest
from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QDateTimeEdit, QRadioButton
from pytestqt.qtbot import QtBot

from qtmail.ui.composer.send_later_dialog import SendLaterDialog, choices


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-06 10:00", ["05-06 11:00", "05-06 19:00", "05-07 08:00", "05-11 08:00"]),  # a Wednesday
        ("2026-05-06 20:00", ["05-06 21:00", "05-07 08:00", "05-11 08:00"]),  # the evening has begun
        ("2026-05-10 10:00", ["05-10 11:00", "05-10 19:00", "05-11 08:00"]),  # tomorrow is Monday
        ("2026-05-11 07:00", ["05-11 08:00", "05-11 19:00", "05-12 08:00", "05-18 08:00"]),
    ],
)
def test_times_that_make_sense(now: str, expected: list[str]):
    offered = choices(datetime.fromisoformat(now).astimezone())
    assert [f"{when:%m-%d %H:%M}" for _, when in offered] == expected


def test_the_first_is_chosen(qtbot: QtBot):
    now = datetime.fromisoformat("2026-05-06 10:00").astimezone()
    dialog = SendLaterDialog(now)
    qtbot.addWidget(dialog)
    assert f"{dialog.when():%m-%d %H:%M}" == "05-06 11:00"
    dialog.findChildren(QRadioButton)[1].click()
    assert f"{dialog.when():%m-%d %H:%M}" == "05-06 19:00"


def test_any_other_time_is_chosen_by_entering_it(qtbot: QtBot):
    dialog = SendLaterDialog()
    qtbot.addWidget(dialog)
    wanted = QDateTime.currentDateTime().addDays(3)
    dialog.findChildren(QDateTimeEdit)[0].setDateTime(wanted)
    assert round(dialog.when().timestamp()) == wanted.toSecsSinceEpoch()
