"""What an authorization server says about itself (RFC 8414, OpenID Connect Discovery): where to sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from qtmail.domain.oauth import OAuthProvider
from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, QtmailError, Retry
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.oauth import https_only, json_object
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import web_get

# What is asked for, of that which the server says it has.
_MAIL_SCOPES = ("urn:ietf:params:oauth:scope:mail", "mail", "openid", "email", "offline_access")


def find_provider(issuer: str, *, trust: TlsTrust, stop: Wake | None = None) -> OAuthProvider:
    """The provider with this issuer URL, from its metadata (RFC 8414, or OpenID Connect Discovery).

    Raises ConnectionFailed, TlsFailed, ProtocolViolation, QtmailError, Stopped.
    """
    statuses = []
    try:
        urls = _metadata_urls(https_only(issuer))
    except ValueError as error:
        raise _no_issuer(issuer, error) from error
    for url in urls:
        answer = web_get(url, trust=trust, stop=stop)
        said = json_object(answer)
        if said is not None and "token_endpoint" in said:
            return _provider(issuer, said)
        statuses.append(answer.status)
    raise _no_metadata(urlsplit(issuer).hostname or issuer, statuses)


def _no_issuer(issuer: str, error: ValueError) -> QtmailError:
    return QtmailError(
        f"“{issuer}” is not the https address of a provider.",
        advice="Check the provider's address in the account's settings.",
        detail=str(error),
        layer=Layer.SIGN_IN,
        retry=Retry.ASK_USER,
    )


def _no_metadata(host: str, statuses: list[int]) -> QtmailError:
    detail = f"no metadata (RFC 8414): {statuses}"
    if all(400 <= status < 500 and status != 429 for status in statuses):
        return ProtocolViolation(
            f"{host} does not say how to sign in there.",
            advice="Check the provider's address in the account's settings.",
            detail=detail,
            retry=Retry.ASK_USER,
        )
    return ConnectionFailed(f"{host} cannot say at the moment how to sign in there.", detail=detail)


def _metadata_urls(issuer: str) -> tuple[str, str]:
    """Where RFC 8414 section 3.1 and OpenID Connect Discovery section 4 put the metadata."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    oauth = parts._replace(path=f"/.well-known/oauth-authorization-server{path}", query="", fragment="")
    openid = parts._replace(path=f"{path}/.well-known/openid-configuration", query="", fragment="")
    return oauth.geturl(), openid.geturl()


def _provider(issuer: str, said: Mapping[str, Any]) -> OAuthProvider:
    host = urlsplit(issuer).hostname or issuer
    try:
        # A server that speaks for another issuer may be an attacker's (RFC 8414 section 3.3).
        if str(said.get("issuer")).rstrip("/") != issuer.rstrip("/"):
            raise ValueError("issuer: another one")
        offered = said.get("scopes_supported")
        device_url = said.get("device_authorization_endpoint")
        found = OAuthProvider(
            name=issuer,
            title=host,
            authorization_url=https_only(str(said.get("authorization_endpoint"))),
            token_url=https_only(str(said.get("token_endpoint"))),
            scopes=tuple(s for s in _MAIL_SCOPES if isinstance(offered, list) and s in offered),
            issuer=str(said["issuer"]),
        )
        return replace(found, device_url=https_only(str(device_url))) if device_url else found
    except ValueError as error:
        raise ProtocolViolation(
            f"What {host} says about signing in cannot be trusted.",
            advice="Check the provider's address in the account's settings.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error
