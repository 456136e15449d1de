"""AUTH: passwords on the wire and off it, and refusals in words."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.errors import ConnectionFailed, ProtocolViolation, Retry, SignInFailed
from qtmail.log import ProtocolLog
from tests.fakes.imap_server import ScriptedServer, Step
from tests.fakes.smtp_server import SmtpServer
from tests.wire.sessions import trust_in
from tests.wire.smtp_sessions import PLAIN, connected, envelope, greeted, send


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def offering(*mechanisms: str, rest: str = "") -> list[Step]:
    return greeted("AUTH " + " ".join(mechanisms), rest=rest)


def check_signs_in(script: list[Step], password: str = "secret") -> None:
    log = ProtocolLog()
    with (
        ScriptedServer(script) as server,
        connected(server, log=log, allow_clear_password=True) as session,
    ):
        session.sign_in(password)
    shown = " ".join(line.text for line in log.lines())
    for secret in (password, base64(password), PLAIN.split()[-1]):
        assert secret not in shown


def test_plain_in_one_round_trip():
    check_signs_in(offering("PLAIN", rest=f"C: {PLAIN}\nS: 235 2.7.0 welcome"))


def test_plain_asked_for_although_it_was_given():
    """Some servers ask for what came with the command once more; it is given once."""
    script = offering("PLAIN", rest=f"C: {PLAIN}\nS: 334\nC: *\nS: 501 then not")
    with pytest.raises(SignInFailed, match="did not understand"):
        check_signs_in(script)


def test_a_password_too_long_for_the_command_waits_to_be_asked_for():
    password = "p" * 400
    response = base64(f"\0eva\0{password}")
    check_signs_in(offering("PLAIN", rest=f"C: AUTH PLAIN\nS: 334\nC: {response}\nS: 235 welcome"), password)


@pytest.mark.parametrize("prompts", [("VXNlcm5hbWU6", "UGFzc3dvcmQ6"), ("Username:", "Password:"), ("", "")])
def test_login_answers_two_questions_whatever_they_say(prompts: tuple[str, str]):
    check_signs_in(
        offering(
            "LOGIN",
            rest=f"""
            C: AUTH LOGIN
            S: 334 {prompts[0]}
            C: {base64("eva")}
            S: 334 {prompts[1]}
            C: {base64("secret")}
            S: 235 welcome
            """,
        )
    )


def test_login_gives_up_at_a_third_question():
    script = offering(
        "LOGIN",
        rest=f"""
        C: AUTH LOGIN
        S: 334
        C: {base64("eva")}
        S: 334
        C: {base64("secret")}
        S: 334 {base64("Your mother's name?")}
        C: *
        S: 501 5.7.0 broken off
        """,
    )
    with pytest.raises(SignInFailed):
        check_signs_in(script)


def test_cram_md5_as_in_the_standard():
    """The example of RFC 2195 section 2."""
    challenge = "<1896.697170952@postoffice.reston.mci.net>"
    log = ProtocolLog()
    script = offering(
        "CRAM-MD5",
        rest=f"""
        C: AUTH CRAM-MD5
        S: 334 {base64(challenge)}
        C: {base64("tim b913a602c7eda7a495b4e6e7334d3890")}
        S: 235 welcome
        """,
    )
    with ScriptedServer(script) as server, connected(server, log=log, user="tim") as session:
        session.sign_in("tanstaaftanstaaf")
    assert "b913a602" not in " ".join(line.text for line in log.lines())


def test_cram_md5_without_a_challenge_is_broken_off():
    script = offering("CRAM-MD5", rest="C: AUTH CRAM-MD5\nS: 334\nC: *\nS: 501 broken off")
    with pytest.raises(SignInFailed):
        check_signs_in(script)


def test_a_clear_line_gets_the_mechanism_that_hides_the_password():
    with SmtpServer(users={"eva": "secret"}) as server, connected(server) as session:
        session.sign_in("secret")
        assert send(session).accepted
    assert "AUTH CRAM-MD5" in server.heard[0]
    assert server.accepted[0].user == "eva"


def test_an_encrypted_line_gets_plain(authority: trustme.CA, tmp_path: Path):
    leaf = authority.issue_cert("127.0.0.1")
    with (
        SmtpServer(users={"eva": "secret"}, certificate=leaf, implicit_tls=True) as server,
        connected(server, security=Security.TLS, trust=trust_in(authority, tmp_path)) as session,
    ):
        session.sign_in("secret")
    assert server.heard[0] == ["EHLO [127.0.0.1]", PLAIN]


def test_a_password_that_would_be_readable_is_not_sent(elsewhere: str):
    with (
        ScriptedServer(offering("PLAIN", "LOGIN")) as server,
        connected(server, host=elsewhere) as session,
        pytest.raises(SignInFailed, match="not encrypted, so the password was not sent") as failure,
    ):
        session.sign_in("secret")
    assert "TLS" in failure.value.advice


def test_a_password_that_stays_on_this_computer_needs_no_permission():
    with (
        ScriptedServer(offering("PLAIN", rest=f"C: {PLAIN}\nS: 235 welcome")) as server,
        connected(server) as session,
    ):
        session.sign_in("secret")


def test_a_mechanism_that_is_offered_and_then_unknown_gives_way_to_the_next():
    check_signs_in(
        offering(
            "CRAM-MD5",
            "PLAIN",
            rest=f"C: AUTH CRAM-MD5\nS: 504 5.5.4 not today\nC: {PLAIN}\nS: 235 welcome",
        )
    )


def test_no_user_no_sign_in():
    with ScriptedServer(offering("PLAIN")) as server, connected(server, user="") as session:
        session.sign_in("secret")


def test_a_server_without_sign_in_is_used_without_on_a_line_chosen_to_be_clear():
    with SmtpServer() as server, connected(server) as session:
        session.sign_in("secret")
        assert send(session, envelope("bob@example.org")).accepted


def test_a_server_without_sign_in_over_tls_is_the_wrong_one(authority: trustme.CA, tmp_path: Path):
    leaf = authority.issue_cert("127.0.0.1")
    with (
        SmtpServer(certificate=leaf, implicit_tls=True) as server,
        connected(server, security=Security.TLS, trust=trust_in(authority, tmp_path)) as session,
        pytest.raises(SignInFailed, match="offers no sign-in") as failure,
    ):
        session.sign_in("secret")
    assert "587" in failure.value.advice
    assert "user name empty" in failure.value.advice


def test_only_mechanisms_nobody_here_knows():
    with (
        ScriptedServer(offering("GSSAPI", "NTLM")) as server,
        connected(server) as session,
        pytest.raises(SignInFailed, match="no way of signing in that qtmail knows") as failure,
    ):
        session.sign_in("secret")
    assert failure.value.detail == "GSSAPI, NTLM"


@pytest.mark.parametrize(
    ("answer", "words", "retry", "advice"),
    [
        ("535 5.7.8 Authentication credentials invalid", "did not accept", Retry.ASK_USER, "Check both"),
        ("535 no", "did not accept", Retry.ASK_USER, "Check both"),
        ("550 no", "did not accept", Retry.ASK_USER, "Check both"),
        ("454 4.7.0 Temporary failure", "cannot check passwords", Retry.LATER, "try again later"),
        ("451 4.3.0 database down", "cannot check passwords", Retry.LATER, "try again later"),
        ("530 5.7.0 Must issue STARTTLS first", "not encrypted", Retry.ASK_USER, "STARTTLS"),
        ("538 5.7.11 Encryption required", "not encrypted", Retry.ASK_USER, "STARTTLS"),
        ("534 5.7.9 mechanism too weak", "this kind of password", Retry.ASK_USER, "app password"),
        ("432 4.7.12 transition needed", "to be changed", Retry.ASK_USER, "web page"),
        ("535 5.7.13 account disabled", "switched off", Retry.ASK_USER, "provider"),
        ("501 5.5.2 cannot decode", "did not understand", Retry.ASK_USER, "user name"),
        ("503 5.5.1 already", "did not understand", Retry.ASK_USER, "user name"),
        (
            "534-5.7.9 Application-specific password required. Learn more at\nS: 534 5.7.9 https://x.example",
            "this kind of password",
            Retry.ASK_USER,
            "asks for an app password",
        ),
        (
            "534-5.7.14 Please log in via your web browser\nS: 534 5.7.14 and then try again",
            "this kind of password",
            Retry.ASK_USER,
            "web page",
        ),
        ("535 Error: authentication failed, 请使用授权码登录", "did not accept", Retry.ASK_USER, "授权码"),
        (
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant",
            "did not accept",
            Retry.ASK_USER,
            "Switch sending by mail programs",
        ),
    ],
)
def test_a_refusal_in_words(answer: str, words: str, retry: Retry, advice: str):
    with (
        ScriptedServer(offering("PLAIN", rest=f"C: {PLAIN}\nS: {answer}")) as server,
        connected(server, allow_clear_password=True) as session,
        pytest.raises(SignInFailed, match=words) as failure,
    ):
        session.sign_in("secret")
    assert failure.value.retry is retry
    assert advice in failure.value.advice
    assert failure.value.detail[:3] == answer[:3]
    assert "secret" not in str(failure.value) + failure.value.detail


def test_a_reply_that_makes_no_sense():
    with (
        ScriptedServer(offering("PLAIN", rest=f"C: {PLAIN}\nS: 250 fine, I suppose")) as server,
        connected(server, allow_clear_password=True) as session,
        pytest.raises(ProtocolViolation, match="answered AUTH"),
    ):
        session.sign_in("secret")


def test_a_line_that_is_closed_instead_of_an_answer():
    with (
        ScriptedServer(offering("PLAIN", rest=f"C: {PLAIN}\nS: 421 4.7.0 Too many failures\nDROP")) as server,
        connected(server, allow_clear_password=True) as session,
        pytest.raises(ConnectionFailed, match="Too many failures"),
    ):
        session.sign_in("secret")
