"""SCRAM by itself: the standards' examples, a server of our own, and servers that lie."""

from __future__ import annotations

from base64 import b64encode

import pytest

from qtmail.protocols.scram import (
    FEWEST_ITERATIONS,
    MOST_ITERATIONS,
    ScramError,
    ScramExchange,
    ScramFault,
    prepared,
)
from tests.fakes.scram_server import ScramServer


def exchange(
    mechanism: str = "SCRAM-SHA-256",
    user: str = "eva",
    password: str = "secret",
    *,
    gs2_header: bytes = b"n,,",
    binding: bytes = b"",
    nonce: str = "",
) -> ScramExchange:
    return ScramExchange(mechanism, user, password, gs2_header=gs2_header, binding=binding, nonce=nonce)


def run(client: ScramExchange, server: ScramServer) -> None:
    client.verify(server.final(client.final(server.first(client.first()))))


def test_sha_1_as_in_the_standard():
    """The example of RFC 5802 section 5."""
    client = exchange("SCRAM-SHA-1", "user", "pencil", nonce="fyko+d2lbbFgONRv9qkxdawL")
    assert client.first() == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    proof = client.final(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    assert proof == (b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    client.verify(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
    assert client.verified


def test_sha_256_as_in_the_standard():
    """The example of RFC 7677 section 3."""
    client = exchange("SCRAM-SHA-256", "user", "pencil", nonce="rOprNGfwEbeRWgbNEkqO")
    proof = client.final(
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert proof == (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    client.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert client.verified


@pytest.mark.parametrize(("mechanism", "hash_name"), [("SCRAM-SHA-1", "sha1"), ("SCRAM-SHA-256", "sha256")])
@pytest.mark.parametrize("password", ["secret", "pässwörd", "密码", "with, comma = equals"])
def test_a_server_that_knows_the_password(mechanism: str, hash_name: str, password: str):
    client = exchange(mechanism, password=password)
    run(client, ScramServer(hash_name, password))
    assert client.verified


def test_two_exchanges_never_share_a_nonce():
    assert exchange().first() != exchange().first()


def test_commas_and_equals_signs_in_a_user_name_are_escaped():
    assert b",n=a=2Cb=3Dc,r=" in exchange(user="a,b=c").first()


def test_the_binding_is_part_of_the_proof():
    client = exchange(gs2_header=b"p=tls-unique,,", binding=b"this line")
    run(client, ScramServer(binding=b"this line", offers_plus=True))
    assert client.verified


def test_somebody_in_between_is_noticed_by_the_server():
    client = exchange(gs2_header=b"p=tls-unique,,", binding=b"one line")
    run(client, ScramServer(binding=b"another line", offers_plus=True))
    assert (client.verified, client.server_error) == (False, "channel-bindings-dont-match")


def test_an_offer_that_was_taken_away_is_noticed_by_the_server():
    client = exchange(gs2_header=b"y,,")
    run(client, ScramServer(offers_plus=True))
    assert client.server_error == "server-does-support-channel-binding"


def test_a_wrong_password_proves_nothing():
    client = exchange(password="wrong")
    run(client, ScramServer())
    assert (client.verified, client.server_error) == (False, "invalid-proof")


@pytest.mark.parametrize("signature", [b"", b"\0" * 32])
def test_a_server_that_does_not_know_the_password_is_not_believed(signature: bytes):
    client = exchange()
    with pytest.raises(ScramError) as failure:
        run(client, ScramServer(signature=signature))
    assert failure.value.fault is ScramFault.SIGNATURE
    assert not client.verified


def server_first(nonce: str = "mine+yours", salt: bytes = b"salt", iterations: str = "4096") -> bytes:
    return f"r={nonce},s={b64encode(salt).decode()},i={iterations}".encode()


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (b"", ScramFault.UNREADABLE),
        (b"hello", ScramFault.UNREADABLE),
        (b"m=must-understand," + server_first(), ScramFault.UNREADABLE),
        (b"r=mine+yours,i=4096", ScramFault.UNREADABLE),
        (b"r=mine+yours,s=c2FsdA==,i=many", ScramFault.UNREADABLE),
        (b"r=mine+yours,s=c2FsdA==,i=-1", ScramFault.UNREADABLE),
        (b"r=mine+yours,s=not base64,i=4096", ScramFault.UNREADABLE),
        (server_first(iterations="9" * 5000), ScramFault.UNREADABLE),
        (server_first("yours"), ScramFault.NONCE),
        (server_first("mine"), ScramFault.NONCE),
        (server_first(iterations=str(FEWEST_ITERATIONS - 1)), ScramFault.TOO_FEW_ITERATIONS),
        (server_first(iterations=str(MOST_ITERATIONS + 1)), ScramFault.TOO_MANY_ITERATIONS),
    ],
)
def test_a_server_that_makes_no_sense_gets_no_proof(message: bytes, fault: ScramFault):
    with pytest.raises(ScramError) as failure:
        exchange(nonce="mine").final(message)
    assert failure.value.fault is fault


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_saslprep_as_in_the_standard(text: str, result: str):
    """The examples of RFC 4013 section 3, a space, and a letter younger than the standard."""
    assert prepared(text) == result


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031", "\u00ad", "", "a\u0627", "\ue000"])
def test_saslprep_forbids(text: str):
    with pytest.raises(ValueError, match=r"allowed|right-to-left|nothing|directions"):
        prepared(text)
