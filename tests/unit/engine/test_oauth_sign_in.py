"""Signing in at a provider, in the browser and with a code, against a server that fails at each step."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.domain.oauth import DeviceStep, Permission
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.oauth_sign_in import OAuthSignIn
from qtmail.errors import ConnectionFailed, QtmailError, Retry, SignInFailed, Stopped
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.wake import Wake
from tests.fakes import authorization_server as fake
from tests.fakes.authorization_server import (
    CLIENT_ID,
    CODE,
    DEVICE,
    DEVICE_TOKEN,
    METADATA,
    PAGE,
    AuthorizationServer,
    Reply,
    error,
)


class Desk:
    """A user about to sign in, and the provider."""

    def __init__(self, service: AuthorizationServer, trust: TlsTrust) -> None:
        self.service = service
        self.trust = trust
        self.stop = Wake()
        self.steps: list[DeviceStep] = []

    def attempt(self, **more: object) -> OAuthSignIn:
        sign_in = SignIn(SignInMethod.OAUTH, self.service.issuer, CLIENT_ID)
        return OAuthSignIn(sign_in, "ann@example.org", trust=self.trust, stop=self.stop, **more)  # type: ignore[arg-type]

    def by_browser(self) -> Permission:
        return self.attempt().by_browser(self.service.browse)

    def by_device(self) -> Permission:
        return self.attempt().by_device(self.steps.append)


@pytest.fixture
def desk(authority: trustme.CA, tmp_path: Path) -> Iterator[Desk]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with AuthorizationServer(authority) as service:
        desk = Desk(service, TlsTrust(cafile=str(tmp_path / "ca.pem")))
        with contextlib.closing(desk.stop):
            yield desk


def test_signing_in_by_browser(desk: Desk) -> None:
    permission = desk.by_browser()
    assert desk.service.accepts(permission.access_token)
    assert permission.refresh_token
    assert 3500 < permission.expires_at - time.time() <= 3600
    assert [step for step, _ in desk.service.asked] == [METADATA, PAGE, CODE]
    assert dict(desk.service.asked)[PAGE]["login_hint"] == "ann@example.org"
    desk.service._browsers[0].join(30)
    ((status, page),) = desk.service.pages
    assert status == 200
    assert "You can close this page" in page


def test_every_attempt_has_secrets_of_its_own(desk: Desk) -> None:
    desk.by_browser()
    desk.by_browser()
    one, other = (fields for step, fields in desk.service.asked if step == PAGE)
    assert one["state"] != other["state"]
    assert one["code_challenge"] != other["code_challenge"]
    verifiers = [fields["code_verifier"] for step, fields in desk.service.asked if step == CODE]
    assert all(43 <= len(verifier) <= 128 for verifier in verifiers)  # RFC 7636 section 4.1


def test_the_secret_of_the_users_own_client_is_used_and_kept_with_the_permission(desk: Desk) -> None:
    desk.service.client_secret = "my own"
    with pytest.raises(SignInFailed, match="client secret"):
        desk.by_browser()
    permission = desk.attempt(client_secret="my own").by_browser(desk.service.browse)
    assert permission.client_secret == "my own"


def test_a_user_who_says_no(desk: Desk) -> None:
    desk.service.answer = lambda answer: {"error": "access_denied", "state": answer["state"]}
    with pytest.raises(SignInFailed, match="not allowed at localhost") as raised:
        desk.by_browser()
    assert raised.value.retry is Retry.ASK_USER
    assert desk.service.count(CODE) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer | {"state": "guessed"},
        lambda answer: {name: value for name, value in answer.items() if name != "state"},
        lambda answer: answer | {"state": answer["state"] + "x"},
        lambda answer: answer | {"state": "ü"},
        lambda answer: {"state": answer["state"]},
    ],
    ids=["wrong", "none", "longer", "not ASCII", "no code"],
)
def test_an_answer_to_something_else_is_never_used(
    desk: Desk, change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    desk.service.answer = change
    with pytest.raises(ConnectionFailed, match="did not come back") as raised:
        desk.attempt(patience=0.3).by_browser(desk.service.browse)
    assert raised.value.retry is Retry.ASK_USER
    assert desk.service.count(CODE) == 0


def test_an_answer_from_another_provider_is_never_used(desk: Desk) -> None:
    desk.service.answer = lambda answer: answer | {"iss": "https://evil.example"}
    with pytest.raises(SignInFailed, match="was not localhost's"):
        desk.by_browser()
    assert desk.service.count(CODE) == 0


def test_a_provider_that_does_not_name_itself_is_believed(desk: Desk) -> None:
    desk.service.answer = lambda answer: {"code": answer["code"], "state": answer["state"]}
    assert desk.by_browser().access_token


def test_a_browser_that_never_comes_back(desk: Desk) -> None:
    with pytest.raises(ConnectionFailed, match="did not come back") as raised:
        desk.attempt(patience=0.1).by_browser(lambda url: None)
    assert raised.value.retry is Retry.ASK_USER
    assert raised.value.advice


@pytest.mark.parametrize("waits_for", ["browser", "token"])
def test_the_user_can_give_up(desk: Desk, waits_for: str) -> None:
    desk.service.always[CODE] = fake.SILENT
    timer = threading.Timer(0.2, desk.stop.set)
    timer.start()
    with pytest.raises(Stopped):
        desk.attempt().by_browser(desk.service.browse if waits_for == "token" else lambda url: None)
    timer.join()


@pytest.mark.parametrize("step", [METADATA, CODE, DEVICE])
@pytest.mark.parametrize(
    "reply", [fake.HTML, fake.EMPTY, fake.CUT, fake.BROKEN], ids=["HTML", "empty", "cut", "503"]
)
def test_a_provider_that_fails_at_one_step_can_be_asked_again(desk: Desk, step: str, reply: Reply) -> None:
    start = desk.by_device if step == DEVICE else desk.by_browser
    desk.service.instead[step].append(reply)
    with pytest.raises(ConnectionFailed) as raised:
        start()
    assert raised.value.sentence.endswith(".")
    assert start().access_token


def test_what_the_user_did_not_allow_is_named(desk: Desk) -> None:
    desk.service.token = {"scope": "profile"}
    with pytest.raises(SignInFailed, match="did not give qtmail all") as raised:
        desk.by_browser()
    assert raised.value.detail == "missing: mail"
    assert "allow everything" in raised.value.advice


def test_a_permission_that_ends_within_the_hour_is_none(desk: Desk) -> None:
    desk.service.token = {"refresh_token": None}
    with pytest.raises(SignInFailed, match="for a short time only") as raised:
        desk.by_browser()
    assert "password" in raised.value.advice


def test_signing_in_with_a_code_on_another_device(desk: Desk) -> None:
    desk.service.instead[DEVICE_TOKEN].extend([error("authorization_pending")] * 3)
    permission = desk.by_device()
    assert desk.service.accepts(permission.access_token)
    (step,) = desk.steps
    assert (step.user_code, step.url) == ("ABCD-EFGH", f"{desk.service.issuer}/activate")
    assert 50 < step.expires_at - time.time() <= 60
    assert desk.service.count(DEVICE_TOKEN) == 4


def test_a_question_that_gets_no_answer_is_asked_again(desk: Desk) -> None:
    desk.service.instead[DEVICE_TOKEN].extend([fake.CUT, fake.BROKEN])
    assert desk.by_device().access_token


@pytest.mark.parametrize(
    ("code", "words"), [("access_denied", "not allowed"), ("expired_token", "in time"), ("odd", "refused")]
)
def test_a_device_that_is_refused(desk: Desk, code: str, words: str) -> None:
    desk.service.instead[DEVICE_TOKEN].extend([error("authorization_pending"), error(code)])
    with pytest.raises(SignInFailed, match=words):
        desk.by_device()


def test_a_code_nobody_types_runs_out(desk: Desk) -> None:
    desk.service.always[DEVICE_TOKEN] = error("authorization_pending")
    desk.service.always[DEVICE] = Reply(
        says={
            "device_code": "d",
            "user_code": "u",
            "verification_uri": "https://x.example/",
            "expires_in": 0.2,
            "interval": 0.05,
        }
    )
    with pytest.raises(SignInFailed, match="not typed at localhost in time"):
        desk.by_device()


def test_who_is_told_to_slow_down_does(desk: Desk) -> None:
    """The next question would come five seconds later (RFC 8628 section 3.5), after the code has run out."""
    desk.service.always[DEVICE_TOKEN] = error("slow_down")
    desk.service.always[DEVICE] = Reply(
        says={
            "device_code": "d",
            "user_code": "u",
            "verification_uri": "https://x.example/",
            "expires_in": 4,
            "interval": 0.01,
        }
    )
    with pytest.raises(SignInFailed, match="in time"):
        desk.by_device()
    assert desk.service.count(DEVICE_TOKEN) == 1


def test_waiting_for_a_device_can_be_given_up(desk: Desk) -> None:
    desk.service.always[DEVICE_TOKEN] = error("authorization_pending")
    with pytest.raises(Stopped):
        desk.attempt().by_device(lambda step: desk.stop.set())


def test_a_provider_without_codes_says_what_to_do_instead(desk: Desk) -> None:
    metadata = desk.service.metadata()
    del metadata["device_authorization_endpoint"]
    desk.service.always[METADATA] = Reply(says=metadata)
    with pytest.raises(QtmailError, match="no codes") as raised:
        desk.by_device()
    assert "browser" in raised.value.advice
