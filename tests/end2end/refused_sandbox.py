"""A reader on a system that refuses user namespaces: a process of its own, Linux on x86-64 or ARM64.

    python -m tests.end2end.refused_sandbox ERRNO [--insist]

Prints "HTML" or "text", for how an HTML message is shown. With --insist QtWebEngine is started whatever was
found out about the sandbox before.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

import shiboken6
from PySide6.QtWidgets import QApplication

import qtmail.ui.message_view.html_view  # noqa: F401 - QtWebEngine is loaded while it can be read
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.message_view.web_environment import SANDBOX_VARIABLE, prepare_environment
from qtmail.ui.shared.theme import Theme
from tests.fakes.reading import html_message, text_message

NOBODY = 65534
CLONE_NUMBERS = {"x86_64": (56, 272), "aarch64": (220, 97)}
"""Of the system calls clone and unshare."""

_CLONE_NEWUSER = 0x10000000
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_LOAD, _JUMP_EQUAL, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_FAIL, _ALLOW = 0x00050000, 0x7FFF0000
_NUMBER, _FIRST_ARGUMENT = 0, 16


class _Program(ctypes.Structure):
    """struct sock_fprog (linux/filter.h)."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def refuse_user_namespaces(error: int) -> None:
    """From now on the system answers with this errno, here and in all children (seccomp(2))."""
    clone, unshare = CLONE_NUMBERS[platform.machine()]
    steps = (
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_EQUAL, 1, 0, clone),
        (_JUMP_EQUAL, 0, 3, unshare),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_BITS, 0, 1, _CLONE_NEWUSER),
        (_RETURN, 0, 0, _FAIL | error),
        (_RETURN, 0, 0, _ALLOW),
    )
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(packed))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "no filter for system calls")


def become_an_ordinary_user() -> None:
    """Root has no sandbox to be refused."""
    os.environ.pop(SANDBOX_VARIABLE, None)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def main(error: int, *, insist: bool) -> None:
    prepare_environment()
    qt = QApplication(sys.argv[:1])
    view = MessageView(Theme())
    view.show()
    view.show_message(text_message("words"))
    message = html_message("<p>the HTML part</p>")
    qt.processEvents()
    # So late, because an ordinary user may not be able to read the Python of root.
    become_an_ordinary_user()
    refuse_user_namespaces(error)
    if insist:
        view.body.web_view()
    view.show_message(message)
    print("HTML" if view.body.shows_html else "text", flush=True)
    shiboken6.delete(view)


if __name__ == "__main__":
    main(int(sys.argv[1]), insist="--insist" in sys.argv)
