"""How a user proves who they are, and with what. The secrets themselves live in credentials only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class SignInMethod(StrEnum):
    """What an account signs in with, on all of its servers."""

    PASSWORD = "password"
    """A password, an app password or an authorisation code: to the protocols all the same."""
    OAUTH = "oauth"
    """An access token, which the user's provider gives out in the browser (RFC 6749)."""
    CERTIFICATE = "certificate"
    """A client certificate (SASL EXTERNAL, RFC 4422 appendix A)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How an account signs in; nothing in it is secret.

    Attributes:
        provider: with OAUTH, who gives out the tokens: the name of a known provider ("google", "microsoft",
            "yahoo", "aol") or the issuer's URL (RFC 8414).
        client_id: with OAUTH, the user's own client id; "": the one this program has at that provider.
        certificate_file: with CERTIFICATE, the path of a PEM file with the certificate and its key.
    """

    method: SignInMethod = SignInMethod.PASSWORD
    provider: str = ""
    client_id: str = ""
    certificate_file: str = ""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that opens one user's mail until it expires (RFC 6750)."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate of the user's own, shown to the server during the TLS handshake.

    Attributes:
        file: path of a PEM file with the certificate and its private key.
        passphrase: of the key; "" where it has none.
    """

    file: str
    passphrase: str = field(default="", repr=False)


Secret: TypeAlias = str | AccessToken | ClientCertificate
"""What a session signs in with; a plain text is a password."""
