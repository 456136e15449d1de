"""What a person sees on an X screen: the titles of its windows."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_uint, c_ulong, c_void_p


class Screen:
    """The windows of one display, read with Xlib where no window manager need be."""

    def __init__(self, display: str) -> None:
        self._x11 = ctypes.CDLL("libX11.so.6")
        self._x11.XOpenDisplay.restype = c_void_p
        self._x11.XDefaultRootWindow.restype = c_ulong
        self._display = c_void_p(self._x11.XOpenDisplay(display.encode()))

    def titles(self) -> list[str]:
        """The titles of the windows on the screen, in alphabetical order."""
        return sorted(filter(None, map(self._title, self._windows())))

    def close(self) -> None:
        self._x11.XCloseDisplay(self._display)

    def _windows(self) -> Iterator[int]:
        root = c_ulong(self._x11.XDefaultRootWindow(self._display))
        parent, count, children = c_ulong(), c_uint(), POINTER(c_ulong)()
        self._x11.XQueryTree(self._display, root, byref(root), byref(parent), byref(children), byref(count))
        yield from children[: count.value]
        self._x11.XFree(children)

    def _title(self, window: int) -> str:
        """WM_NAME; windows that close meanwhile have none."""
        name = c_char_p()
        self._x11.XFetchName(self._display, c_ulong(window), byref(name))
        return (name.value or b"").decode("latin-1")
