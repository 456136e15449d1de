"""Which provider an account signs in at, and who qtmail is to that provider."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from qtmail.domain.oauth import KNOWN_PROVIDERS, OAuthProvider
from qtmail.domain.sign_in import SignIn
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.oauth_metadata import find_provider
from qtmail.protocols.wake import Wake


class OAuthProviders:
    """The known providers and those asked for their metadata, each once. Safe to use from several threads.

    Args:
        environment: where whoever builds or installs qtmail puts the ids it is registered under, as
            `QTMAIL_OAUTH_GOOGLE_CLIENT_ID` and `QTMAIL_OAUTH_GOOGLE_CLIENT_SECRET`.
    """

    def __init__(self, trust: TlsTrust, environment: Mapping[str, str] = os.environ) -> None:
        self._trust = trust
        self._environment = environment
        self._found: dict[str, OAuthProvider] = {}

    def find(self, sign_in: SignIn, *, client_secret: str = "", stop: Wake | None = None) -> OAuthProvider:
        """The provider, with the client id that is to be used there.

        Args:
            client_secret: goes with the user's own client id.

        Raises:
            QtmailError: there is no client id, or no such provider.
            ConnectionFailed, TlsFailed, ProtocolViolation, Stopped: its metadata could not be had.
        """
        provider = KNOWN_PROVIDERS.get(sign_in.provider) or self._by_issuer(sign_in.provider, stop)
        if sign_in.client_id:
            return replace(provider, client_id=sign_in.client_id, client_secret=client_secret)
        name = provider.name.upper()
        client_id = self._environment.get(f"QTMAIL_OAUTH_{name}_CLIENT_ID", "")
        if not client_id:
            raise _not_registered(provider)
        secret = self._environment.get(f"QTMAIL_OAUTH_{name}_CLIENT_SECRET", "")
        return replace(provider, client_id=client_id, client_secret=secret)

    def _by_issuer(self, issuer: str, stop: Wake | None) -> OAuthProvider:
        if issuer not in self._found:
            self._found[issuer] = find_provider(issuer, trust=self._trust, stop=stop)
        return self._found[issuer]


def _not_registered(provider: OAuthProvider) -> QtmailError:
    return QtmailError(
        f"This qtmail is not registered with {provider.title}, so it cannot send you there to sign in.",
        advice=f"Register a desktop client at {provider.title} with the redirect address http://127.0.0.1 "
        "and enter its client id in the account's settings; or use an app password, if you can have one.",
        layer=Layer.SIGN_IN,
        retry=Retry.ASK_USER,
    )
