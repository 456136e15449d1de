"""What every server started by a test needs: free ports, waiting for a condition, a certain end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"
START_LIMIT = 20.0
"""Seconds a server may take to accept its first connection."""
STOP_LIMIT = 5.0
POLL_INTERVAL = 0.01


class ServerError(Exception):
    """A server that a test needs cannot be had."""


class ServerMissing(ServerError):
    """A program that a test needs is not installed."""


class ServerFailed(ServerError):
    """A server ended, or did not answer, before it was ready; the message carries its log."""


def program(*names: str) -> str:
    """The path of the first of these programs that is installed; looks in /usr/sbin for ordinary users too.

    Raises:
        ServerMissing: none of them is there.
    """
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    for name in names:
        if found := shutil.which(name, path=search):
            return found
    raise ServerMissing(f"{names[0]} is not installed; `make prepare` installs it.")


def wait_until(condition: Callable[[], object], limit: float, what: str) -> None:
    """Return as soon as `condition()` is true; raise TimeoutError naming `what` after `limit` seconds."""
    end = time.monotonic() + limit
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit:g} s in vain for {what}")
        pause.wait(POLL_INTERVAL)


def free_ports(count: int) -> list[int]:
    """`count` different loopback ports that nothing listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for held in sockets:
            held.bind((LOOPBACK, 0))
        return [held.getsockname()[1] for held in sockets]


def accepts(port: int) -> bool:
    """Whether something listens on this loopback port."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def public_directory(prefix: str) -> Path:
    """A new short-named directory that daemons running as other users can enter (pytest's are private)."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o755)
    return directory


def _dies_with_its_parent() -> list[str]:
    """What to put before a command that shall not outlive a killed test run (prctl(2), Linux only).

    Postfix takes no notice: changing its effective user, as it does, cancels the request.
    """
    with contextlib.suppress(ServerMissing):
        return [program("setpriv"), "--pdeathsig", "TERM"]
    return []


class ServerProcess:
    """A server in the foreground of its own process group, so that no child outlives the test.

    Attributes:
        log_file: where the server writes; shown when it fails to start.
    """

    def __init__(self, command: Sequence[str], log_file: Path, *, pass_fds: Sequence[int] = ()) -> None:
        self.log_file = log_file
        with log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [*_dies_with_its_parent(), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=pass_fds,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for_ports(self, ports: Sequence[int]) -> None:
        """Return once all ports accept connections.

        Raises:
            ServerFailed: the process ended, or START_LIMIT passed.
        """
        try:
            wait_until(lambda: self._alive() and all(map(accepts, ports)), START_LIMIT, f"ports {ports}")
        except TimeoutError as error:
            self.stop()
            raise ServerFailed(f"{error}\n{self.log()}") from error

    def log(self) -> str:
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    def stop(self) -> None:
        """End the server and all its children: the parent is asked, what is left of its group is killed."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_LIMIT)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _alive(self) -> bool:
        if self._process.poll() is not None:
            raise ServerFailed(f"ended with status {self._process.returncode}\n{self.log()}")
        return True
