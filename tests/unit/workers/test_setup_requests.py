"""What the window asks before there is an account: searches, tests and sign-ins in the browser, side by side;
and their end, whenever the user or the program wants it.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.discovery import Discovery
from qtmail.domain.oauth import BrowserStep, DeviceStep, Permission
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import ConnectionFailed, KeyringFailed, QtmailError, Stopped
from qtmail.protocols.certificates import fingerprint
from qtmail.protocols.wake import Wake
from qtmail.workers.searches import Search
from tests.fakes.authorization_server import CLIENT_ID, CODE, SILENT, AuthorizationServer, error
from tests.unit.workers.service_desk import ServiceDesk, new_account
from tests.unit.workers.test_shutdown import SilentServer

LIMIT = 2.0
"""Seconds in which the program ends."""


class Answers:
    """What the window was told."""

    def __init__(self) -> None:
        self.found: list[object] = []
        self.faults: list[QtmailError] = []
        self.steps: list[BrowserStep | DeviceStep] = []

    def __bool__(self) -> bool:
        return bool(self.found or self.faults)


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def provider(
    office: ServiceDesk, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AuthorizationServer]:
    """An authorization server that this computer trusts."""
    authority.cert_pem.write_to_path(str(office.store.directory / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(office.store.directory / "ca.pem"))
    with AuthorizationServer(authority) as server:
        yield server


class Finding:
    """Stands for the discovery of servers; finds nothing until it is let go, or stopped."""

    let_go = threading.Event()
    begun = threading.Semaphore(0)

    def __init__(self, trust: object) -> None:
        pass

    def run(self, address: str, stop: Wake) -> Discovery:
        Finding.begun.release()
        if address.startswith("bug"):
            raise ZeroDivisionError
        while not Finding.let_go.is_set():
            if stop.wait(0.01):
                raise Stopped
        return Discovery(address, (), ())


@pytest.fixture
def finding(monkeypatch: pytest.MonkeyPatch) -> type[Finding]:
    Finding.let_go.clear()
    Finding.begun = threading.Semaphore(0)
    monkeypatch.setattr("qtmail.engine.discovery.Discoverer", Finding)
    return Finding


def discover(office: ServiceDesk, address: str, answers: Answers) -> Search:
    return office.service.discover(address, "Ann", answers.found.append, answers.faults.append)


def sign_in(office: ServiceDesk, provider: AuthorizationServer, answers: Answers, **more: object) -> Search:
    method = SignIn(SignInMethod.OAUTH, provider.issuer, CLIENT_ID)
    return office.service.sign_in_by_browser(
        method,
        "ann@example.org",
        show=answers.steps.append,
        done=answers.found.append,
        failed=answers.faults.append,
        **more,  # type: ignore[arg-type]
    )


def searching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name in ("search", "discovery")]


# -- searching


def test_what_is_found_is_told(office: ServiceDesk, finding: type[Finding], answers: Answers) -> None:
    finding.let_go.set()
    discover(office, "ann@example.org", answers)
    office.until(lambda: answers)
    assert answers.found == [Discovery("ann@example.org", (), ())]


def test_what_is_no_address_is_told(office: ServiceDesk, answers: Answers) -> None:
    discover(office, "nonsense", answers)
    office.until(lambda: answers)
    assert "not a mail address" in answers.faults[0].sentence


def test_a_search_that_is_given_up_ends_at_once_and_tells_nobody(
    office: ServiceDesk, finding: type[Finding], answers: Answers
) -> None:
    search = discover(office, "ann@example.org", answers)
    finding.begun.acquire(timeout=10)
    search.cancel()
    office.until(lambda: not searching())
    search.cancel()  # of what is over there is nothing left to give up
    assert not answers


def test_one_search_does_not_wait_for_another(
    office: ServiceDesk, finding: type[Finding], answers: Answers
) -> None:
    discover(office, "slow@example.org", Answers())
    discover(office, "nobody@example.org", Answers())
    for _ in range(2):
        assert finding.begun.acquire(timeout=10)
    finding.let_go.set()


def test_a_bug_is_told_in_words(
    office: ServiceDesk,
    finding: type[Finding],
    answers: Answers,
    caplog: pytest.LogCaptureFixture,
) -> None:
    discover(office, "bug@example.org", answers)
    office.until(lambda: answers)
    assert "fault in qtmail" in answers.faults[0].sentence
    assert "ZeroDivisionError" in caplog.text


# -- signing in at a provider


def test_the_browser_brings_a_permission(
    office: ServiceDesk, provider: AuthorizationServer, answers: Answers
) -> None:
    sign_in(office, provider, answers)
    office.until(lambda: answers.steps)
    (step,) = answers.steps
    assert isinstance(step, BrowserStep)
    provider.browse(step.url)
    office.until(lambda: answers)
    (permission,) = answers.found
    assert isinstance(permission, Permission)
    assert provider.accepts(permission.access_token)


def test_a_code_for_another_device_brings_one_too(
    office: ServiceDesk, provider: AuthorizationServer, answers: Answers
) -> None:
    sign_in(office, provider, answers, device=True)
    office.until(lambda: answers)
    (step,) = answers.steps
    assert isinstance(step, DeviceStep)
    assert step.user_code == "ABCD-EFGH"
    assert isinstance(answers.found[0], Permission)


def test_what_the_provider_refuses_is_told(
    office: ServiceDesk, provider: AuthorizationServer, answers: Answers
) -> None:
    provider.instead[CODE].append(error("access_denied"))
    sign_in(office, provider, answers)
    office.until(lambda: answers.steps)
    assert isinstance(answers.steps[0], BrowserStep)
    provider.browse(answers.steps[0].url)
    office.until(lambda: answers)
    assert answers.faults


def test_two_accounts_sign_in_side_by_side(office: ServiceDesk, provider: AuthorizationServer) -> None:
    left, wanted = Answers(), Answers()
    sign_in(office, provider, left)  # its user went away
    office.until(lambda: left.steps)
    sign_in(office, provider, wanted)
    office.until(lambda: wanted.steps)
    assert isinstance(wanted.steps[0], BrowserStep)
    provider.browse(wanted.steps[0].url)
    office.until(lambda: wanted.found)
    assert not left


def test_a_sign_in_that_is_given_up_takes_no_answer_any_more(
    office: ServiceDesk, provider: AuthorizationServer, answers: Answers
) -> None:
    attempt = sign_in(office, provider, answers)
    office.until(lambda: answers.steps)
    attempt.cancel()
    office.until(lambda: not searching())
    assert not somebody_listens(answers)
    assert not answers


def somebody_listens(answers: Answers) -> bool:
    """Whether the page would still be brought back to this program."""
    (step,) = answers.steps
    assert isinstance(step, BrowserStep)
    redirect = urlsplit(parse_qs(urlsplit(step.url).query)["redirect_uri"][0])
    connection = http.client.HTTPConnection(redirect.hostname or "", redirect.port, timeout=5)
    try:
        connection.request("GET", "/")
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()
    return True


# -- the end of the program


def ends_in_time(office: ServiceDesk) -> None:
    began = time.monotonic()
    office.service.stop()
    assert time.monotonic() - began < LIMIT
    assert not searching()


def test_a_search_does_not_hold_up_the_end(
    office: ServiceDesk, finding: type[Finding], answers: Answers
) -> None:
    discover(office, "ann@example.org", answers)
    finding.begun.acquire(timeout=10)
    ends_in_time(office)


def test_a_user_in_the_browser_does_not_hold_up_the_end(
    office: ServiceDesk, provider: AuthorizationServer, answers: Answers
) -> None:
    sign_in(office, provider, answers)
    office.until(lambda: answers.steps)
    ends_in_time(office)
    assert not somebody_listens(answers)


def test_a_provider_that_does_not_answer_does_not_hold_up_the_end(
    office: ServiceDesk, provider: AuthorizationServer, answers: Answers
) -> None:
    provider.always[CODE] = SILENT
    sign_in(office, provider, answers)
    office.until(lambda: answers.steps)
    assert isinstance(answers.steps[0], BrowserStep)
    provider.browse(answers.steps[0].url)
    office.until(lambda: provider.count(CODE))
    ends_in_time(office)


def test_a_check_of_a_silent_server_does_not_hold_up_the_end(office: ServiceDesk) -> None:
    silent = SilentServer()
    try:
        office.service.test_account(dead(silent.port), "secret", lambda verdicts: None)
        office.until(lambda: silent.connections)
        began = time.monotonic()
        office.service.stop()
        assert time.monotonic() - began < LIMIT / 2
    finally:
        silent.close()
    office.until(lambda: not searching())


# -- trying servers


def dead(port: int, security: Security = Security.TLS) -> Account:
    imap = ServerSettings("127.0.0.1", port, security, "ann")
    account = new_account()
    return Account(0, account.name, account.address, account.full_name, imap)


def test_a_test_says_what_is_wrong(office: ServiceDesk) -> None:
    told: list[list[Verdict]] = []
    office.service.test_account(dead(1), "secret", told.append)
    office.until(lambda: told)
    assert [verdict for verdict in told[0] if not verdict.ok]


def test_a_server_that_does_not_answer_holds_up_no_password_and_no_other_check(office: ServiceDesk) -> None:
    office.server("ann", "One")
    ann = office.add(new_account(), "wrong")
    silent = SilentServer()
    try:
        office.service.test_account(dead(silent.port), "secret", lambda verdicts: None)
        office.until(lambda: silent.connections)
        told: list[list[Verdict]] = []
        office.service.test_account(dead(1), "secret", told.append)
        office.service.supply_password(ann.id, "correct-horse", remember=True)
        office.until(lambda: told and office.watching(ann))
    finally:
        silent.close()
    office.until(lambda: not searching())


def test_this_computer_is_checked_too(office: ServiceDesk) -> None:
    told: list[list[Verdict]] = []
    office.service.check_computer(told.append)
    office.until(lambda: told)
    assert all(verdict.ok for verdict in told[0])


# -- what is decided before there is an account


def test_a_certificate_and_a_clear_line_are_allowed_for_one_server(
    office: ServiceDesk, authority: trustme.CA
) -> None:
    first, second = (
        authority.issue_cert("imap.example.org").cert_chain_pems[0].bytes().decode() for _ in range(2)
    )
    done: list[str] = []
    office.service.trust_server("imap.example.org", 993, first, lambda: done.append("trusted"))
    office.service.allow_clear_password_at("imap.example.org", 143, lambda: done.append("allowed"))
    office.until(lambda: done == ["trusted", "allowed"])
    assert office.store.accounts.trusted("imap.example.org", 993) == {fingerprint(first)}
    assert office.store.accounts.clear_allowed("imap.example.org", 143)
    with office.store.user_transaction() as tx:
        office.store.accounts.note_certificate(tx, "imap.example.org", 993, first, 1_790_000_000)
    told: list[tuple[str, ...]] = []
    for pem in (first, second):
        office.service.certificate_changes("imap.example.org", 993, pem, told.append)
    office.until(lambda: len(told) == 2)
    assert "same certificate" in told[0][0]
    assert "same certificate" not in told[1][0]


def test_passwords_go_into_a_file_where_the_user_has_one_made(office: ServiceDesk, answers: Answers) -> None:
    assert office.service.keyring_problem() == ""
    made: list[None] = []
    office.service.create_vault("correct horse battery", lambda: made.append(None), answers.faults.append)
    office.until(lambda: made)
    office.credentials.lock()
    office.service.unlock_vault("wrong", lambda: made.append(None), answers.faults.append)
    office.until(lambda: answers.faults)
    assert isinstance(answers.faults[0], KeyringFailed)
    office.service.unlock_vault("correct horse battery", lambda: made.append(None), answers.faults.append)
    office.until(lambda: len(made) == 2)
    assert not office.credentials.vault_locked


def test_an_error_of_the_network_is_told_as_it_is(office: ServiceDesk, answers: Answers) -> None:
    method = SignIn(SignInMethod.OAUTH, "https://localhost:1", CLIENT_ID)
    office.service.sign_in_by_browser(
        method,
        "ann@example.org",
        show=answers.steps.append,
        done=answers.found.append,
        failed=answers.faults.append,
    )
    office.until(lambda: answers)
    assert isinstance(answers.faults[0], ConnectionFailed)
