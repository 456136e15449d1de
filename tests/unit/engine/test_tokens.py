"""Access tokens are there when they are needed, renewed by one at a time, and a permission is never lost to a
fault that is not its end.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import AccessToken, SignIn, SignInMethod
from qtmail.engine import tokens as tokens_module
from qtmail.engine.oauth_providers import OAuthProviders
from qtmail.engine.tokens import Tokens
from qtmail.errors import (
    ConnectionFailed,
    KeyringFailed,
    ProtocolViolation,
    QtmailError,
    Retry,
    SignInExpired,
    StoreFailed,
)
from qtmail.process_lock import ProcessLock
from qtmail.protocols.connection import TlsTrust
from tests.fakes import authorization_server as fake
from tests.fakes.authorization_server import (
    CLIENT_ID,
    METADATA,
    REFRESH,
    AuthorizationServer,
    Reply,
    error,
)
from tests.fakes.keyrings import FileKeyring, LockedKeyring


class Desk:
    """An account that signed in at a provider some time ago, and a keyring that may be shut."""

    def __init__(self, service: AuthorizationServer, directory: Path) -> None:
        self.service = service
        self.directory = directory
        self.trust = TlsTrust(cafile=str(directory / "ca.pem"))
        self.profile = directory / "profile"
        self.profile.mkdir()
        self.keyring = FileKeyring(directory)
        self.account = Account(
            1,
            "Work",
            "ann@example.org",
            "Ann",
            ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
            sign_in=SignIn(SignInMethod.OAUTH, service.issuer, CLIENT_ID),
        )
        self.unkept: list[Account] = []
        self.credentials = Credentials(self.keyring)
        self.tokens = self.start()
        self.tokens.keep(self.account, Permission(service.issue()), remember=True)

    def start(self) -> Tokens:
        """As the program does when it starts."""
        self.credentials = Credentials(self.keyring)
        self.tokens = self.other_process(self.credentials)
        return self.tokens

    def other_process(self, credentials: Credentials | None = None) -> Tokens:
        return Tokens(
            credentials or Credentials(self.keyring),
            self.profile,
            self.trust,
            unkept=lambda account, error: self.unkept.append(account),
            timeout=20.0,
        )

    def good(self, tokens: Tokens | None = None) -> bool:
        """Whether the server lets in whoever has the token there is now."""
        return self.service.accepts((tokens or self.tokens).access_token(self.account).value)

    def refreshes(self) -> int:
        return self.service.count(REFRESH)


@pytest.fixture
def desk(authority: trustme.CA, tmp_path: Path) -> Iterator[Desk]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with AuthorizationServer(authority) as service:
        yield Desk(service, tmp_path)


def test_a_token_is_had_once_and_used_until_it_ends(desk: Desk) -> None:
    one = desk.tokens.access_token(desk.account)
    assert desk.service.accepts(one.value)
    assert desk.tokens.access_token(desk.account) == one
    assert desk.refreshes() == 1


def test_the_token_of_the_sign_in_is_used_first(desk: Desk) -> None:
    permission = Permission(desk.service.issue(), "fresh", time.time() + 3600)
    desk.tokens.keep(desk.account, permission, remember=True)
    assert desk.tokens.access_token(desk.account) == AccessToken("fresh")
    assert desk.refreshes() == 0


@pytest.mark.parametrize("clock", ["time", "monotonic"])
def test_a_token_is_renewed_a_minute_before_its_end_by_either_clock(
    desk: Desk, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.service.seconds = 3600
    desk.tokens.access_token(desk.account)
    right = getattr(time, clock)
    monkeypatch.setattr(time, clock, lambda: right() + 3500)
    desk.tokens.access_token(desk.account)
    assert desk.refreshes() == 1
    monkeypatch.setattr(time, clock, lambda: right() + 3545)
    desk.tokens.access_token(desk.account)
    assert desk.refreshes() == 2


def test_a_token_of_a_few_seconds_is_used_for_half_of_them(desk: Desk) -> None:
    desk.service.seconds = 30
    desk.tokens.access_token(desk.account)
    desk.tokens.access_token(desk.account)
    assert desk.refreshes() == 1


@pytest.mark.parametrize("rotates", [True, False])
def test_a_permission_lasts_over_restarts(desk: Desk, rotates: bool) -> None:
    desk.service.rotates = rotates
    for _ in range(3):
        desk.start()
        assert desk.good()
    assert desk.refreshes() == 3
    assert desk.unkept == []


def test_no_access_token_is_ever_stored(desk: Desk) -> None:
    token = desk.tokens.access_token(desk.account).value
    for path in desk.directory.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()


def test_a_refused_token_is_replaced_once(desk: Desk) -> None:
    token = desk.tokens.access_token(desk.account)
    desk.service.revoke_access_tokens()
    for _ in range(3):  # all sessions had the same one
        desk.tokens.refused(desk.account, token)
        assert desk.good()
    assert desk.refreshes() == 2


def test_who_never_signed_in_is_asked_to(desk: Desk) -> None:
    bob = replace(desk.account, imap=replace(desk.account.server, user="bob"))
    with pytest.raises(SignInExpired, match="not signed in") as raised:
        desk.tokens.access_token(bob)
    assert raised.value.retry is Retry.ASK_USER


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "17", "{}", '"refresh_token"', "[" * 99_999])
def test_an_entry_of_the_keyring_that_makes_no_sense_is_as_good_as_none(desk: Desk, text: str) -> None:
    desk.credentials.remember(desk.account, text, "oauth")
    with pytest.raises(SignInExpired):
        desk.start().access_token(desk.account)


def test_a_permission_that_was_withdrawn_is_asked_for_and_not_tried_again(desk: Desk) -> None:
    desk.service.revoke()
    for _ in range(3):
        with pytest.raises(SignInExpired, match="asks to sign in to “Work” again") as raised:
            desk.tokens.access_token(desk.account)
    assert raised.value.retry is Retry.ASK_USER
    assert "Your mail stays" in raised.value.advice
    assert desk.refreshes() == 1
    desk.tokens.keep(desk.account, Permission(desk.service.issue()), remember=True)
    assert desk.good()


@pytest.mark.parametrize(
    ("step", "reply", "kind"),
    [
        (REFRESH, fake.CUT, ConnectionFailed),
        (REFRESH, fake.BROKEN, ConnectionFailed),
        (REFRESH, fake.HTML, ConnectionFailed),
        (REFRESH, fake.EMPTY, ConnectionFailed),
        (REFRESH, error("temporarily_unavailable"), ConnectionFailed),
        (REFRESH, Reply(200, {"access_token": "x", "token_type": "mac"}), ProtocolViolation),
        (METADATA, fake.CUT, ConnectionFailed),
        (METADATA, fake.BROKEN, ConnectionFailed),
        (METADATA, fake.HTML, ConnectionFailed),
    ],
)
def test_trouble_on_the_way_is_not_the_end_of_a_permission(
    desk: Desk, step: str, reply: Reply, kind: type[QtmailError]
) -> None:
    desk.service.instead[step].append(reply)
    with pytest.raises(kind):
        desk.tokens.access_token(desk.account)
    assert desk.good()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("invalid_client", "does not know this program"),
        ("unauthorized_client", "does not let this program"),
        ("invalid_scope", "does not give this program access"),
        ("access_denied", "not allowed"),
        ("of its own", "refused"),
    ],
)
def test_a_client_that_is_refused_is_told_so(desk: Desk, code: str, words: str) -> None:
    desk.service.instead[REFRESH].append(error(code))
    with pytest.raises(SignInExpired, match=words) as raised:
        desk.tokens.access_token(desk.account)
    assert code in raised.value.detail
    assert desk.good()


def test_a_permission_for_less_than_mail_is_named_and_still_rotates(desk: Desk) -> None:
    desk.service.token = {"scope": "profile"}
    with pytest.raises(SignInExpired) as raised:
        desk.tokens.access_token(desk.account)
    assert "missing: mail" in raised.value.detail
    desk.service.token = {}
    desk.start()
    assert desk.good()


def test_without_a_keyring_a_permission_lasts_for_the_session(desk: Desk) -> None:
    credentials = Credentials(LockedKeyring())
    tokens = desk.other_process(credentials)
    with pytest.raises(KeyringFailed):
        tokens.keep(desk.account, Permission(desk.service.issue()), remember=True)
    for _ in range(3):
        assert desk.good(tokens)
        tokens.refused(desk.account, tokens.access_token(desk.account))


def test_a_permission_for_this_session_never_gets_into_the_keyring(desk: Desk) -> None:
    before = desk.keyring._path.read_text()
    bob = replace(desk.account, imap=replace(desk.account.server, user="bob"))
    desk.tokens.keep(bob, Permission(desk.service.issue()), remember=False)
    desk.tokens.access_token(bob)
    assert desk.keyring._path.read_text() == before
    assert desk.unkept == []


def test_a_keyring_that_refuses_the_new_token_costs_the_restart_and_not_the_session(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(service: str, username: str, password: str) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(desk.keyring, "set_password", refuse)
        assert desk.good()
        assert desk.unkept == [desk.account]
    desk.tokens.refused(desk.account, desk.tokens.access_token(desk.account))
    assert desk.good()  # and now the keyring takes it again
    desk.start()
    assert desk.good()
    assert len(desk.unkept) == 1


def test_a_new_refresh_token_is_stored_before_its_access_token_is_used(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(tokens_module._Wallet, "fill", die)
    with pytest.raises(Killed):
        desk.tokens.access_token(desk.account)
    monkeypatch.undo()
    desk.start()
    assert desk.good()


def test_a_crash_before_the_new_token_is_stored_asks_to_sign_in_and_loses_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(desk.keyring, "set_password", die)
    with pytest.raises(Killed):
        desk.tokens.access_token(desk.account)
    monkeypatch.undo()
    with pytest.raises(SignInExpired):
        desk.start().access_token(desk.account)
    desk.tokens.keep(desk.account, Permission(desk.service.issue()), remember=True)
    assert desk.good()


ENDING = """
import sys, threading
from pathlib import Path
from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.tokens import Tokens
from qtmail.protocols.connection import TlsTrust
from tests.fakes.keyrings import FileKeyring

directory, issuer, client_id = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
account = Account(1, "Work", "ann@example.org", "Ann",
                  ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
                  sign_in=SignIn(SignInMethod.OAUTH, issuer, client_id))
trust = TlsTrust(cafile=str(directory / "ca.pem"))
tokens = Tokens(Credentials(FileKeyring(directory)), directory / "profile", trust)
threading.Thread(target=tokens.access_token, args=(account,), daemon=True).start()
sys.stdin.readline()
"""


def test_a_program_that_ends_during_a_refresh_still_keeps_the_new_token(desk: Desk) -> None:
    answers = desk.service.holds[REFRESH] = threading.Event()
    command = [sys.executable, "-c", ENDING, str(desk.directory), desk.service.issuer, CLIENT_ID]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as program:
        until(lambda: desk.refreshes() == 1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.communicate(b"end\n", timeout=0.5)  # what could end has ended by then
        answers.set()
        assert program.wait(60) == 0
    desk.start()
    assert desk.good()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def at_once(count: int, work: Callable[[], object]) -> None:
    """Let so many threads do the same at the same moment; all have to succeed."""
    ready = threading.Barrier(count)
    done: list[object] = []

    def run() -> None:
        ready.wait(30)
        done.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert done == [True] * count


def test_threads_renew_a_token_once(desk: Desk) -> None:
    at_once(8, desk.good)
    assert desk.refreshes() == 1


def test_two_accounts_with_one_permission_renew_it_once(desk: Desk) -> None:
    other = replace(desk.account, id=2, name="The same by POP3", pop3=desk.account.imap, imap=None)
    at_once(4, lambda: desk.service.accepts(desk.tokens.access_token(other).value) and desk.good())
    assert desk.refreshes() == 1


def test_processes_renew_one_after_the_other(desk: Desk) -> None:
    """Each `Tokens` has locks of its own, as each process has; the keyring and the profile are shared."""
    processes = [desk.other_process() for _ in range(6)]
    turn = iter(processes)
    at_once(6, lambda: desk.good(next(turn)))
    assert desk.service.most_at_once == 1
    assert desk.refreshes() == 6


def test_two_profiles_with_one_permission_do_not_end_it(desk: Desk) -> None:
    """The keyring is shared and the profile is not: the other one renewed it while we were asking."""
    stale = desk.keyring.get_password(f"qtmail oauth {desk.service.issuer}", "ann")
    assert desk.good(desk.other_process())

    class Late(FileKeyring):
        asked = 0

        def get_password(self, service: str, username: str) -> str | None:
            self.asked += 1
            return stale if self.asked == 1 else super().get_password(service, username)

    desk.service.instead[REFRESH].append(error("invalid_grant"))
    assert desk.good(desk.other_process(Credentials(Late(desk.directory))))


def _hold(path: str, held: object, release: object) -> None:
    lock = ProcessLock(Path(path))
    assert lock.acquire()
    held.set()  # type: ignore[attr-defined]
    release.wait(60)  # type: ignore[attr-defined]
    lock.release()


def test_a_process_that_renews_for_too_long_is_not_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_module, "_LOCK_PATIENCE", 0.3)
    (lock,) = desk.profile.glob("token-*.lock")
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(str(lock), held, release))
    process.start()
    assert held.wait(60)
    try:
        with pytest.raises(ConnectionFailed, match="Another qtmail") as raised:
            desk.tokens.access_token(desk.account)
        assert raised.value.retry is Retry.LATER
    finally:
        release.set()
        process.join(60)
    assert desk.good()


def test_a_profile_that_cannot_be_written_to_is_told(desk: Desk) -> None:
    for lock in desk.profile.iterdir():
        lock.unlink()
    desk.profile.rmdir()
    desk.profile.write_text("a file")
    tokens = desk.start()
    with pytest.raises(StoreFailed, match="profile folder"):
        tokens.access_token(desk.account)
    permission = Permission(desk.service.issue(), "fresh", time.time() + 3600)
    with pytest.raises(StoreFailed, match="profile folder"):
        tokens.keep(desk.account, permission, remember=True)
    assert tokens.access_token(desk.account) == AccessToken("fresh")


def test_the_secret_of_the_users_own_client_is_kept_for_later(desk: Desk) -> None:
    desk.service.client_secret = "my own"
    desk.tokens.keep(desk.account, Permission(desk.service.issue(), client_secret="my own"), remember=True)
    for _ in range(2):
        desk.start()
        assert desk.good()


def test_a_provider_this_program_is_not_registered_with_is_told(desk: Desk) -> None:
    nobody = replace(desk.account, sign_in=replace(desk.account.sign_in, client_id=""))
    tokens = Tokens(desk.credentials, desk.profile, desk.trust, providers=OAuthProviders(desk.trust, {}))
    with pytest.raises(QtmailError, match="not registered"):
        tokens.access_token(nobody)


def test_nothing_secret_is_shown(desk: Desk) -> None:
    desk.tokens.access_token(desk.account)
    shown = repr(desk.tokens) + repr(vars(desk.tokens))
    assert not [secret for secret in desk.service.secrets if secret in shown]


def test_an_account_without_a_provider_is_not_signed_in(desk: Desk) -> None:
    nowhere = replace(desk.account, sign_in=SignIn(SignInMethod.OAUTH))
    with pytest.raises(SignInExpired, match="not signed in"):
        desk.tokens.access_token(nowhere)
