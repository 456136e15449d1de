"""A private X screen without hardware (Xvfb), for what Qt's offscreen platform cannot show."""

from __future__ import annotations

import os
import select
import shutil
from types import TracebackType

from tests.end2end.processes import START_LIMIT, ServerFailed, ServerProcess, program, public_directory


class Xvfb:
    """A running X server; use it as a context manager or call `stop`.

    Attributes:
        display: what goes into DISPLAY (":101").
    """

    def __init__(self, *, width: int = 1280, height: int = 800) -> None:
        """Start it on a display number that it finds free itself, and return when it takes connections.

        Raises:
            ServerMissing: Xvfb is not installed.
            ServerFailed: it did not start.
        """
        binary = program("Xvfb")
        self._directory = public_directory("xvfb-")
        reading, writing = os.pipe()
        command = [binary, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        command += ["-nolisten", "tcp", "-noreset"]
        try:
            self._process = ServerProcess(command, self._directory / "xvfb.log", pass_fds=(writing,))
            os.close(writing)
            self.display = f":{self._read_number(reading)}"
        finally:
            os.close(reading)

    def __enter__(self) -> Xvfb:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs to open its windows on this screen."""
        return {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def _read_number(self, reading: int) -> int:
        """Xvfb writes its display number, and a line end, once it is ready."""
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([reading], [], [], START_LIMIT)
            piece = os.read(reading, 16) if ready else b""
            if not piece:
                log = self._process.log()
                self.stop()
                raise ServerFailed(f"Xvfb did not start\n{log}")
            text += piece
        return int(text)
