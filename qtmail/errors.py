"""What can go wrong, sorted by the layer that failed and by whether a retry can help.

Every error a user may meet carries a plain sentence (what happened, to what), advice (what to do about it)
and, for support, a technical detail. Library exceptions are translated into these at the boundary where they
arise, once. Anything that is not a `QtmailError` is a bug and is treated as one.
"""

from __future__ import annotations

from enum import StrEnum


class Layer(StrEnum):
    """Where a fault lies, in the order in which a connection meets them."""

    NAME_LOOKUP = "name lookup"
    CONNECTION = "connection"
    TLS = "encryption"
    GREETING = "greeting"
    CAPABILITY = "capability"
    SIGN_IN = "sign-in"
    FOLDER = "folder"
    QUOTA = "quota"
    CLOCK = "clock"
    PROTOCOL = "protocol"
    MESSAGE = "message"
    STORE = "local store"
    KEYRING = "password store"
    FILE = "file"
    SYSTEM = "system"
    USAGE = "usage"


class Retry(StrEnum):
    """Whether trying the same thing again can help."""

    LATER = "later"
    """The environment may recover by itself: retry with backoff."""
    ASK_USER = "ask user"
    """Only the user can mend it (password, certificate, settings): do not retry before they did."""
    NEVER = "never"
    """The same request will always fail."""


class QtmailError(Exception):
    """A fault in the environment, told in words.

    Attributes:
        sentence: what happened, to what; a full sentence for the user.
        advice: what the user can do; may be empty.
        detail: the technical cause (library error, server's words), without secrets; may be empty.
        layer: where it failed.
        retry: whether a retry can help.
    """

    layer: Layer = Layer.PROTOCOL
    retry: Retry = Retry.NEVER

    def __init__(
        self,
        sentence: str,
        *,
        advice: str = "",
        detail: str = "",
        layer: Layer | None = None,
        retry: Retry | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice
        self.detail = detail
        if layer is not None:
            self.layer = layer
        if retry is not None:
            self.retry = retry

    def __str__(self) -> str:
        return " ".join(part for part in (self.sentence, self.advice) if part)


class ConnectionFailed(QtmailError):
    """The line to a server could not be opened or broke."""

    layer = Layer.CONNECTION
    retry = Retry.LATER


class HandedOver(ConnectionFailed):
    """The line broke after all of an outgoing message was sent and before the answer came.

    Nobody knows whether it will be delivered, so it must not be sent again without looking.
    """

    retry = Retry.ASK_USER


class TlsFailed(QtmailError):
    """The line could not be encrypted, or the server could not prove who it is.

    Attributes:
        certificate: the PEM text of the certificate the server showed, or "" if none was seen.
    """

    layer = Layer.TLS
    retry = Retry.ASK_USER

    def __init__(self, sentence: str, *, certificate: str = "", advice: str = "", detail: str = "") -> None:
        super().__init__(sentence, advice=advice, detail=detail)
        self.certificate = certificate


class SignInFailed(QtmailError):
    """The server refused the user name or password."""

    layer = Layer.SIGN_IN
    retry = Retry.ASK_USER


class TokenRefused(SignInFailed):
    """The server refused an access token; another one, or a new permission, may be accepted."""


class ClearPasswordRefused(SignInFailed):
    """The password would have gone over a line that is not encrypted; the user may allow that."""


class PasswordNeeded(QtmailError):
    """No password is known for an account, so nothing was sent to the server."""

    layer = Layer.SIGN_IN
    retry = Retry.ASK_USER


class SignInExpired(QtmailError):
    """The provider's permission (an OAuth token) is gone or was never given: the user signs in again, in the
    browser. The account and its mail stay as they are.
    """

    layer = Layer.SIGN_IN
    retry = Retry.ASK_USER


class KeyringFailed(QtmailError):
    """The system's password store is missing, locked or refused."""

    layer = Layer.KEYRING
    retry = Retry.ASK_USER


class VaultLocked(KeyringFailed):
    """The file with the passwords is locked: its master password is needed."""


class ServerRefused(QtmailError):
    """The server answered NO or BAD to one request; the session can go on."""

    layer = Layer.PROTOCOL
    retry = Retry.NEVER


class ProtocolViolation(QtmailError):
    """The server sent something its protocol does not allow; the session is closed."""

    layer = Layer.PROTOCOL
    retry = Retry.LATER


class StoreFailed(QtmailError):
    """The local database could not be read or written."""

    layer = Layer.STORE
    retry = Retry.LATER


class FileFailed(QtmailError):
    """A file of the user's could not be read or written."""

    layer = Layer.FILE


class SystemRefused(QtmailError):
    """The system would not arrange something, as a start at sign-in or the default mail program."""

    layer = Layer.SYSTEM


class MessageUnsendable(QtmailError):
    """Something about a message keeps it from being sent; the draft stays as it is."""

    layer = Layer.MESSAGE
    retry = Retry.ASK_USER


class UsageError(QtmailError):
    """The command line asked for something that makes no sense."""

    layer = Layer.USAGE


class Stopped(Exception):
    """The work was asked to stop; not a fault."""
