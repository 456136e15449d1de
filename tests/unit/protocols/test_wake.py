"""The switch that ends waits."""

from __future__ import annotations

import contextlib
import select

from qtmail.protocols.wake import Wake


def readable(wake: Wake) -> bool:
    return bool(select.select([wake], [], [], 0)[0])


def test_it_is_readable_while_it_is_set():
    with contextlib.closing(Wake()) as wake:
        assert not readable(wake)
        for _ in range(3):
            wake.set()
        assert wake.is_set
        assert readable(wake)
        wake.clear()
        wake.clear()
        assert not readable(wake)
        wake.set()
        assert readable(wake)


def test_setting_it_after_it_was_closed_does_nothing():
    wake = Wake()
    wake.close()
    wake.set()
    wake.clear()
    wake.close()
