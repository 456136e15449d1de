"""Whether QtWebEngine can start on this system, found out before it is loaded; Linux only.

Chromium begins by starting a process in a user namespace of its own (clone(2), CLONE_NEWUSER). If that is
refused for a reason its authors foresaw, it goes on with what remains of its sandbox, the system call filter;
for any other reason it ends the whole program (sandbox/linux/services/credentials.cc). QtWebEngine 6.11:

| clone answers | for example | Chromium |
| --- | --- | --- |
| EPERM | a chroot, Docker, Debian's kernel.unprivileged_userns_clone=0 | goes on |
| ENOSPC | user.max_user_namespaces=0 | goes on |
| EACCES | a policy of AppArmor | ends the program |
| ENOSYS | a container's system call filter | ends the program |

So the system is asked the same here. The child has the C library's `_exit` as its whole program and shares
the memory of this process until it ends, as after vfork(2): nothing is copied, no Python runs in it, and it
takes 0.2 ms.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from qtmail.log import logger
from qtmail.ui.message_view.web_environment import SANDBOX_VARIABLE

# sched.h; Python has them from 3.12.
_CLONE_VM = 0x100
_CLONE_VFORK = 0x4000
_CLONE_NEWUSER = 0x10000000
_STACK_BYTES = 64 * 1024
_STACK_ALIGNMENT = 16

_FORESEEN = (0, errno.EPERM, errno.EUSERS, errno.EINVAL, errno.ENOSPC)

_APPARMOR_RESTRICTS = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")

log = logger("web")


class MissingSandbox(Enum):
    """Why HTML cannot be displayed."""

    APPARMOR = auto()
    """AppArmor gives user namespaces only to the programs it knows, as in Ubuntu since 23.10."""
    OTHER = auto()


def user_namespace_error() -> int:
    """The errno with which the system refuses a process in a user namespace of its own, or 0."""
    import ctypes  # noqa: PLC0415 - asked with the first HTML message, and not before the window is shown

    libc = ctypes.CDLL(None, use_errno=True)
    stack = ctypes.create_string_buffer(_STACK_BYTES)
    top = (ctypes.addressof(stack) + _STACK_BYTES) // _STACK_ALIGNMENT * _STACK_ALIGNMENT
    flags = _CLONE_VM | _CLONE_VFORK | _CLONE_NEWUSER | signal.SIGCHLD
    child = libc.clone(libc._exit, ctypes.c_void_p(top), flags, None)
    if child == -1:
        return ctypes.get_errno()
    with suppress(ChildProcessError):  # a library that waits for all children was faster
        os.waitpid(child, 0)
    return 0


def missing_sandbox(
    environment: Mapping[str, str] = os.environ,
    probe: Callable[[], int] = user_namespace_error,
    apparmor_restricts: Path = _APPARMOR_RESTRICTS,
) -> MissingSandbox | None:
    """Why QtWebEngine would end the program, or None if it can start; asking loads nothing."""
    if sys.platform != "linux" or environment.get(SANDBOX_VARIABLE):
        return None
    error = probe()
    if error in _FORESEEN:
        if error:
            log.info(
                "the display of HTML has no namespaces, only a system call filter: %s", os.strerror(error)
            )
        return None
    log.info("HTML cannot be displayed: no user namespace for its sandbox: %s", os.strerror(error))
    return MissingSandbox.APPARMOR if _is_on(apparmor_restricts) else MissingSandbox.OTHER


def _is_on(setting: Path) -> bool:
    try:
        return setting.read_text().strip() not in ("", "0")
    except OSError:
        return False
