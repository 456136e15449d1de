"""What is asked of an authorization server: tokens (RFC 6749) and device codes (RFC 8628). PKCE (RFC 7636)
goes with every code.

No secret leaves through a fault: what a server says about an error is told only after everything that was
sent to it in confidence is taken out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from qtmail.domain.oauth import OAuthProvider
from qtmail.errors import ConnectionFailed, ProtocolViolation, QtmailError, SignInFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import WebAnswer, web_post

USUAL_LIFETIME = 600.0
"""Seconds an access token is taken to be good where the server does not say."""

_LONGEST_TIME = 365 * 24 * 3600.0
"""Seconds; a server that names more means "for ever", which no clock can count to."""

_DEVICE_INTERVAL = 5.0
"""Seconds between two questions where the server does not say (RFC 8628 section 3.2)."""

# These are about the token and the user, not about mail: servers leave them out of the scopes they name.
_UNNAMED_SCOPES = frozenset({"offline_access", "openid", "email", "profile"})

_SECRET_FIELDS = ("code", "code_verifier", "refresh_token", "client_secret", "device_code")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_WEB_ADDRESS = re.compile(r"https://[\w.:\[\]-]+([/?#][\x21-\x7e]*)?", re.IGNORECASE | re.ASCII)
_LONGEST_USER_CODE = 64
_MORE_THAN_CODES = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A token that was given.

    Attributes:
        seconds: how long the access token is good from now.
        refresh_token: "" where none came.
        missing: what was asked for and not given.
    """

    access_token: str = field(repr=False)
    seconds: float
    refresh_token: str = field(repr=False)
    scope: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the user shall type, where, and how to ask whether they did.

    Attributes:
        seconds: how long the code is good from now.
        interval: seconds to wait between two questions.
    """

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    url: str
    seconds: float
    interval: float


class GrantRefused(SignInFailed):
    """The authorization server refused to give a token.

    Attributes:
        code: its reason, from RFC 6749 section 5.2 or RFC 8628 section 3.5.
    """

    def __init__(self, code: str, sentence: str, *, advice: str = "", detail: str = "") -> None:
        super().__init__(sentence, advice=advice, detail=detail)
        self.code = code


class AuthorizationServer:
    """One provider's server; blocking, every call within `timeout` seconds."""

    def __init__(
        self, provider: OAuthProvider, *, trust: TlsTrust, timeout: float = 15.0, stop: Wake | None = None
    ) -> None:
        self._provider = provider
        self._trust = trust
        self._timeout = timeout
        self._stop = stop

    def page(self, *, redirect_uri: str, state: str, verifier: str, address: str) -> str:
        """The address of the page on which the user agrees (RFC 6749 section 4.1.1, RFC 7636)."""
        provider = self._provider
        fields = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            **self._scope(),
            **({"login_hint": address} if address else {}),
            **provider.extra,
        }
        separator = "&" if urlsplit(provider.authorization_url).query else "?"
        return provider.authorization_url + separator + urlencode(fields)

    def exchange_code(self, code: str, *, redirect_uri: str, verifier: str) -> TokenAnswer:
        """Get the first tokens for a code (RFC 6749 section 4.1.3).

        Raises GrantRefused, ConnectionFailed, TlsFailed, ProtocolViolation, Stopped, as all below do.
        """
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def refresh(self, refresh_token: str) -> TokenAnswer:
        """Get a new access token (RFC 6749 section 6). The refresh token may be void from now on."""
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def device_code(self) -> DeviceCode:
        """Ask for a code the user can type on another device (RFC 8628 section 3.1)."""
        said = self._post(self._provider.device_url, self._scope())
        try:
            return DeviceCode(
                device_code=_text(said, "device_code"),
                user_code=_text(said, "user_code")[:_LONGEST_USER_CODE],
                # Before the RFC Google and Microsoft called it so.
                url=https_only(str(said.get("verification_uri") or said.get("verification_url") or "")),
                seconds=_seconds(said.get("expires_in"), USUAL_LIFETIME),
                interval=_seconds(said.get("interval"), _DEVICE_INTERVAL),
            )
        except ValueError as error:
            raise self._nonsense(str(error)) from error

    def device_token(self, device_code: str) -> TokenAnswer:
        """Ask whether the user has typed the code; GrantRefused says "authorization_pending" until then."""
        return self._token(
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device_code}
        )

    # -- requests ----------------------------------------------------------------------------------

    def _scope(self) -> dict[str, str]:
        return {"scope": " ".join(self._provider.scopes)} if self._provider.scopes else {}

    def _token(self, fields: Mapping[str, str]) -> TokenAnswer:
        said = self._post(self._provider.token_url, fields)
        try:
            access_token = _text(said, "access_token")
            refresh_token = _text(said, "refresh_token") if said.get("refresh_token") else ""
            kind = str(said.get("token_type") or "bearer").lower()
            if kind != "bearer":
                raise ValueError("a token of a type other than “bearer”")
        except ValueError as error:
            raise self._nonsense(str(error)) from error
        scope = said.get("scope")
        given = " ".join(map(str, scope)) if isinstance(scope, list) else str(scope or "")
        return TokenAnswer(
            access_token,
            _seconds(said.get("expires_in"), USUAL_LIFETIME),
            refresh_token,
            given,
            _missing(self._provider.scopes, given),
        )

    def _post(self, url: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """What the server answered to a form."""
        provider = self._provider
        sent = {**fields, "client_id": provider.client_id}
        if provider.client_secret:
            sent["client_secret"] = provider.client_secret
        answer = web_post(
            url,
            sent,
            headers={"Accept": "application/json"},
            trust=self._trust,
            timeout=self._timeout,
            stop=self._stop,
        )
        said = json_object(answer)
        if answer.status == 200 and said is not None and "error" not in said:
            return said
        raise self._fault(answer.status, said, sent)

    # -- faults ------------------------------------------------------------------------------------

    def _fault(self, status: int, said: dict[str, Any] | None, sent: Mapping[str, str]) -> QtmailError:
        title = self._provider.title
        code = str((said or {}).get("error") or "")
        detail = _without_secrets(f"{status} {code} {(said or {}).get('error_description') or ''}", sent)
        if status >= 500 or status == 429 or code in ("server_error", "temporarily_unavailable"):
            return ConnectionFailed(f"{title} cannot handle the sign-in at the moment.", detail=detail)
        if said is None or not code:
            return ConnectionFailed(
                f"Something other than {title}'s sign-in service answered.",
                advice="If this network wants you to sign in on a web page first, do that and try again.",
                detail=f"status {status}",
            )
        sentence, advice = _REFUSALS.get(code, _REFUSED_OTHERWISE)
        return GrantRefused(
            code, sentence.format(title=title), advice=advice.format(title=title), detail=detail
        )

    def _nonsense(self, what: str) -> ProtocolViolation:
        return ProtocolViolation(
            f"{self._provider.title} answered the sign-in with something that makes no sense.",
            advice="Try again later.",
            detail=what,
        )


_AGAIN = "Sign in again."
_CHECK_CLIENT = (
    "Check the client id, and the client secret if there is one, and that it may be used for mail."
)
_REFUSED_OTHERWISE = ("{title} refused the sign-in.", _AGAIN)
_REFUSALS: dict[str, tuple[str, str]] = {
    "invalid_grant": ("{title} no longer accepts this sign-in.", _AGAIN),
    "invalid_client": ("{title} does not know this program, or not with this client secret.", _CHECK_CLIENT),
    "unauthorized_client": ("{title} does not let this program sign in this way.", _CHECK_CLIENT),
    "invalid_scope": ("{title} does not give this program access to mail.", _CHECK_CLIENT),
    "unsupported_grant_type": ("{title} does not offer this way to sign in.", "Choose another way."),
    "access_denied": ("The access to the mail was not allowed at {title}.", "Sign in again and allow it."),
    "expired_token": ("The code was not typed at {title} in time.", _AGAIN),
    "authorization_pending": ("{title} waits for the code to be typed.", ""),
    "slow_down": ("{title} was asked too often.", ""),
}


def refusal(provider: OAuthProvider, code: str, description: str = "") -> GrantRefused:
    """The fault for an error that came back through the browser (RFC 6749 section 4.1.2.1)."""
    sentence, advice = _REFUSALS.get(code, _REFUSED_OTHERWISE)
    title = provider.title
    detail = _printable(f"{code} {description}")
    return GrantRefused(code, sentence.format(title=title), advice=advice.format(title=title), detail=detail)


def challenge(verifier: str) -> str:
    """The S256 code challenge (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def json_object(answer: WebAnswer) -> dict[str, Any] | None:
    """The JSON object of an answer, or None if it holds none."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _text(said: Mapping[str, Any], name: str) -> str:
    """A member that must be there and can stand in a command to a server. Raises ValueError."""
    value = said.get(name)
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ValueError(f"{name}: missing or with characters it may not have")
    return value


def https_only(url: str) -> str:
    """`url`, if it is one of https, in its plain form: no user name that could pass for the host, and no
    letters that look like others. Raises ValueError.
    """
    if not _WEB_ADDRESS.fullmatch(url) or not urlsplit(url).hostname:
        raise ValueError("an address that is not https")
    return url


def _seconds(value: object, otherwise: float) -> float:
    """A time that should be a number, and is a text with some servers."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else otherwise
    except (ValueError, OverflowError):
        return otherwise
    return min(seconds, _LONGEST_TIME) if 0 < seconds < float("inf") else otherwise


def _missing(asked: tuple[str, ...], given: str) -> tuple[str, ...]:
    """The scopes that were asked for and not given; a server that names none gave all (section 5.1)."""
    if not given:
        return ()
    # Microsoft changes the case, and servers part them by commas now and then.
    have = {scope.lower().rstrip("/") for scope in re.split(r"[\s,]+", given)}
    return tuple(s for s in asked if s not in _UNNAMED_SCOPES and s.lower().rstrip("/") not in have)


def _without_secrets(text: str, sent: Mapping[str, str]) -> str:
    for name in _SECRET_FIELDS:
        if sent.get(name):
            text = text.replace(sent[name], "…")
    return _printable(text)


def _printable(text: str) -> str:
    return _MORE_THAN_CODES.sub(" ", text).strip()[:300]
