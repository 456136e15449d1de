"""Signing in at a provider: in the browser (RFC 8252), or with a code on another device (RFC 8628).

browser  the provider's page ── the user agrees ──> 127.0.0.1, code and state ── code, verifier ──> tokens
device   a code to type ── the user types it elsewhere, we ask again and again ──> tokens

Nothing is stored here: whoever asked for the permission keeps it.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping

from qtmail.domain.oauth import DeviceStep, OAuthProvider, Permission
from qtmail.domain.sign_in import SignIn
from qtmail.engine.oauth_providers import OAuthProviders
from qtmail.errors import ConnectionFailed, Layer, QtmailError, Retry, SignInFailed, Stopped
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.loopback_redirect import LoopbackRedirect
from qtmail.protocols.oauth import AuthorizationServer, DeviceCode, GrantRefused, TokenAnswer, refusal
from qtmail.protocols.wake import Wake

BROWSER_SECONDS = 600.0
"""How long the user may take in the browser: passwords are looked up, telephones fetched."""

_SLOWER = 5.0
"""Seconds that are added to the interval when the server says "slow_down" (RFC 8628 section 3.5)."""


class OAuthSignIn:
    """One attempt to get a permission. Blocking; `stop` ends it from another thread."""

    def __init__(
        self,
        sign_in: SignIn,
        address: str,
        *,
        trust: TlsTrust,
        stop: Wake,
        client_secret: str = "",
        providers: OAuthProviders | None = None,
        patience: float = BROWSER_SECONDS,
    ) -> None:
        """`address` is proposed to the provider's page, so that the user need not type it; `client_secret`
        goes with a client id of the user's own; `patience`: seconds the user may take in the browser.
        """
        self._sign_in = sign_in
        self._address = address
        self._trust = trust
        self._stop = stop
        self._client_secret = client_secret
        self._providers = providers or OAuthProviders(trust)
        self._patience = patience

    def by_browser(self, open_url: Callable[[str], None]) -> Permission:
        """Send the user to the provider's page by `open_url` and wait for the answer.

        Raises:
            SignInFailed: the user or the provider refused, or gave less than is needed.
            ConnectionFailed: the provider was not reached, or the browser never came back.
            TlsFailed, ProtocolViolation, QtmailError, Stopped: by layer.
        """
        provider, server = self._server()
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        with LoopbackRedirect() as redirect:
            open_url(
                server.page(redirect_uri=redirect.uri, state=state, verifier=verifier, address=self._address)
            )
            answer = redirect.wait(
                self._patience, lambda found: _same(found.get("state", ""), state), self._stop
            )
            if answer is None:
                raise self._never_came(provider, redirect.strays)
        code = _code(provider, answer)
        return self._permission(
            provider, server.exchange_code(code, redirect_uri=redirect.uri, verifier=verifier)
        )

    def by_device(self, show: Callable[[DeviceStep], None]) -> Permission:
        """Have the user type a code on the provider's page, on any device, and wait until they did.

        Raises as `by_browser`.
        """
        provider, server = self._server()
        if not provider.device_url:
            raise QtmailError(
                f"{provider.title} gives out no codes for another device.",
                advice="Sign in in the browser.",
                layer=Layer.SIGN_IN,
            )
        code = server.device_code()
        show(DeviceStep(code.user_code, code.url, time.time() + code.seconds))
        return self._permission(provider, self._wait_for_device(provider, server, code))

    def _server(self) -> tuple[OAuthProvider, AuthorizationServer]:
        provider = self._providers.find(self._sign_in, client_secret=self._client_secret, stop=self._stop)
        return provider, AuthorizationServer(provider, trust=self._trust, stop=self._stop)

    def _wait_for_device(
        self, provider: OAuthProvider, server: AuthorizationServer, code: DeviceCode
    ) -> TokenAnswer:
        deadline = time.monotonic() + code.seconds
        interval = code.interval
        while time.monotonic() + interval < deadline:
            if self._stop.wait(interval):
                raise Stopped
            try:
                return server.device_token(code.device_code)
            except GrantRefused as error:
                if error.code not in ("authorization_pending", "slow_down"):
                    raise
                interval += _SLOWER if error.code == "slow_down" else 0.0
            except ConnectionFailed:
                interval *= 2  # RFC 8628 section 3.5 asks for that
        raise refusal(provider, "expired_token")

    def _permission(self, provider: OAuthProvider, answer: TokenAnswer) -> Permission:
        check_scope(provider, answer)
        if not answer.refresh_token:
            raise SignInFailed(
                f"{provider.title} let qtmail in for a short time only: you would be asked again and again.",
                advice="Check that the client may have refresh tokens (“offline access”), or use a password.",
            )
        return Permission(
            answer.refresh_token,
            answer.access_token,
            time.time() + answer.seconds,
            answer.scope,
            client_secret=self._client_secret,
        )

    def _never_came(self, provider: OAuthProvider, strays: int) -> ConnectionFailed:
        return ConnectionFailed(
            f"The browser did not come back from {provider.title} in {self._patience / 60:.0f} minutes.",
            advice="Sign in again, and stay on the page until it says that qtmail has the answer.",
            detail=f"answers to another sign-in: {strays}" if strays else "",
            layer=Layer.SIGN_IN,
            retry=Retry.ASK_USER,
        )


def check_scope(provider: OAuthProvider, answer: TokenAnswer) -> None:
    """Raises SignInFailed if not all that is needed for mail was allowed."""
    if answer.missing:
        raise SignInFailed(
            f"{provider.title} did not give qtmail all it needs to read and send mail.",
            advice="Sign in again and allow everything that is asked for.",
            detail="missing: " + " ".join(answer.missing),
        )


def _code(provider: OAuthProvider, answer: Mapping[str, str]) -> str:
    """The code in an answer whose state is right. Raises GrantRefused, SignInFailed."""
    # An answer that another provider gave must not be taken to this one (RFC 9207 section 2.4).
    if provider.issuer and answer.get("iss") and not _same(answer["iss"], provider.issuer):
        raise SignInFailed(
            f"The answer in the browser was not {provider.title}'s, so it was not used.",
            advice="Sign in again. If this happens twice, somebody may be tampering with the sign-in.",
        )
    if "error" in answer:
        raise refusal(provider, answer["error"], answer.get("error_description", ""))
    return answer["code"]


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
