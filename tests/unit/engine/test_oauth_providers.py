from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.oauth_providers import OAuthProviders
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.protocols.connection import TlsTrust
from tests.fakes.authorization_server import METADATA, AuthorizationServer


@pytest.fixture
def service(authority: trustme.CA) -> Iterator[AuthorizationServer]:
    with AuthorizationServer(authority) as server:
        yield server


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsTrust:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return TlsTrust(cafile=str(tmp_path / "ca.pem"))


def sign_in(provider: str, client_id: str = "") -> SignIn:
    return SignIn(SignInMethod.OAUTH, provider, client_id)


@pytest.mark.parametrize("name", ["google", "microsoft", "yahoo", "aol"])
def test_where_qtmail_is_not_registered_it_says_so_and_what_to_do(name: str) -> None:
    with pytest.raises(QtmailError, match="not registered with") as raised:
        OAuthProviders(TlsTrust(), {}).find(sign_in(name))
    assert raised.value.layer is Layer.SIGN_IN
    assert raised.value.retry is Retry.ASK_USER
    assert "client id" in raised.value.advice
    assert "http://127.0.0.1" in raised.value.advice


def test_whoever_builds_qtmail_says_who_it_is() -> None:
    environment = {
        "QTMAIL_OAUTH_GOOGLE_CLIENT_ID": "builder",
        "QTMAIL_OAUTH_GOOGLE_CLIENT_SECRET": "builder's",
    }
    provider = OAuthProviders(TlsTrust(), environment).find(sign_in("google"))
    assert (provider.client_id, provider.client_secret) == ("builder", "builder's")


def test_the_users_own_client_goes_first_and_with_its_own_secret() -> None:
    environment = {
        "QTMAIL_OAUTH_GOOGLE_CLIENT_ID": "builder",
        "QTMAIL_OAUTH_GOOGLE_CLIENT_SECRET": "builder's",
    }
    providers = OAuthProviders(TlsTrust(), environment)
    own = providers.find(sign_in("google", "mine"), client_secret="my own")
    assert (own.client_id, own.client_secret) == ("mine", "my own")
    assert providers.find(sign_in("google", "mine")).client_secret == ""


def test_an_issuer_is_asked_once(service: AuthorizationServer, trust: TlsTrust) -> None:
    providers = OAuthProviders(trust, {})
    for client_id in ("one", "two"):
        assert providers.find(sign_in(service.issuer, client_id)).client_id == client_id
    assert service.count(METADATA) == 1


def test_an_issuer_needs_a_client_id_as_well(service: AuthorizationServer, trust: TlsTrust) -> None:
    with pytest.raises(QtmailError, match="not registered with localhost"):
        OAuthProviders(trust, {}).find(sign_in(service.issuer))
