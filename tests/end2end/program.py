"""qtmail as its users start it: a process with a profile of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end2end.dovecot import Dovecot, User

ROOT = Path(__file__).parent.parent.parent
TIME_LIMIT = 600.0


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command: its JSON answers, a list with one object a line, and its wall time in seconds."""

    answers: list[dict[str, Any]]
    seconds: float


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of a process that keeps all it writes in `home`."""
    return os.environ | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "QTMAIL_PROFILE": str(home / "profile"),
        "PYTHON_KEYRING_BACKEND": "tests.fakes.keyrings.FileKeyring",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def temporary_home() -> Iterator[Path]:
    """An empty directory, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qtmail-bench-") as directory:
        yield Path(directory)


class Program:
    """qtmail with one profile and one account on a test server.

    Attributes:
        environment: what its processes run in.
    """

    def __init__(self, server: Dovecot, user: User, home: Path, *, imap: str = "") -> None:
        """Add the account.

        Args:
            home: an empty directory for the profile and all else it may write.
            imap: where to connect instead of the server's TLS port, as `HOST:PORT/SECURITY`.
        """
        self._user = user
        self.environment = clean_environment(home) | {"SSL_CERT_FILE": str(server.ca_file)}
        imap = imap or f"{server.host}:{server.imaps_port}/tls"
        self.run("account", "add", "--email", user.address, "--user", user.name, "--imap", imap)

    def sync(self, *options: str) -> Run:
        """`qtmail sync` of everything."""
        return self.run("sync", *options)

    def run(self, *arguments: str) -> Run:
        """Run a command that signs in, with --json.

        Raises:
            subprocess.CalledProcessError: it failed; what it said has been shown.
        """
        command = [sys.executable, "-m", "qtmail", *arguments, "--password-stdin", "--json"]
        started = time.perf_counter()
        done = subprocess.run(
            command,
            env=self.environment,
            input=f"{self._user.password}\n",
            stdout=subprocess.PIPE,
            text=True,
            timeout=TIME_LIMIT,
            check=True,
        )
        seconds = time.perf_counter() - started
        return Run([json.loads(line) for line in done.stdout.splitlines()], seconds)
