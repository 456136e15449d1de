"""Initials, as people are called."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from qtmail.ui.shared.avatar import Avatar, initials
from qtmail.ui.shared.theme import Theme


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("Anna Berg", "", "AB"),
        ("Berg, Anna Maria", "", "AB"),
        ("anna", "", "A"),
        ("Juan Carlos de la Cruz", "", "JC"),
        ('"Anna Berg"', "", "AB"),
        ("“Café Nord”", "", "CN"),
        ("Anna Berg (Festival office)", "", "AB"),
        ("Anna Berg via Lists", "", "AB"),
        ("Émile Zola", "", "ÉZ"),
        ("王小明", "", "小明"),
        ("张伟", "", "张伟"),
        ("欧阳 修文", "", "修文"),
        ("中国银行信用卡中心", "", "中国"),
        ("김민준", "", "민준"),
        ("", "xiaoming@example.cn", "X"),
        ("", "7eleven@example.com", "7"),
        ("***", "", "?"),
        ("", "", "?"),
    ],
)
def test_initials(name: str, address: str, expected: str) -> None:
    assert initials(name, address) == expected


def test_the_avatar_has_the_colour_of_the_address(qtbot: QtBot) -> None:
    theme = Theme()
    avatar = Avatar(theme, size=40)
    qtbot.addWidget(avatar)
    avatar.show_person("Anna Berg", "anna@example.com")
    avatar.resize(40, 40)
    edge = avatar.grab().toImage().pixelColor(20, 3)
    assert edge == theme.colors().avatar("anna@example.com")
