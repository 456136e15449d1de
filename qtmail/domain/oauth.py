"""Signing in at a provider instead of with a password (OAuth 2.0, RFC 6749): who the providers are, and what
they give.

qtmail is registered with none of the providers below, so none of them has a client id here. Whoever builds
and hands on qtmail registers it and sets the ids; a user can also register a client of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """Who gives out tokens, and how to ask for them.

    Attributes:
        name: as in `SignIn.provider`: "google" and so on, or the issuer's URL.
        title: what people call it.
        authorization_url: the page the browser is sent to (RFC 6749 section 3.1).
        token_url: where a code or refresh token becomes an access token (section 3.2).
        device_url: where a device code is asked for (RFC 8628); "" where the provider has none for mail.
        scopes: what is asked for: reading by IMAP and POP3, sending, and a refresh token.
        client_id: who qtmail is to the provider; "" while it is not registered there.
        client_secret: what some providers want from a registered program besides; no secret of the user's,
            and in a program that everybody has no secret at all (RFC 8252 section 8.5).
        issuer: what an answer must say in `iss`, where it says it (RFC 9207); "": not checked.
        extra: further parameters of the page's address.
    """

    name: str
    title: str
    authorization_url: str
    token_url: str
    device_url: str = ""
    scopes: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    issuer: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrowserStep:
    """The user goes on in the browser, on this page."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceStep:
    """The user opens a page on any device and types a code there.

    Attributes:
        expires_at: until when the code is good; seconds since 1970, UTC.
    """

    user_code: str = field(repr=False)
    url: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Permission:
    """What the provider gave: the right to use the user's mail, until it is taken back.

    Attributes:
        refresh_token: gets further access tokens.
        access_token: opens the mail; "" if there is none yet.
        expires_at: when the access token ends; seconds since 1970, UTC.
        scope: what it is good for, as the provider wrote it; "": what was asked for.
        client_secret: of the user's own client, without which the refresh token is of no use.
    """

    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    expires_at: float = 0.0
    scope: str = ""
    client_secret: str = field(default="", repr=False)


_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"
_OUTLOOK = "https://outlook.office.com"

_PROVIDERS = (
    OAuthProvider(
        "google",
        "Google",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        # Google's device codes are not for mail: its scope is not among those they may ask for.
        scopes=("https://mail.google.com/",),
        issuer="https://accounts.google.com",
        # Without both, Google gives a refresh token only the first time a user agrees.
        extra={"access_type": "offline", "prompt": "consent"},
    ),
    OAuthProvider(
        "microsoft",
        "Microsoft",
        f"{_MICROSOFT}/authorize",
        f"{_MICROSOFT}/token",
        f"{_MICROSOFT}/devicecode",
        scopes=(
            f"{_OUTLOOK}/IMAP.AccessAsUser.All",
            f"{_OUTLOOK}/POP.AccessAsUser.All",
            f"{_OUTLOOK}/SMTP.Send",
            "offline_access",
        ),
        # The issuer of an account names its organisation, which is not known before: not checked.
    ),
    OAuthProvider(
        "yahoo",
        "Yahoo",
        "https://api.login.yahoo.com/oauth2/request_auth",
        "https://api.login.yahoo.com/oauth2/get_token",
        scopes=("mail-w",),
    ),
    OAuthProvider(
        "aol",
        "AOL",
        "https://api.login.aol.com/oauth2/request_auth",
        "https://api.login.aol.com/oauth2/get_token",
        scopes=("mail-w",),
    ),
)

KNOWN_PROVIDERS: Mapping[str, OAuthProvider] = {provider.name: provider for provider in _PROVIDERS}
