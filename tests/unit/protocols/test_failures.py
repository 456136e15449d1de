"""From library errors to words."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from qtmail.errors import ConnectionFailed, Layer, QtmailError, ServerRefused, TlsFailed
from qtmail.protocols.failures import translate


@pytest.mark.parametrize(
    ("error", "kind", "layer", "words"),
    [
        (OSError(errno.ECONNREFUSED, "x"), ConnectionFailed, Layer.CONNECTION, "nothing answers on port 993"),
        (OSError(errno.ENETUNREACH, "x"), ConnectionFailed, Layer.CONNECTION, "cannot be reached"),
        (OSError(errno.EHOSTUNREACH, "x"), ConnectionFailed, Layer.CONNECTION, "cannot be reached"),
        (ConnectionResetError(errno.ECONNRESET, "x"), ConnectionFailed, Layer.CONNECTION, "dropped"),
        (OSError(12345, "odd"), ConnectionFailed, Layer.CONNECTION, "failed"),
        (OSError("no number"), ConnectionFailed, Layer.CONNECTION, "failed"),
        (TimeoutError("x"), ConnectionFailed, Layer.CONNECTION, "did not answer"),
        (socket.gaierror(socket.EAI_NONAME, "x"), ConnectionFailed, Layer.NAME_LOOKUP, "No server called"),
        (
            socket.gaierror(socket.EAI_AGAIN, "x"),
            ConnectionFailed,
            Layer.NAME_LOOKUP,
            "could not be looked up",
        ),
        (UnicodeError("label too long"), ConnectionFailed, Layer.NAME_LOOKUP, "not a possible server name"),
        (ssl.SSLEOFError(8, "EOF"), ConnectionFailed, Layer.CONNECTION, "closed the connection"),
        (ssl.SSLError(1, "[SSL] odd"), TlsFailed, Layer.TLS, "could not be set up"),
        (ssl.SSLCertVerificationError(1, "odd"), TlsFailed, Layer.TLS, "could not be trusted"),
    ],
)
def test_each_error_has_words(error: Exception, kind: type[QtmailError], layer: Layer, words: str):
    failure = translate(error, "imap.example.org", 993)
    assert isinstance(failure, kind)
    assert failure.layer is layer
    assert words in failure.sentence


def test_our_own_errors_pass():
    refused = ServerRefused("no")
    assert translate(refused, "host", 1) is refused


def test_what_is_no_failure_of_a_server_is_a_bug():
    with pytest.raises(ZeroDivisionError):
        translate(ZeroDivisionError(), "host", 1)
