"""Mechanisms by themselves: what they answer, in which order they are tried, and that they tell nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.errors import SignInFailed
from qtmail.protocols import sasl
from qtmail.protocols.channel_binding import ChannelBinding
from tests.fakes.scram_server import ScramServer

BINDING = ChannelBinding("tls-unique", b"this line")
ENCRYPTED = sasl.Line(encrypted=True)
BOUND = sasl.Line(encrypted=True, binding=BINDING)
CLEAR = sasl.Line(encrypted=False)
CLEAR_ALLOWED = sasl.Line(encrypted=False, may_show=True)
PASSWORDS = {"CRAM-MD5", "GSSAPI", "LOGIN", "PLAIN"}
SCRAM = {"SCRAM-SHA-1", "SCRAM-SHA-256"}
PLUS = {"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"}
TOKEN = AccessToken("ya29.token")


def names(offered: set[str], line: sasl.Line, secret: Secret = "secret") -> list[str]:
    return [mechanism.name for mechanism in sasl.choose(offered, line, "eva", secret)]


def only(name: str, line: sasl.Line = ENCRYPTED, secret: Secret = "secret") -> sasl.Mechanism:
    (mechanism,) = sasl.choose({name}, line, "eva", secret)
    return mechanism


# -- what each answers -----------------------------------------------------------------------------


def test_plain_as_in_the_standard():
    """The example of RFC 4616 section 4."""
    mechanism = sasl.Plain("tim", "tanstaaftanstaaf")
    assert mechanism.answer(b"") == b"\0tim\0tanstaaftanstaaf"
    assert mechanism.answer(b"") is None


def test_login_answers_twice():
    mechanism = sasl.Login("tim", "secret")
    assert [mechanism.answer(b"?") for _ in range(3)] == [b"tim", b"secret", None]


def test_cram_md5_as_in_the_standard():
    """The example of RFC 2195 section 2."""
    mechanism = sasl.CramMd5("tim", "tanstaaftanstaaf")
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    assert mechanism.answer(challenge) == b"tim b913a602c7eda7a495b4e6e7334d3890"
    assert mechanism.answer(challenge) is None
    assert sasl.CramMd5("tim", "secret").answer(b"") is None


def test_oauthbearer_as_in_the_standard():
    """The example of RFC 7628 section 4.1, without the optional host and port, and of section 4.3."""
    mechanism = sasl.OAuthBearer("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")
    assert mechanism.answer(b"") == (
        b"n,a=user@example.com,\1auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"
    )
    assert mechanism.answer(b'{"status":"invalid_token","scope":"example_scope"}') == b"\1"
    assert mechanism.server_error == "status: invalid_token, scope: example_scope"
    assert mechanism.answer(b"") is None


def test_xoauth2_as_google_and_microsoft_describe_it():
    mechanism = sasl.XOAuth2("someuser@example.com", "ya29.token")
    assert mechanism.answer(b"") == b"user=someuser@example.com\1auth=Bearer ya29.token\1\1"
    assert mechanism.answer(b'{"status":"401","schemes":"bearer"}') == b""
    assert mechanism.server_error == "status: 401"


@pytest.mark.parametrize("said", [b"", b"go away", b"[1, 2]", b"\xff"])
def test_a_token_refused_in_other_words(said: bytes):
    mechanism = sasl.XOAuth2("eva", "token")
    mechanism.answer(b"")
    assert mechanism.answer(said) == b""
    assert mechanism.server_error == said.decode("utf-8", "replace")


def test_external_says_whose_mail_it_is():
    mechanism = only("EXTERNAL", secret=ClientCertificate("me.pem"))
    assert mechanism.answer(b"") == b"eva"
    assert mechanism.answer(b"") is None


@pytest.mark.parametrize("mechanism", [sasl.Plain, sasl.Login])
def test_names_and_passwords_beyond_ascii_go_as_utf_8(mechanism: type[sasl.Mechanism]):
    asked = mechanism("丽", "pässwörd")
    said = [asked.answer(b"") or b"" for _ in range(2)]
    assert "丽".encode() in b"".join(said)
    assert "pässwörd".encode() in b"".join(said)


@pytest.mark.parametrize(
    "mechanism",
    [
        *sasl.choose(PASSWORDS | SCRAM | PLUS, BOUND, "eva", "secret"),
        *sasl.choose({"OAUTHBEARER", "XOAUTH2"}, BOUND, "eva", AccessToken("secret")),
    ],
    ids=lambda mechanism: mechanism.name,
)
def test_no_secret_is_shown(mechanism: sasl.Mechanism):
    assert "secret" not in repr(mechanism) + str(mechanism)
    assert "eva" in repr(mechanism)


# -- which is used ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "line", "order"),
    [
        (PASSWORDS, ENCRYPTED, ["PLAIN", "LOGIN", "CRAM-MD5"]),
        (PASSWORDS, CLEAR_ALLOWED, ["CRAM-MD5", "PLAIN", "LOGIN"]),
        (PASSWORDS, CLEAR, ["CRAM-MD5"]),
        (PASSWORDS | SCRAM, CLEAR, ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"]),
        (PASSWORDS | SCRAM, BOUND, ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5"]),
        (
            SCRAM | PLUS | {"PLAIN"},
            BOUND,
            ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"],
        ),
        (SCRAM | PLUS, ENCRYPTED, ["SCRAM-SHA-256", "SCRAM-SHA-1"]),
        ({"PLAIN", "LOGIN"}, CLEAR, []),
        ({"LOGIN"}, ENCRYPTED, ["LOGIN"]),
        ({"GSSAPI", "XOAUTH2", "EXTERNAL"}, ENCRYPTED, []),
    ],
)
def test_the_strongest_that_the_line_may_carry_comes_first(
    offered: set[str], line: sasl.Line, order: list[str]
):
    assert names(offered, line) == order


@pytest.mark.parametrize(
    ("offered", "line", "order"),
    [
        ({"PLAIN", "XOAUTH2", "OAUTHBEARER"}, ENCRYPTED, ["OAUTHBEARER", "XOAUTH2"]),
        ({"XOAUTH2"}, CLEAR, []),
        ({"XOAUTH2"}, CLEAR_ALLOWED, ["XOAUTH2"]),
    ],
)
def test_a_token_goes_where_a_password_may(offered: set[str], line: sasl.Line, order: list[str]):
    assert names(offered, line, TOKEN) == order


def test_a_token_that_would_end_its_field_is_not_sent():
    assert names({"XOAUTH2", "OAUTHBEARER"}, ENCRYPTED, AccessToken("token\1host=evil")) == []


def test_a_certificate_is_no_use_on_a_clear_line():
    certificate = ClientCertificate("me.pem")
    assert names({"PLAIN", "EXTERNAL"}, ENCRYPTED, certificate) == ["EXTERNAL"]
    assert names({"EXTERNAL"}, CLEAR_ALLOWED, certificate) == []


@pytest.mark.parametrize(("password", "suits"), [("a\0b", ["LOGIN"]), ("\u0007", ["PLAIN", "LOGIN"])])
def test_only_what_can_carry_the_password(password: str, suits: list[str]):
    assert names({"SCRAM-SHA-256", "PLAIN", "LOGIN"}, ENCRYPTED, password) == suits


@pytest.mark.parametrize(
    ("offered", "line", "header"),
    [
        ({"SCRAM-SHA-256"}, BOUND, b"y,,"),
        ({"SCRAM-SHA-256"}, ENCRYPTED, b"n,,"),
        ({"SCRAM-SHA-256"}, CLEAR, b"n,,"),
        ({"SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"}, BOUND, b"n,,"),
        ({"SCRAM-SHA-256-PLUS"}, BOUND, b"p=tls-unique,,"),
    ],
)
def test_what_is_said_of_channel_binding(offered: set[str], line: sasl.Line, header: bytes):
    """RFC 5802 section 6: "y" only if the server seems to offer none, so that one that does notices."""
    by_name = {mechanism.name: mechanism for mechanism in sasl.choose(offered, line, "eva", "secret")}
    name = next(name for name in offered if "256" in name)
    assert (by_name[name].answer(b"") or b"").startswith(header)


# -- when a refusal is final -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "challenges"),
    [
        ("PLAIN", [b""]),
        ("LOGIN", [b"Username:", b"Password:"]),
        ("CRAM-MD5", [b"<1@host>"]),
        ("OAUTHBEARER", [b""]),
        ("XOAUTH2", [b""]),
    ],
)
def test_a_refusal_counts_once_the_server_has_seen_the_secret(name: str, challenges: list[bytes]):
    mechanism = only(name, secret=TOKEN if "OAUTH" in name else "secret")
    judged = [mechanism.judged]
    for challenge in challenges:
        mechanism.answer(challenge)
        judged.append(mechanism.judged)
    assert judged == [False] * len(challenges) + [True]


def test_scram_is_judged_by_its_proof():
    mechanism, server = only("SCRAM-SHA-256"), ScramServer()
    first = mechanism.answer(b"") or b""
    assert not mechanism.judged
    assert mechanism.answer(server.first(first))
    assert mechanism.judged


# -- SCRAM, to its end -----------------------------------------------------------------------------


def exchanged(
    server: ScramServer, *, plus: bool = False, told: Callable[[bytes], bytes] = lambda final: final
) -> sasl.Mechanism:
    """The mechanism after an exchange; `told` changes the server's last message."""
    mechanism = only("SCRAM-SHA-256-PLUS", BOUND) if plus else only("SCRAM-SHA-256", BOUND)
    proof = mechanism.answer(server.first(mechanism.answer(b"") or b""))
    if proof is not None:
        mechanism.answer(told(server.final(proof)))
    return mechanism


def test_a_server_that_proves_itself_is_believed():
    exchanged(ScramServer()).check("mail.example.org", accepted=True)
    exchanged(ScramServer(binding=b"this line"), plus=True).check("mail.example.org", accepted=True)


@pytest.mark.parametrize("accepted", [True, False])
def test_a_server_with_a_wrong_signature_is_not(accepted: bool):
    with pytest.raises(SignInFailed, match="could not prove that it knows the password"):
        exchanged(ScramServer(signature=b"x" * 32)).check("mail.example.org", accepted=accepted)


def test_a_server_that_accepts_without_a_signature_is_not():
    mechanism = only("SCRAM-SHA-256")
    mechanism.answer(b"")
    with pytest.raises(SignInFailed, match="could not prove"):
        mechanism.check("mail.example.org", accepted=True)


def test_a_wrong_password_is_the_servers_to_refuse():
    exchanged(ScramServer(password="other")).check("mail.example.org", accepted=False)


def test_somebody_in_between_is_named():
    mechanism = exchanged(ScramServer(binding=b"another line"), plus=True)
    with pytest.raises(SignInFailed, match="sees another encrypted connection"):
        mechanism.check("mail.example.org", accepted=False)


@pytest.mark.parametrize("iterations", [1, 10**9])
def test_a_server_that_asks_too_little_or_too_much_gets_nothing(iterations: int):
    mechanism = exchanged(ScramServer(iterations=iterations))
    with pytest.raises(SignInFailed, match="cannot accept") as failure:
        mechanism.check("mail.example.org", accepted=False)
    assert "iterations" in failure.value.detail


def test_a_kind_of_binding_the_server_does_not_know_says_nothing_of_the_password():
    mechanism = exchanged(ScramServer(), plus=True, told=lambda _: b"e=unsupported-channel-binding-type")
    mechanism.check("mail.example.org", accepted=False)
    assert not mechanism.judged


# -- lines -----------------------------------------------------------------------------------------


def test_lines_are_base64_and_what_is_not_stays():
    assert sasl.encode(b"\0eva\0secret") == b"AGV2YQBzZWNyZXQ="
    assert sasl.decode(b"VXNlcm5hbWU6") == b"Username:"
    assert sasl.decode(b"Username:") == b"Username:"
    assert sasl.decode(b"") == b""
