"""The demo's mail server: IMAP and SMTP on 127.0.0.1, on a thread of its own."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from qtmail.demo.render import Sample
from qtmail.demo.samples import OWNER, load_samples
from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.errors import ConnectionFailed, Layer
from qtmail.log import logger

if TYPE_CHECKING:
    from qtmail.demo.imap import DemoMailboxes

log = logger("demo")

START_SECONDS = 15.0
STOP_SECONDS = 2.0
DELIVER_SECONDS = 10.0


class DemoServer:
    """A mail server for one user, filled with the sample mail; lives as long as it is not stopped.

    Its event loop runs on a plain thread. All public methods may be called from any other thread.

    Attributes:
        imap, smtp: where to connect to; known once the server is started.
        password: made anew for each server.
    """

    imap: ServerSettings
    smtp: ServerSettings

    def __init__(self, samples: Iterable[Sample] | None = None) -> None:
        """`samples` fill the mailboxes; None takes the sample mail that comes with qtmail."""
        self._samples = samples
        self.password = secrets.token_urlsafe(12)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._mailboxes: DemoMailboxes | None = None
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def account(self) -> Account:
        """The demo user's account on this server."""
        return Account(
            id=0,
            name="Demo",
            address=OWNER.address,
            full_name=OWNER.name,
            imap=self.imap,
            smtp=self.smtp,
            sync=SyncPolicy(bodies=BodyPolicy.ALL),
        )

    def start(self) -> None:
        """Return when both servers answer and all mail is in place.

        Raises:
            ConnectionFailed: no port could be opened, or the server did not start.
        """
        samples = load_samples() if self._samples is None else list(self._samples)
        imap_listener, smtp_listener = _listen(), _listen()
        self.imap = _settings(imap_listener)
        self.smtp = _settings(smtp_listener)
        self._thread = threading.Thread(
            target=self._run, args=(samples, imap_listener, smtp_listener), name="demo-server", daemon=True
        )
        self._thread.start()
        self._ready.wait(START_SECONDS)
        if self._mailboxes is None:
            raise ConnectionFailed("The demo's mail server did not start.", layer=Layer.GREETING)

    def stop(self) -> None:
        """Close every connection and end the thread, within two seconds; harmless when not running."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if thread.is_alive() and self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            log.warning("the demo server did not stop within %s s", STOP_SECONDS)

    def deliver(
        self,
        message: bytes,
        folder: str = "INBOX",
        flags: Iterable[str] = (),
        when: datetime | None = None,
    ) -> None:
        """Put a message into a folder as if it had just arrived; clients that watch the folder are told.

        Args:
            message: in RFC 5322 form.
            folder: its path; made if it does not exist.
            flags: as IMAP writes them (`\\Seen`, `$Forwarded`, `work`).
            when: the time of arrival, aware; None for now.
        """
        assert self._loop is not None and self._mailboxes is not None
        append = self._mailboxes.append(message, folder, frozenset(flags), when, recent=True)
        asyncio.run_coroutine_threadsafe(append, self._loop).result(DELIVER_SECONDS)

    def _run(self, samples: list[Sample], imap_listener: socket.socket, smtp_listener: socket.socket) -> None:
        try:
            asyncio.run(self._serve(samples, imap_listener, smtp_listener))
        finally:
            # Whoever waits in start() must not wait longer when the server failed.
            self._ready.set()

    async def _serve(
        self, samples: list[Sample], imap_listener: socket.socket, smtp_listener: socket.socket
    ) -> None:
        # Two mail servers that only the demo needs.
        from qtmail.demo.imap import DemoMailboxes  # noqa: PLC0415
        from qtmail.demo.smtp import DemoSubmission  # noqa: PLC0415

        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        mailboxes = DemoMailboxes(OWNER.address, self.password)
        for sample in samples:
            await mailboxes.append(sample.message, sample.folder, sample.flags, sample.when, recent=False)

        async def deliver(message: bytes) -> None:
            await mailboxes.append(message, "INBOX", frozenset(), None, recent=True)

        submission = DemoSubmission(OWNER, self.password, deliver)
        servers = (await mailboxes.serve(imap_listener), await submission.serve(smtp_listener))
        self._mailboxes = mailboxes
        self._ready.set()
        await self._stopping.wait()
        for server in servers:
            server.close()
        # asyncio.run() now cancels the connections that are left; each says BYE to its client.


def _listen() -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", 0))
    except OSError as error:
        raise ConnectionFailed(
            "The demo's mail server could not open a port on this computer.", detail=str(error)
        ) from error


def _settings(listener: socket.socket) -> ServerSettings:
    host, port = listener.getsockname()
    return ServerSettings(host, port, Security.NONE, OWNER.address)
