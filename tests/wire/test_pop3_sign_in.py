"""AUTH, APOP, USER and PASS: passwords on the wire and off it, and refusals in words."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.errors import (
    ClearPasswordRefused,
    ConnectionFailed,
    Layer,
    ProtocolViolation,
    Retry,
    SignInFailed,
    TokenRefused,
)
from qtmail.log import ProtocolLog
from qtmail.protocols import sign_in as shared
from qtmail.protocols.pop3 import Pop3Refused
from tests.fakes.imap_server import Expect, ScriptedServer, Step, transcript
from tests.fakes.pop3_server import CHALLENGE, Pop3Server
from tests.wire.pop3_sessions import SIGN_IN, connected, greeted
from tests.wire.sessions import trust_in

PLAIN = "AUTH PLAIN AGV2YQBzZWNyZXQ="
TOKEN = b64encode(b"user=eva\1auth=Bearer t0k3n\1\1").decode()


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def check_signs_in(
    script: list[Step], secret: Secret = "secret", *, round_trips: int | None = None, **options: object
) -> None:
    """That the server hears exactly the script, and the protocol log nothing secret."""
    log = ProtocolLog()
    with ScriptedServer(script) as server, connected(server, log=log, **options) as session:
        before = session.counters
        session.sign_in(secret)
        assert round_trips in (None, (session.counters - before).round_trips)
    shown = " ".join(line.text for line in log.lines())
    for hidden in ("secret", base64("secret"), "t0k3n", TOKEN, PLAIN.split()[-1]):
        assert hidden not in shown


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake server counts as one that others can listen to."""
    monkeypatch.setattr(shared, "stays_here", lambda _host: False)


def test_plain_in_one_round_trip():
    check_signs_in(greeted("USER", "SASL PLAIN", rest=f"C: {PLAIN}\nS: +OK welcome"), round_trips=1)


def test_user_and_pass():
    check_signs_in(greeted("USER", rest=SIGN_IN))


def test_user_and_pass_in_one_round_trip_where_the_server_takes_commands_ahead():
    check_signs_in(
        greeted("USER", "PIPELINING", rest="C: USER eva\nC: PASS secret\nS: +OK\nS: +OK welcome"),
        round_trips=1,
    )


def test_a_password_is_taken_as_it_is():
    password = " two words ü "
    steps = [*transcript("C: USER eva\nS: +OK"), Expect(f"PASS {password}"), *transcript("S: +OK")]
    check_signs_in([*greeted("USER"), *steps], password)


def test_a_refused_user_is_not_followed_by_the_password():
    with pytest.raises(SignInFailed, match="did not accept"):
        check_signs_in(greeted("USER", rest="C: USER eva\nS: -ERR [AUTH] who?"))


@pytest.mark.parametrize("end", ["S: -ERR what?", "DROP"])
def test_a_refused_user_whose_password_was_sent_ahead(end: str):
    script = greeted("USER", "PIPELINING", rest=f"C: USER eva\nC: PASS secret\nS: -ERR [AUTH] who?\n{end}")
    with pytest.raises(SignInFailed) as failure:
        check_signs_in(script)
    assert "who?" in failure.value.detail


@pytest.mark.parametrize("password", ["sec\r\nDELE 1", "sec\nret", "\0", ""])
def test_a_password_that_no_command_can_carry_is_not_sent(password: str):
    with pytest.raises(SignInFailed, match="empty or contains a line end"):
        check_signs_in(greeted("USER"), password)


def test_a_token_too_long_for_the_command_waits_to_be_asked_for():
    token = "t0k3n" * 100
    response = b64encode(b"user=eva\1auth=Bearer %s\1\1" % token.encode()).decode()
    script = greeted("SASL XOAUTH2", rest=f"C: AUTH XOAUTH2\nS: +\nC: {response}\nS: +OK welcome")
    check_signs_in(script, AccessToken(token))


def test_a_refused_token():
    error = base64('{"status":"401","schemes":"bearer"}')
    rest = f"C: AUTH XOAUTH2 {TOKEN}\nS: + {error}\nC: \nS: -ERR [AUTH] no"
    with pytest.raises(TokenRefused) as failure:
        check_signs_in(greeted("USER", "SASL PLAIN XOAUTH2", rest=rest), AccessToken("t0k3n"))
    assert "401" in failure.value.detail


def test_a_token_is_never_used_as_a_password():
    with pytest.raises(SignInFailed, match="does not take the provider's permission"):
        check_signs_in(greeted("USER", "SASL PLAIN"), AccessToken("t0k3n"))


def test_a_certificate_is_never_replaced_by_a_password():
    with pytest.raises(SignInFailed, match="needs an encrypted line"):
        check_signs_in(greeted("USER", "SASL PLAIN EXTERNAL"), ClientCertificate("/dev/null"))


def test_a_certificate_signs_in_over_tls(authority: trustme.CA, tmp_path: Path):
    pem = tmp_path / "eva.pem"
    authority.issue_cert("eva@example.org").private_key_and_cert_chain_pem.write_to_path(pem)
    secret = ClientCertificate(str(pem))
    with (
        ScriptedServer(
            transcript("TLS") + greeted("USER", "SASL PLAIN EXTERNAL", rest="C: AUTH EXTERNAL ZXZh\nS: +OK"),
            certificate=authority.issue_cert("127.0.0.1"),
        ) as server,
        connected(
            server,
            security=Security.TLS,
            trust=trust_in(authority, tmp_path),
            client_certificate=secret,
        ) as session,
    ):
        session.sign_in(secret)


def test_login_answers_two_questions():
    questions = f"S: + VXNlcm5hbWU6\nC: {base64('eva')}\nS: + UGFzc3dvcmQ6\nC: {base64('secret')}\n"
    rest = f"C: AUTH LOGIN\n{questions}S: +OK"
    check_signs_in(greeted("SASL LOGIN", rest=rest))


def test_what_asks_too_much_is_broken_off():
    rest = f"C: {PLAIN}\nS: + {base64('And your pin?')}\nC: *\nS: -ERR broken off"
    with pytest.raises(SignInFailed):
        check_signs_in(greeted("SASL PLAIN", rest=rest))


def test_scram_before_all_that_shows_the_password_and_an_unbelievable_server_is_not_believed():
    script = [
        *greeted("USER", "SASL PLAIN LOGIN SCRAM-SHA-256"),
        *transcript(r"C~ AUTH SCRAM-SHA-256 [A-Za-z0-9+/=]+" + "\nS: +OK just come in"),
    ]
    with pytest.raises(SignInFailed, match="could not prove that it knows the password"):
        check_signs_in(script)


def test_a_mechanism_turned_away_unseen_gives_way_to_the_next():
    rest = f"C~ AUTH SCRAM-SHA-256 [A-Za-z0-9+/=]+\nS: -ERR [AUTH] only hashes here\nC: {PLAIN}\nS: +OK"
    check_signs_in(greeted("USER", "SASL PLAIN SCRAM-SHA-256", rest=rest))


def test_and_in_the_end_to_user_and_pass():
    rest = f"C~ AUTH SCRAM-SHA-256 [A-Za-z0-9+/=]+\nS: -ERR no\n{SIGN_IN}"
    check_signs_in(greeted("USER", "SASL SCRAM-SHA-256", rest=rest))


def test_a_wrong_password_is_tried_once():
    rest = f"C: {PLAIN}\nS: -ERR [AUTH] wrong"
    with pytest.raises(SignInFailed):
        check_signs_in(greeted("USER", "SASL PLAIN LOGIN", rest=rest))


# -- lines in clear text -------------------------------------------------------------------------------


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize(
    "offers", [("USER",), ("USER", "SASL PLAIN LOGIN"), ("SASL PLAIN",), ("USER", "SASL NTLM")]
)
def test_a_password_that_would_be_readable_is_not_sent(offers: tuple[str, ...]):
    with pytest.raises(ClearPasswordRefused, match="not encrypted, so the password was not sent"):
        check_signs_in(greeted(*offers), allow_clear_password=False)


@pytest.mark.usefixtures("far_away")
def test_a_server_from_before_capa_gets_no_readable_password_either():
    with pytest.raises(ClearPasswordRefused):
        check_signs_in(transcript("S: +OK\nC: CAPA\nS: -ERR what?"), allow_clear_password=False)


@pytest.mark.usefixtures("far_away")
def test_a_readable_password_is_not_sent_because_what_hides_it_was_refused():
    script = greeted("USER", "SASL CRAM-MD5 PLAIN", rest="C: AUTH CRAM-MD5\nS: -ERR no such thing")
    with pytest.raises(SignInFailed):
        check_signs_in(script, allow_clear_password=False)


@pytest.mark.usefixtures("far_away")
def test_a_clear_line_gets_what_hides_the_password():
    log = ProtocolLog()
    with (
        Pop3Server(mechanisms=("PLAIN", "CRAM-MD5")) as server,
        connected(server, log=log, allow_clear_password=False) as session,
    ):
        session.sign_in("secret")
        assert session.stat() == (0, 0)
    assert "AUTH CRAM-MD5" in server.heard[0]
    assert b64encode(CHALLENGE).decode() not in " ".join(line.text for line in log.lines())


def test_a_server_that_wants_tls_first():
    with pytest.raises(SignInFailed, match="takes no password over a line that is not encrypted") as failure:
        check_signs_in(greeted("STLS", "UIDL"))
    assert "STARTTLS" in failure.value.advice


def test_a_server_that_names_no_way_over_tls_is_tried_with_the_oldest(authority: trustme.CA, tmp_path: Path):
    with (
        Pop3Server(
            capabilities=("UIDL",),
            mechanisms=(),
            certificate=authority.issue_cert("127.0.0.1"),
            implicit_tls=True,
        ) as server,
        connected(server, security=Security.TLS, trust=trust_in(authority, tmp_path)) as session,
    ):
        session.sign_in("secret")
    assert server.heard[0] == ["CAPA", "USER eva", "PASS secret"]


def test_only_mechanisms_nobody_here_knows():
    with pytest.raises(SignInFailed, match="no way of signing in that qtmail knows") as failure:
        check_signs_in(greeted("SASL GSSAPI NTLM"))
    assert failure.value.detail == "GSSAPI, NTLM"


# -- APOP ----------------------------------------------------------------------------------------------

STAMPED = """
    S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
    C: CAPA
    S: +OK
    S: USER
    S: SASL CRAM-MD5
    S: .
"""


def test_apop_as_in_the_standard():
    """The example of RFC 1939 section 7."""
    rest = "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nS: +OK maildrop has 1 message (369 octets)"
    log = ProtocolLog()
    with (
        ScriptedServer(transcript(STAMPED + rest)) as server,
        connected(server, apop=True, user="mrose", log=log, allow_clear_password=False) as session,
    ):
        session.sign_in("tanstaaf")
    assert "c4c9334b" not in " ".join(line.text for line in log.lines())


def test_apop_only_where_it_was_asked_for():
    check_signs_in(transcript(STAMPED.replace("S: SASL CRAM-MD5", "S: X-NOTHING") + SIGN_IN))


@pytest.mark.parametrize("stamp", ["", "<not-a-message-id>", "<a@b@c>", "<a\x7f@c>", "<ä@c>"])
def test_no_apop_without_a_time_stamp_that_can_be_trusted(stamp: str):
    """A chosen one tells the password from the digests (CVE-2007-1558)."""
    script = transcript(f"S: +OK ready {stamp}\nC: CAPA\nS: +OK\nS: USER\nS: .\n" + SIGN_IN)
    check_signs_in(script, apop=True)


def test_a_refused_apop():
    with (
        Pop3Server(users={"eva": "another"}) as server,
        connected(server, apop=True) as session,
        pytest.raises(SignInFailed, match="did not accept"),
    ):
        session.sign_in("secret")
    assert [line.split()[0] for line in server.heard[0]] == ["CAPA", "APOP"]


# -- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("-ERR [AUTH] Authentication failed.", "Check both"),
        ("-ERR no", "Check both"),
        ("-ERR", "Check both"),
        ("-ERR [AUTH] Web login required: https://x.example", "Check both"),
        ("-ERR [AUTH] Application-specific password required", "asks for an app password"),
        ("-ERR 请使用授权码登录。", "授权码"),
        ("-ERR [AUTH] Login fail, login frequency limited or system is busy", "Check both"),
    ],
)
def test_a_refused_password(answer: str, advice: str):
    with (
        ScriptedServer(greeted("SASL PLAIN", rest=f"C: {PLAIN}\nS: {answer}")) as server,
        connected(server) as session,
        pytest.raises(SignInFailed, match="did not accept the user name eva or the password") as failure,
    ):
        session.sign_in("secret")
    assert failure.value.retry is Retry.ASK_USER
    assert advice in failure.value.advice
    assert "secret" not in str(failure.value) + failure.value.detail


def test_a_mailbox_that_the_user_can_open():
    answer = "-ERR [SYS/PERM] Sign in once with your web browser and allow it."
    with (
        ScriptedServer(greeted("SASL PLAIN", rest=f"C: {PLAIN}\nS: {answer}")) as server,
        connected(server) as session,
        pytest.raises(Pop3Refused, match="Sign in once with your web browser and allow it") as failure,
    ):
        session.sign_in("secret")
    assert failure.value.advice.startswith("Sign in once on the provider's web page")


def test_a_refusal_that_would_have_a_code_if_the_password_were_wrong():
    script = greeted("AUTH-RESP-CODE", "SASL PLAIN", rest=f"C: {PLAIN}\nS: -ERR not from this network")
    with pytest.raises(SignInFailed, match="did not let eva sign in: not from this network") as failure:
        check_signs_in(script)
    assert "does not say that the password is wrong" in failure.value.advice


@pytest.mark.parametrize(
    ("answer", "words", "retry", "code"),
    [
        ("-ERR [IN-USE] Do you have another session running?", "in use", Retry.LATER, "IN-USE"),
        ("-ERR maildrop already locked", "in use", Retry.LATER, ""),
        ("-ERR your mailbox is locked by another client", "in use", Retry.LATER, ""),
        ("-ERR [LOGIN-DELAY] too soon", "more time to pass", Retry.LATER, "LOGIN-DELAY"),
        ("-ERR [SYS/TEMP] database down", "cannot check passwords", Retry.LATER, "SYS/TEMP"),
        ("-ERR [SYS] what?", "cannot check passwords", Retry.LATER, "SYS"),
        (
            "-ERR [SYS/TEMP] out of order, use your web browser",
            "cannot check passwords",
            Retry.LATER,
            "SYS/TEMP",
        ),
        ("-ERR server busy, try again later", "cannot check passwords", Retry.LATER, ""),
        (
            "-ERR [SYS/PERM] mailbox corrupt",
            "does not open the mailbox of eva: mailbox corrupt",
            Retry.ASK_USER,
            "SYS/PERM",
        ),
    ],
)
@pytest.mark.parametrize("way", ["AUTH", "PASS"])
def test_what_is_not_the_fault_of_the_password(way: str, answer: str, words: str, retry: Retry, code: str):
    rest = (
        f"C: {PLAIN}\nS: {answer}" if way == "AUTH" else f"C: USER eva\nS: +OK\nC: PASS secret\nS: {answer}"
    )
    offers = ("SASL PLAIN",) if way == "AUTH" else ("USER",)
    with (
        ScriptedServer(greeted(*offers, "LOGIN-DELAY 300", rest=rest)) as server,
        connected(server) as session,
        pytest.raises(Pop3Refused, match=words) as failure,
    ):
        session.sign_in("secret")
    assert not isinstance(failure.value, SignInFailed)
    assert failure.value.layer is Layer.SIGN_IN
    assert failure.value.retry is retry
    assert failure.value.code == code
    assert "web page" not in failure.value.advice or code == "SYS/PERM"
    assert failure.value.retry_after == (300 if code == "LOGIN-DELAY" else None)


def test_an_answer_that_makes_no_sense():
    with pytest.raises(ProtocolViolation, match="not POP3"):
        check_signs_in(greeted("SASL PLAIN", rest=f"C: {PLAIN}\nS: 235 fine"))


def test_a_line_that_is_closed_instead_of_an_answer():
    with pytest.raises(ConnectionFailed):
        check_signs_in(greeted("SASL PLAIN", rest=f"C: {PLAIN}\nDROP"))
