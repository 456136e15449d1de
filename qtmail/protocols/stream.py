"""A buffered line to a server that counts what passes, gives up in time, and can be aborted from another
thread."""

from __future__ import annotations

import re
import selectors
import socket
import ssl
import time
import traceback

from qtmail.errors import ConnectionFailed, ProtocolViolation, Stopped, TlsFailed
from qtmail.protocols.certificates import der_fingerprint
from qtmail.protocols.channel_binding import ChannelBinding, channel_binding
from qtmail.protocols.failures import connection_closed, during_handshake, no_answer, translate
from qtmail.protocols.imap_values import Counters
from qtmail.protocols.wake import Wake

_LONGEST_USUAL_LINE = 2000
_PIECE = 256 * 1024
_SKIP_PIECE = 64 * 1024


class Stream:
    """Reads lines and blocks, writes in bursts. Any failure closes it; afterwards every call fails.

    Reading raises ConnectionFailed when the line breaks or stays silent for `timeout` seconds, and Stopped
    after `abort`; writing as well.
    """

    def __init__(self, connected: socket.socket, host: str, port: int, timeout: float, stop: Wake) -> None:
        """Take over a connected, non-blocking socket; `stop` ends every wait."""
        self._socket = connected
        self._host, self._port = host, port
        self._timeout = timeout
        self._stop = stop
        self._input = bytearray()
        self._position = 0
        self._output = bytearray()
        self._unanswered = False
        self._received = self._sent = self._round_trips = 0
        self._closed = False
        self.last_heard = 0.0

    @property
    def counters(self) -> Counters:
        return Counters(self._received, self._sent, self._round_trips)

    @property
    def local_address(self) -> str:
        """The IP address of this end of the line."""
        return str(self._socket.getsockname()[0])

    @property
    def encrypted(self) -> bool:
        return isinstance(self._socket, ssl.SSLSocket)

    @property
    def closed(self) -> bool:
        return self._closed

    # -- TLS ---------------------------------------------------------------------------------------

    @property
    def tls_version(self) -> str:
        """The protocol that encrypts the line ("TLSv1.3"), or "" on a clear one."""
        return (self._socket.version() or "") if isinstance(self._socket, ssl.SSLSocket) else ""

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Encrypt from here on. Raises ssl.SSLCertVerificationError untranslated, TlsFailed,
        ConnectionFailed, Stopped.

        Bytes that arrived in clear text after the server agreed to TLS were put there by someone on the
        line, to be taken for answers given inside TLS (CVE-2011-0411, CVE-2021-33515): refused.
        """
        if self._received and (self._position < len(self._input) or self._clear_text_waits()):
            self.close()
            raise TlsFailed(
                f"{self._host} sent data that did not belong before encryption began.",
                advice="Somebody on the network may be tampering with the connection. Nothing was sent.",
            )
        try:
            self._socket = self._wrapped(context)
            self._shake_hands(self._socket)
        except ssl.SSLCertVerificationError:
            self.close()
            raise
        except (ssl.SSLEOFError, ConnectionError, ConnectionFailed) as error:
            self.close()
            raise during_handshake(error, self._host) from error
        except (OSError, UnicodeError) as error:
            raise self._failed(error) from error

    def _wrapped(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        try:
            return context.wrap_socket(
                self._socket, server_hostname=self._host.rstrip("."), do_handshake_on_connect=False
            )
        except OSError as error:
            # On a line that was reset at this moment Python has moved the connection into a new socket by
            # then, which nobody but the trace of the error knows, and leaves it open.
            for frame, _ in traceback.walk_tb(error.__traceback__):
                half_made = frame.f_locals.get("self")
                if isinstance(half_made, ssl.SSLSocket):
                    half_made.close()
            raise

    def _clear_text_waits(self) -> bool:
        try:
            return bool(self._socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        except OSError as error:
            raise self._failed(error) from error

    def _shake_hands(self, secure: ssl.SSLSocket) -> None:
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                return secure.do_handshake()
            except ssl.SSLWantReadError:
                self._wait_until(selectors.EVENT_READ, deadline)
            except ssl.SSLWantWriteError:
                self._wait_until(selectors.EVENT_WRITE, deadline)

    def certificate(self) -> bytes:
        """The server's certificate (DER); only after `start_tls`."""
        assert isinstance(self._socket, ssl.SSLSocket)
        return self._socket.getpeercert(binary_form=True) or b""

    def channel_binding(self) -> ChannelBinding | None:
        """What ties a sign-in to this line; None on a clear one."""
        return channel_binding(self._socket) if isinstance(self._socket, ssl.SSLSocket) else None

    def fingerprint(self) -> str:
        return der_fingerprint(self.certificate())

    # -- reading -----------------------------------------------------------------------------------

    def read_line(self, limit: int) -> bytes:
        """The next line without its line end. Raises ProtocolViolation if it is longer than `limit` bytes."""
        searched = self._position
        while (end := self._input.find(b"\n", searched)) < 0:
            searched = len(self._input)
            if searched - self._position > limit:
                break
            searched -= self._fill()
        if end < 0 or end - self._position > limit:
            self.close()
            raise ProtocolViolation(f"{self._host} sent a line longer than {limit:,} bytes.")
        line = bytes(self._input[self._position : end])
        self._position = end + 1
        return line[:-1] if line.endswith(b"\r") else line

    def take(
        self, pattern: re.Pattern[bytes], size_group: int, end: bytes
    ) -> tuple[re.Match[bytes], bytes] | None:
        """Take a whole response at once: a line that fits `pattern`, as many bytes of data as its
        `size_group` says, and `end`. None, and nothing is taken, if the next bytes are something else.

        Waits for what is still missing of such a response, so call it only where an answer is due.
        """
        while (match := pattern.match(self._input, self._position)) is None:
            if self._has_line(_LONGEST_USUAL_LINE):
                return None
            self._fill()
        data_size = int(match[size_group])
        while len(self._input) < match.end() + data_size + len(end):
            moved = self._fill()
            match = pattern.match(self._input, match.start() - moved)
            assert match is not None
        data_end = match.end() + data_size
        if self._input[data_end : data_end + len(end)] != end:
            return None
        data = bytes(self._input[match.end() : data_end])
        self._position = data_end + len(end)
        return match, data

    def _has_line(self, longest: int) -> bool:
        """Whether the input holds the next line whole, or more of it than `longest` bytes."""
        return len(self._input) - self._position >= longest or self._input.find(b"\n", self._position) >= 0

    def line_waits(self) -> bool:
        """Whether the server has said something that can be read at once.

        Raises ConnectionFailed if it has closed the line instead.
        """
        if not self._has_line(_PIECE):
            self._input += self._try_receive(_PIECE) or b""
        return self._has_line(_PIECE)

    def read_exactly(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self._position + size
        if end <= len(self._input):
            data = bytes(self._input[self._position : end])
            self._position = end
            return data
        pieces = [bytes(self._input[self._position :])]
        self._input.clear()
        self._position = 0
        missing = size - len(pieces[0])
        while missing:
            pieces.append(self._receive(min(missing, _PIECE)))
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def peek(self, most: int) -> bytes:
        """What comes next, up to `most` bytes, left where it is; waits for the first of them."""
        if self._position == len(self._input):
            self._fill()
        return bytes(self._input[self._position : self._position + most])

    def skip(self, size: int) -> None:
        """Read past `size` bytes without keeping them."""
        while size:
            size -= len(self.read_exactly(min(size, _SKIP_PIECE)))

    def _fill(self) -> int:
        """Add what has arrived to the input, waiting for it; returns by how much the input was moved down."""
        moved = self._position
        if moved:
            del self._input[:moved]
            self._position = 0
        self._input += self._receive(_PIECE)
        return moved

    def _receive(self, most: int) -> bytes:
        if self._unanswered:
            self._round_trips += 1
            self._unanswered = False
        deadline = time.monotonic() + self._timeout
        while (data := self._try_receive(most)) is None:
            self._wait_until(selectors.EVENT_READ, deadline)
        return data

    def _try_receive(self, most: int) -> bytes | None:
        """What has arrived, up to `most` bytes, or None if nothing has."""
        self._check_usable()
        try:
            data = self._socket.recv(most)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return None
        except OSError as error:
            raise self._failed(error) from error
        if not data:
            self.close()
            raise connection_closed(self._host)
        self._received += len(data)
        self.last_heard = time.time()
        return data

    # -- writing -----------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Put into the next burst."""
        self._output += data

    def flush(self) -> None:
        """Send the burst."""
        if not self._output:
            return
        deadline = time.monotonic() + self._timeout
        while self._output:
            if not (count := self._try_send()):
                self._wait_until(selectors.EVENT_READ | selectors.EVENT_WRITE, deadline)
                # A server that waits for us to read before it reads on must not make both wait for ever.
                self._input += self._try_receive(_PIECE) or b""
                continue
            del self._output[:count]
            self._sent += count
            deadline = time.monotonic() + self._timeout
        self._unanswered = True

    def _try_send(self) -> int:
        self._check_usable()
        try:
            return self._socket.send(self._output)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return 0
        except OSError as error:
            raise self._failed(error) from error

    # -- waiting -----------------------------------------------------------------------------------

    def wait_for_line(self, seconds: float, wake: Wake) -> bool:
        """Wait until a whole line can be read (True), `wake` is set, or the time is over (False).

        Raises ConnectionFailed if the line breaks meanwhile, and Stopped.
        """
        deadline = time.monotonic() + seconds
        while self._input.find(b"\n", self._position) < 0 and len(self._input) < _PIECE:
            # TLS may hold data the selector does not see, and a readable socket need not hold a whole line.
            arrived = self._try_receive(_PIECE)
            if arrived:
                self._input += arrived
                continue
            remaining = deadline - time.monotonic()
            if wake.is_set or remaining <= 0:
                return False
            self._select(selectors.EVENT_READ, remaining, wake)
        return True

    def _wait_until(self, events: int, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0 or not self._select(events, remaining):
            self.close()
            raise no_answer(self._host, self._timeout)

    def _select(self, events: int, seconds: float, wake: Wake | None = None) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, events)
            selector.register(self._stop, selectors.EVENT_READ)
            if wake is not None:
                selector.register(wake, selectors.EVENT_READ)
            ready = selector.select(max(0.0, seconds))
        self._check_usable()
        return any(key.fileobj is self._socket for key, _ in ready)

    def set_timeout(self, seconds: float) -> float:
        """How long the server may stay silent from now on; returns what it was."""
        before, self._timeout = self._timeout, seconds
        return before

    # -- the end -----------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the line at once, without a word."""
        self._closed = True
        self._socket.close()

    def _check_usable(self) -> None:
        if self._stop.is_set:
            self.close()
            raise Stopped
        if self._closed:
            raise ConnectionFailed(f"The connection to {self._host} is closed.")

    def _failed(self, error: Exception) -> Exception:
        self.close()
        return translate(error, self._host, self._port)
