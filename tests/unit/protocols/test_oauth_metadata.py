"""Where to sign in, as the issuer says it; and whom not to believe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from qtmail.errors import ConnectionFailed, ProtocolViolation, QtmailError, Retry
from qtmail.protocols import oauth_metadata
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.oauth_metadata import find_provider
from qtmail.protocols.web import WebAnswer
from tests.fakes import authorization_server as fake
from tests.fakes.authorization_server import METADATA, Reply


@pytest.fixture
def service(authority: trustme.CA) -> Iterator[fake.AuthorizationServer]:
    with fake.AuthorizationServer(authority) as server:
        yield server


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsTrust:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return TlsTrust(cafile=str(tmp_path / "ca.pem"))


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_issuer_says_where_to_sign_in(
    service: fake.AuthorizationServer, trust: TlsTrust, slash: str
) -> None:
    provider = find_provider(service.issuer + slash, trust=trust)
    assert provider.authorization_url == f"{service.issuer}/authorize"
    assert provider.token_url == f"{service.issuer}/token"
    assert provider.device_url == f"{service.issuer}/device"
    assert provider.issuer == service.issuer
    assert provider.title == "localhost"
    assert provider.scopes == ("mail", "offline_access")
    assert provider.client_id == ""


@pytest.mark.parametrize("offered", [None, "mail", ["photos"]])
def test_only_scopes_that_there_are_are_asked_for(
    service: fake.AuthorizationServer, trust: TlsTrust, offered: object
) -> None:
    service.always[METADATA] = Reply(says={**service.metadata(), "scopes_supported": offered})
    assert find_provider(service.issuer, trust=trust).scopes == ()


@pytest.mark.parametrize(
    "members",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"issuer": 17},
        {"authorization_endpoint": "http://localhost/authorize"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://localhost/token"},
        {"device_authorization_endpoint": "http://localhost/device"},
    ],
)
def test_metadata_that_would_lead_astray_is_not_believed(
    service: fake.AuthorizationServer, trust: TlsTrust, members: dict[str, Any]
) -> None:
    service.always[METADATA] = Reply(says={**service.metadata(), **members})
    with pytest.raises(ProtocolViolation, match="cannot be trusted") as raised:
        find_provider(service.issuer, trust=trust)
    assert raised.value.retry is Retry.ASK_USER


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_server_without_metadata_is_none(
    service: fake.AuthorizationServer, trust: TlsTrust, status: int
) -> None:
    service.always[METADATA] = Reply(status, {})
    with pytest.raises(ProtocolViolation, match="does not say how to sign in") as raised:
        find_provider(service.issuer, trust=trust)
    assert raised.value.retry is Retry.ASK_USER


@pytest.mark.parametrize(
    "reply", [fake.CUT, fake.BROKEN, fake.HTML, fake.EMPTY, Reply(says={"a": "b"}), Reply(429, {})]
)
def test_a_server_that_is_out_of_order_may_come_back(
    service: fake.AuthorizationServer, trust: TlsTrust, reply: Reply
) -> None:
    service.always[METADATA] = reply
    with pytest.raises(ConnectionFailed) as raised:
        find_provider(service.issuer, trust=trust)
    assert raised.value.retry is Retry.LATER


@pytest.mark.parametrize("issuer", ["", "http://localhost", "example.org", "https://"])
def test_an_issuer_is_an_https_address(trust: TlsTrust, issuer: str) -> None:
    with pytest.raises(QtmailError) as raised:
        find_provider(issuer, trust=trust)
    assert raised.value.retry is not Retry.LATER


def test_both_standards_are_asked_in_turn(monkeypatch: pytest.MonkeyPatch, trust: TlsTrust) -> None:
    asked: list[str] = []

    def answer(url: str, **_: object) -> WebAnswer:
        asked.append(url)
        return WebAnswer(404, "", b"", url)

    monkeypatch.setattr(oauth_metadata, "web_get", answer)
    with pytest.raises(ProtocolViolation):
        find_provider("https://id.example/realm/", trust=trust)
    assert asked == [
        "https://id.example/.well-known/oauth-authorization-server/realm",
        "https://id.example/realm/.well-known/openid-configuration",
    ]
