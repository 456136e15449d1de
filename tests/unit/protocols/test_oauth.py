"""What is asked of an authorization server, and what is made of every answer it may give."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from qtmail.domain.oauth import OAuthProvider
from qtmail.errors import ConnectionFailed, ProtocolViolation, QtmailError, Retry, SignInFailed, TlsFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.oauth import (
    USUAL_LIFETIME,
    AuthorizationServer,
    GrantRefused,
    TokenAnswer,
    challenge,
    refusal,
)
from tests.fakes import authorization_server as fake
from tests.fakes.authorization_server import CLIENT_ID, CODE, DEVICE, DEVICE_TOKEN, REFRESH, Reply, error


@pytest.fixture
def service(authority: trustme.CA) -> Iterator[fake.AuthorizationServer]:
    with fake.AuthorizationServer(authority) as server:
        yield server


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsTrust:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return TlsTrust(cafile=str(tmp_path / "ca.pem"))


@pytest.fixture
def provider(service: fake.AuthorizationServer) -> OAuthProvider:
    return OAuthProvider(
        "test",
        "Testmail",
        f"{service.issuer}/authorize",
        f"{service.issuer}/token",
        f"{service.issuer}/device",
        scopes=(fake.MAIL, "offline_access"),
        client_id=CLIENT_ID,
    )


@pytest.fixture
def server(provider: OAuthProvider, trust: TlsTrust) -> AuthorizationServer:
    return AuthorizationServer(provider, trust=trust, timeout=20.0)


def test_the_challenge_is_the_one_of_the_rfc() -> None:
    """RFC 7636 appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_page_asks_for_everything_and_tells_no_secret(server: AuthorizationServer) -> None:
    url = server.page(
        redirect_uri="http://127.0.0.1:1234", state="a/b", verifier="v" * 43, address="ann@example.org"
    )
    fields = {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
    assert fields == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://127.0.0.1:1234",
        "state": "a/b",
        "code_challenge": challenge("v" * 43),
        "code_challenge_method": "S256",
        "scope": "mail offline_access",
        "login_hint": "ann@example.org",
    }


def test_a_page_that_has_parameters_keeps_them(trust: TlsTrust) -> None:
    provider = OAuthProvider(
        "x", "X", "https://x.example/a?tenant=1", "https://x.example/t", extra={"p": "c"}
    )
    url = AuthorizationServer(provider, trust=trust).page(
        redirect_uri="http://127.0.0.1:1", state="s", verifier="v", address=""
    )
    fields = parse_qs(urlsplit(url).query)
    assert (fields["tenant"], fields["p"]) == (["1"], ["c"])
    assert not {"scope", "login_hint"} & set(fields)


def test_a_refresh_gives_a_token_that_is_good(
    server: AuthorizationServer, service: fake.AuthorizationServer
) -> None:
    refresh_token = service.issue()
    answer = server.refresh(refresh_token)
    assert service.accepts(answer.access_token)
    assert answer.refresh_token not in ("", refresh_token)
    assert answer.seconds == 3600
    assert answer.missing == ()


def test_the_client_secret_goes_along_where_there_is_one(
    provider: OAuthProvider, service: fake.AuthorizationServer, trust: TlsTrust
) -> None:
    service.client_secret = "not so secret"
    with pytest.raises(GrantRefused, match="does not know this program") as raised:
        AuthorizationServer(provider, trust=trust).refresh(service.issue())
    assert raised.value.code == "invalid_client"
    with_secret = OAuthProvider(
        "test",
        "Testmail",
        provider.authorization_url,
        provider.token_url,
        client_id=CLIENT_ID,
        client_secret="not so secret",
    )
    assert AuthorizationServer(with_secret, trust=trust).refresh(service.issue()).access_token


def tell(service: fake.AuthorizationServer, server: AuthorizationServer, **members: object) -> TokenAnswer:
    """A refresh whose answer has these members besides the right ones."""
    service.token = members
    return server.refresh(service.issue())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (3600, 3600.0),
        ("3599", 3599.0),
        (0.5, 0.5),
        (None, USUAL_LIFETIME),
        ("soon", USUAL_LIFETIME),
        (-1, USUAL_LIFETIME),
        (0, USUAL_LIFETIME),
        ([1], USUAL_LIFETIME),
        (1e999, USUAL_LIFETIME),
        (10**400, USUAL_LIFETIME),
        (1e300, 365 * 24 * 3600.0),
        ("9" * 300, 365 * 24 * 3600.0),
    ],
)
def test_how_long_a_token_is_good(
    service: fake.AuthorizationServer, server: AuthorizationServer, said: object, seconds: float
) -> None:
    assert tell(service, server, expires_in=said).seconds == seconds


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER", None])
def test_a_bearer_token_is_one_however_it_is_written(
    service: fake.AuthorizationServer, server: AuthorizationServer, kind: str | None
) -> None:
    assert tell(service, server, token_type=kind).access_token


@pytest.mark.parametrize(
    "members",
    [
        {"token_type": "mac"},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 17},
        {"access_token": "a\x01b"},
        {"access_token": "a b\r\n"},
        {"refresh_token": "ü"},
    ],
)
def test_a_token_that_cannot_be_used_is_not(
    service: fake.AuthorizationServer, server: AuthorizationServer, members: dict[str, object]
) -> None:
    with pytest.raises(ProtocolViolation, match="makes no sense"):
        tell(service, server, **members)


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("mail", ()),
        ("MAIL other", ()),
        ("other,mail", ()),
        (["mail"], ()),
        (None, ()),
        ("", ()),
        ("profile", ("mail",)),
        ("mailbox", ("mail",)),
    ],
)
def test_what_was_not_allowed_is_named(
    service: fake.AuthorizationServer, server: AuthorizationServer, said: object, missing: tuple[str, ...]
) -> None:
    assert tell(service, server, scope=said).missing == missing


FAULTS: dict[str, tuple[Reply, type[QtmailError], Retry]] = {
    "invalid_grant": (error("invalid_grant"), GrantRefused, Retry.ASK_USER),
    "invalid_client": (error("invalid_client", 401), GrantRefused, Retry.ASK_USER),
    "unauthorized_client": (error("unauthorized_client"), GrantRefused, Retry.ASK_USER),
    "invalid_scope": (error("invalid_scope"), GrantRefused, Retry.ASK_USER),
    "its own": (error("interaction_required"), GrantRefused, Retry.ASK_USER),
    "refused with 200": (error("invalid_grant", 200), GrantRefused, Retry.ASK_USER),
    "500": (Reply(500, {"error": "server_error"}), ConnectionFailed, Retry.LATER),
    "503 HTML": (fake.BROKEN, ConnectionFailed, Retry.LATER),
    "429": (Reply(429, {}), ConnectionFailed, Retry.LATER),
    "temporarily": (error("temporarily_unavailable"), ConnectionFailed, Retry.LATER),
    "captive portal": (fake.HTML, ConnectionFailed, Retry.LATER),
    "400 HTML": (Reply(400, b"<html>", "text/html"), ConnectionFailed, Retry.LATER),
    "404": (Reply(404, b"", "text/html"), ConnectionFailed, Retry.LATER),
    "redirect": (Reply(302, b""), ConnectionFailed, Retry.LATER),
    "empty": (fake.EMPTY, ConnectionFailed, Retry.LATER),
    "a list": (Reply(200, b"[]"), ConnectionFailed, Retry.LATER),
    "deep": (Reply(200, b"[" * 200_000), ConnectionFailed, Retry.LATER),
    "an empty object": (Reply(200, {}), ProtocolViolation, Retry.LATER),
    "cut": (fake.CUT, ConnectionFailed, Retry.LATER),
    "silent": (fake.SILENT, ConnectionFailed, Retry.LATER),
    "huge": (Reply(200, bytes(2_000_000)), ProtocolViolation, Retry.LATER),
}


@pytest.mark.parametrize(("reply", "kind", "retry"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(
    ("step", "ask"),
    [
        (
            CODE,
            lambda server: server.exchange_code("a-code", redirect_uri="http://127.0.0.1:1", verifier="v"),
        ),
        (REFRESH, lambda server: server.refresh("a-token")),
        (DEVICE, lambda server: server.device_code()),
        (DEVICE_TOKEN, lambda server: server.device_token("a-code")),
    ],
    ids=[CODE, REFRESH, DEVICE, DEVICE_TOKEN],
)
def test_every_fault_is_told_in_words_and_sorted(
    service: fake.AuthorizationServer,
    provider: OAuthProvider,
    trust: TlsTrust,
    step: str,
    ask: Callable[[AuthorizationServer], object],
    reply: Reply,
    kind: type[QtmailError],
    retry: Retry,
) -> None:
    service.always[step] = reply
    with pytest.raises(kind) as raised:
        ask(AuthorizationServer(provider, trust=trust, timeout=0.5 if reply.silent else 10.0))
    assert type(raised.value) is kind
    assert raised.value.retry is retry
    assert raised.value.sentence.endswith(".")
    assert "Testmail" in raised.value.sentence or "localhost" in raised.value.sentence


def test_a_server_that_repeats_a_secret_does_not_bring_it_into_a_fault(
    service: fake.AuthorizationServer, server: AuthorizationServer
) -> None:
    service.always[REFRESH] = error(
        "invalid_grant", error_description="token geheim-17 is void\x07\n" + "x" * 999
    )
    with pytest.raises(GrantRefused) as raised:
        server.refresh("geheim-17")
    assert "geheim-17" not in raised.value.detail
    assert "is void" in raised.value.detail
    assert raised.value.detail.isprintable()
    assert len(raised.value.detail) <= 300


def test_nobody_else_may_answer_for_the_provider(provider: OAuthProvider) -> None:
    with pytest.raises(TlsFailed):
        AuthorizationServer(provider, trust=TlsTrust()).refresh("a-token")


def test_a_device_gets_a_code(server: AuthorizationServer, service: fake.AuthorizationServer) -> None:
    code = server.device_code()
    assert (code.user_code, code.url) == ("ABCD-EFGH", f"{service.issuer}/activate")
    assert code.seconds == 60
    assert service.accepts(server.device_token(code.device_code).access_token)


@pytest.mark.parametrize(
    ("members", "url", "interval"),
    [
        ({"verification_uri": "https://a.example/d"}, "https://a.example/d", 5.0),
        ({"verification_url": "https://b.example/d", "interval": "7"}, "https://b.example/d", 7.0),
    ],
)
def test_a_device_code_may_be_written_in_older_ways(
    server: AuthorizationServer,
    service: fake.AuthorizationServer,
    members: dict[str, str],
    url: str,
    interval: float,
) -> None:
    service.always[DEVICE] = Reply(says={"device_code": "d", "user_code": "u", **members})
    code = server.device_code()
    assert (code.url, code.interval, code.seconds) == (url, interval, USUAL_LIFETIME)


def test_a_device_code_of_a_size_and_for_a_time_beyond_all_bounds(
    server: AuthorizationServer, service: fake.AuthorizationServer
) -> None:
    says = {"device_code": "d", "user_code": "u" * 100_000, "verification_uri": "https://a.example/"}
    service.always[DEVICE] = Reply(says={**says, "interval": 1e300, "expires_in": 10**300})
    code = server.device_code()
    assert len(code.user_code) <= 64
    time.gmtime(time.time() + code.interval + code.seconds)


@pytest.mark.parametrize("url", ["http://a.example/", "javascript:alert(1)", ""])
def test_the_user_is_sent_to_no_page_that_is_not_encrypted(
    server: AuthorizationServer, service: fake.AuthorizationServer, url: str
) -> None:
    service.always[DEVICE] = Reply(says={"device_code": "d", "user_code": "u", "verification_uri": url})
    with pytest.raises(ProtocolViolation):
        server.device_code()


def test_an_error_from_the_browser_is_told_as_one_from_the_server(provider: OAuthProvider) -> None:
    fault = refusal(provider, "access_denied", "the user said no")
    assert fault.code == "access_denied"
    assert "Testmail" in fault.sentence
    assert "the user said no" in fault.detail
    assert isinstance(fault, SignInFailed)


def test_reprs_hide_tokens(server: AuthorizationServer, service: fake.AuthorizationServer) -> None:
    shown = repr(server.refresh(service.issue())) + repr(server.device_code()) + repr(server)
    with contextlib.suppress(GrantRefused):
        server.refresh("unknown")
    assert not [secret for secret in service.secrets if secret in shown]
