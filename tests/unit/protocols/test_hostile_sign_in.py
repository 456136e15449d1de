"""What servers say while one signs in, and settings files say before, where it is meant to do harm."""

from __future__ import annotations

import json

import pytest

from qtmail.domain.account import Security
from qtmail.domain.discovery import FoundSettings, SoughtAddress, Source
from qtmail.domain.sign_in import SignIn
from qtmail.errors import QtmailError, Retry, SignInFailed
from qtmail.protocols import sasl
from qtmail.protocols.autoconfig import read_settings
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.host_names import is_host_name
from qtmail.protocols.oauth import https_only, json_object
from qtmail.protocols.oauth_metadata import find_provider
from qtmail.protocols.scram import MOST_ITERATIONS, ScramError, ScramExchange
from qtmail.protocols.web import WebAnswer

ADDRESS = SoughtAddress("ann@example.org", "ann", "example.org")

# -- SASL ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", [sasl.OAuthBearer, sasl.XOAuth2])
@pytest.mark.parametrize(
    "said",
    [
        b"[" * 6000,
        b'{"status":' * 3000,
        b'{"status": "4\\u0000\\r\\n01", "error": "\\u202e\\ud800"}',
        json.dumps({"error": "x" * 6000}).encode(),
        b"\xff\xfe\x00\x1b[31m" * 1000,
    ],
    ids=["nested lists", "nested objects", "control characters", "long", "no text"],
)
def test_a_refusal_of_a_token_is_one_short_line_whatever_it_says(
    mechanism: type[sasl.Mechanism], said: bytes
):
    attempt = mechanism("ann", "token")
    attempt.answer(b"")
    attempt.answer(said)
    assert attempt.server_error.isprintable() and len(attempt.server_error) <= 500
    attempt.server_error.encode()


def test_so_is_an_error_of_scram():
    attempt = sasl.Scram("SCRAM-SHA-256", "ann", "secret", binding=None)
    first = attempt.answer(b"")
    assert first is not None
    nonce = first.partition(b"r=")[2]
    attempt.answer(b"r=%bx,s=QUFB,i=4096" % nonce)
    attempt.answer(b"e=\r\n\x1b[31m" + b"x" * 6000)
    assert attempt.server_error.isprintable() and len(attempt.server_error) <= 500


def test_an_error_of_scram_is_no_proof():
    attempt = sasl.Scram("SCRAM-SHA-256", "ann", "secret", binding=None)
    first = attempt.answer(b"")
    assert first is not None
    attempt.answer(b"r=%bx,s=QUFB,i=4096" % first.partition(b"r=")[2])
    attempt.answer(b"e=other-error")
    with pytest.raises(SignInFailed, match="could not prove"):
        attempt.check("mail.example.org", accepted=True)


@pytest.mark.parametrize(
    "message",
    [
        b"r=abc,s=QUFB,i=4096",
        b"n=ann,r=abc",
        b"r=zabc,s=QUFB,i=4096",
        b"m=ext,r=abcd,s=QUFB,i=4096",
        b"r=abcd,s=,i=4096",
        b"r=abcd,s=====,i=4096",
        b"r=abcd,s=QUFB,i=%d" % (MOST_ITERATIONS + 1),
        b"r=abcd,s=QUFB,i=" + b"9" * 5000,
        b"r=abcd,s=QUFB,i=-5000",
        b"r=abcd,s=QUFB,i=\xd9\xa4\xd9\xa0\xd9\xa9\xd9\xa6",
    ],
    ids=[
        "our nonce reflected",
        "our message reflected",
        "another nonce",
        "an extension that must be understood",
        "no salt",
        "a salt of padding",
        "iterations that block",
        "iterations beyond numbers",
        "negative iterations",
        "iterations in other digits",
    ],
)
def test_a_server_gets_no_proof_it_could_misuse(message: bytes):
    exchange = ScramExchange("SCRAM-SHA-256", "ann", "secret", gs2_header=b"n,,", nonce="abc")
    with pytest.raises(ScramError):
        exchange.final(message)


# -- OAuth ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://login.microsoftonline.com@evil.example/",
        "https://evil.example\\@login.microsoftonline.com/",
        "https://example.org/\r\nHost: evil.example",
        "https://example.org/ x",
        "\x01https://example.org/",
        "https://example.org/\u202e",
        "https://ехample.org/",  # with Cyrillic letters
        "https://[",
        "https:///x",
        "javascript:alert(1)//https://example.org",
    ],
)
def test_no_page_is_opened_whose_address_is_not_what_it_looks_like(url: str):
    with pytest.raises(ValueError, match=r"."):
        https_only(url)


@pytest.mark.parametrize("url", ["https://example.org", "HTTPS://a.b-c.de:8443/x?y=1#z", "https://[::1]:1/"])
def test_plain_addresses_are_opened(url: str):
    assert https_only(url) == url


@pytest.mark.parametrize("issuer", ["https://[", "https://a@b", "https://ехample.org", "https://a\nb", ""])
def test_an_issuer_that_is_no_address_is_told_as_one(issuer: str):
    with pytest.raises(QtmailError) as fault:
        find_provider(issuer, trust=TlsTrust())
    assert fault.value.retry is Retry.ASK_USER


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 100_000, b"\xff\xfe"])
def test_an_answer_that_is_no_object_is_none(body: bytes):
    assert json_object(WebAnswer(200, "application/json", body, "https://example.org")) is None


# -- settings files ------------------------------------------------------------------------------------


def read(
    *,
    host: str = "imap.example.org",
    user: str = "ann",
    way: str = "OAuth2",
    issuer: str = "sso.example.org",
    url: str = "https://example.org/help",
) -> FoundSettings | None:
    content = f"""<clientConfig><emailProvider id="x"><incomingServer type="imap">
        <hostname>{host}</hostname><port>143</port><socketType>plain</socketType><username>{user}</username>
        <authentication>{way}</authentication></incomingServer>
        <documentation url="{url}"><descr>Help</descr></documentation>
        </emailProvider><oAuth2><issuer>{issuer}</issuer></oAuth2></clientConfig>"""
    return read_settings(content.encode(), ADDRESS, Source.AUTOCONFIG)


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.1", "0x7f.1", "0177.0.0.0x1", "a.0x"])
def test_no_stranger_names_an_ip_address(host: str):
    assert not is_host_name(host)
    assert read(host=host) is None


@pytest.mark.parametrize("host", ["1.example.org", "0x7f.example.org", "mail.1und1.de", "x.xn--p1ai"])
def test_digits_in_a_name_make_it_no_address(host: str):
    assert is_host_name(host)


def test_a_user_name_does_not_look_like_another():
    assert read(user="ann\u202egro.elpmaxe@") is None


@pytest.mark.parametrize("issuer", ["[", "a@b.example", "http://sso.example.org", "x" * 3000, "ехample.org"])
def test_an_issuer_that_is_no_host_is_none(issuer: str):
    found = read(issuer=issuer)
    assert found is not None and found.sign_in == SignIn()


def test_an_issuer_may_have_a_path():
    found = read(issuer="https://sso.example.org/realms/mail")
    assert found is not None and found.sign_in.provider == "https://sso.example.org/realms/mail"


@pytest.mark.parametrize("url", ["https://accounts.google.com@evil.example/", "https://example.org/\u202e"])
def test_no_link_pretends_to_lead_elsewhere(url: str):
    found = read(url=url)
    assert found is not None and [advice.url for advice in found.advice] == [""]


def test_a_server_in_clear_text_is_no_way_to_receive():
    found = read()
    assert found is not None and not found.receives
    assert found.servers[0].settings.security is Security.NONE
