"""Sizes as people read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale

from qtmail.ui.shared.sizes import format_size


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    locale = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(locale)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (14 * 1024, "14 KB"),
        (1_020_000, "996 KB"),
        (1_023_900, "1.0 MB"),
        (2_500_000, "2.4 MB"),
        (30 * 2**20, "30 MB"),
        (5 * 2**30, "5.0 GB"),
        (3 * 2**50, "3,072 TB"),
    ],
)
def test_format_size(size: int, words: str) -> None:
    assert format_size(size) == words
