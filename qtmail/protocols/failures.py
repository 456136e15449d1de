"""The one table from library errors to ours: what `socket`, `ssl` and the system raise, in words.

The words name the server and say what happened; advice says what the user can do. What the library said
goes into `detail`.
"""

from __future__ import annotations

import errno
import socket
import ssl

from qtmail.errors import ConnectionFailed, Layer, QtmailError, TlsFailed
from qtmail.protocols.certificate_faults import certificate_failure

_ONLINE = "Check that this computer is online."
_PORT = "Check the server name and the port in the account's settings."
_SYSTEM: dict[int, tuple[str, str]] = {
    errno.ECONNREFUSED: ("{host} refused the connection: nothing answers on port {port} there.", _PORT),
    errno.ENETUNREACH: ("The network {host} is in cannot be reached.", _ONLINE),
    errno.EHOSTUNREACH: ("{host} cannot be reached.", _ONLINE),
    errno.ENETDOWN: ("The network is down.", _ONLINE),
    errno.EADDRNOTAVAIL: ("{host} cannot be reached from this network.", _ONLINE),
    errno.ECONNRESET: ("{host} dropped the connection.", ""),
    errno.ECONNABORTED: ("The connection to {host} was cut.", ""),
    errno.EPIPE: ("{host} closed the connection.", ""),
    errno.EACCES: (
        "This computer does not allow a connection to {host}, port {port}.",
        "Check the firewall.",
    ),
    errno.EPERM: ("This computer does not allow a connection to {host}, port {port}.", "Check the firewall."),
    errno.EMFILE: ("Too many connections and files are open on this computer.", "Restart qtmail."),
}

_NOT_TLS = (
    "{host} does not speak TLS on port {port}.",
    "If the provider names this port for STARTTLS (often 143, 110 or 587), choose that; else check the port.",
)
_TOO_OLD = (
    "{host} offers only outdated encryption (older than TLS 1.2), which qtmail does not use.",
    "Ask the server's owner to update it.",
)
_OWN_CERTIFICATE = (
    "{host} did not accept this side's certificate.",
    "Check the client certificate in the account's settings: who issued it, and that it has not expired.",
)
_HANDSHAKE: dict[str, tuple[str, str]] = {
    "WRONG_VERSION_NUMBER": _NOT_TLS,
    "RECORD_LAYER_FAILURE": _NOT_TLS,
    "UNKNOWN_PROTOCOL": _NOT_TLS,
    "HTTP_REQUEST": _NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": _NOT_TLS,
    "UNSUPPORTED_PROTOCOL": _TOO_OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _TOO_OLD,
    "NO_PROTOCOLS_AVAILABLE": _TOO_OLD,
    "DH_KEY_TOO_SMALL": _TOO_OLD,
    "EE_KEY_TOO_SMALL": _TOO_OLD,
    "CA_MD_TOO_WEAK": _TOO_OLD,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        "{host} and this computer found no encryption that both accept.",
        "Ask the server's owner to update it.",
    ),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        "{host} wants a client certificate.",
        "Choose the client certificate in the account's settings.",
    ),
    "TLSV1_ALERT_UNKNOWN_CA": _OWN_CERTIFICATE,
    "SSLV3_ALERT_BAD_CERTIFICATE": _OWN_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": _OWN_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _OWN_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _OWN_CERTIFICATE,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _OWN_CERTIFICATE,
    "TLSV1_UNRECOGNIZED_NAME": ("The server there does not know the name {host}.", _PORT),
}
_HANDSHAKE_OTHER = ("The encrypted connection to {host} could not be set up.", "")


def translate(error: Exception, host: str, port: int) -> QtmailError:
    """What to tell the user about an error of `socket`, `ssl` or the system met while speaking to a
    server."""
    match error:
        case QtmailError():
            return error
        case ssl.SSLCertVerificationError():
            return certificate_failure(error, host, certificate="")
        case ssl.SSLEOFError():
            return connection_closed(host, detail=str(error))
        case ssl.SSLError():
            sentence, advice = _HANDSHAKE.get(getattr(error, "reason", None) or "", _HANDSHAKE_OTHER)
            return TlsFailed(
                sentence.format(host=host, port=port),
                advice=advice,
                detail=str(error),
            )
        case socket.gaierror() | UnicodeError():
            return _look_up_failure(error, host)
        case TimeoutError():
            return ConnectionFailed(f"{host} did not answer on port {port}.", advice=_PORT, detail=str(error))
        case OSError():
            sentence, advice = _SYSTEM.get(error.errno or 0, ("The connection to {host} failed.", ""))
            return ConnectionFailed(
                sentence.format(host=host, port=port), advice=advice, detail=error.strerror or str(error)
            )
        case _:
            raise error


def _look_up_failure(error: Exception, host: str) -> ConnectionFailed:
    if isinstance(error, UnicodeError):
        sentence, advice = f"“{host}” is not a possible server name.", _PORT
    elif getattr(error, "errno", None) == socket.EAI_AGAIN:
        sentence, advice = f"The name {host} could not be looked up.", _ONLINE
    else:
        sentence, advice = f"No server called {host} was found.", f"{_ONLINE} {_PORT}"
    return ConnectionFailed(sentence, advice=advice, detail=str(error), layer=Layer.NAME_LOOKUP)


def connection_closed(host: str, *, detail: str = "") -> ConnectionFailed:
    """The server, or something on the way to it, closed the line."""
    return ConnectionFailed(f"{host} closed the connection.", detail=detail)


def no_answer(host: str, seconds: float) -> ConnectionFailed:
    """The line is open but silent."""
    return ConnectionFailed(f"{host} did not answer for {seconds:.0f} seconds.")


def during_handshake(error: Exception, host: str) -> ConnectionFailed:
    """The line broke, or fell silent, while encryption was being set up."""
    silent = isinstance(error, ConnectionFailed)
    what = "did not answer" if silent else "closed the connection"
    return ConnectionFailed(
        f"{host} {what} while encryption was being set up.",
        advice="Check the port, and whether the provider names it for TLS or for STARTTLS.",
        detail=str(error),
        layer=Layer.TLS,
    )
