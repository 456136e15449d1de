from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import KeyringFailed, Layer, Retry

ACCOUNT = Account(
    id=1,
    name="Work",
    address="ann@example.org",
    full_name="Ann",
    imap=ServerSettings("IMAP.example.org", 993, Security.TLS, "ann"),
    smtp=ServerSettings("smtp.example.org", 587, Security.STARTTLS, "ann"),
)
SECRET = "geheim-密码-🔑"


class ForeignError(Exception):
    """As D-Bus libraries raise them: no relation to keyring's own errors."""


class FakeKeyring(KeyringBackend):
    """A keyring in memory that fails on demand."""

    priority = -1  # never chosen by keyring itself, which knows all classes of backends

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail()
        if (service, username) not in self.passwords:
            raise PasswordDeleteError("not found")
        del self.passwords[service, username]

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class PlaintextKeyring(FakeKeyring):
    """Stands for the one of this name in keyrings.alt, which writes a file that anyone can read."""


class Chain(ChainerBackend):
    """Several keyrings, as keyring combines those it finds."""

    backends: list[KeyringBackend] = []  # noqa: RUF012

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = list(backends)


@pytest.fixture
def keyring() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
def credentials(keyring: FakeKeyring) -> Credentials:
    return Credentials(keyring)


def test_a_remembered_password_is_there_in_the_next_session(keyring: FakeKeyring) -> None:
    Credentials(keyring).remember(ACCOUNT, SECRET)
    later = Credentials(keyring)
    assert later.usable()
    assert later.unusable_reason() == ""
    assert later.get(ACCOUNT) == SECRET
    assert keyring.passwords == {("qtmail imap imap.example.org:993", "ann"): SECRET}


def test_servers_have_passwords_of_their_own(credentials: Credentials) -> None:
    credentials.remember(ACCOUNT, "one")
    credentials.remember(ACCOUNT, "two", "smtp")
    assert (credentials.get(ACCOUNT), credentials.get(ACCOUNT, "smtp")) == ("one", "two")
    elsewhere = replace(ACCOUNT, imap=replace(ACCOUNT.server, host="evil.example.org"))
    assert credentials.get(elsewhere) is None


def test_mail_is_handed_in_with_the_password_of_the_same_user(credentials: Credentials) -> None:
    credentials.session(ACCOUNT, SECRET)
    assert credentials.get(ACCOUNT, "smtp") == SECRET
    assert ACCOUNT.smtp is not None
    somebody_else = replace(ACCOUNT, smtp=replace(ACCOUNT.smtp, user="bob"))
    assert credentials.get(somebody_else, "smtp") is None
    assert credentials.get(replace(ACCOUNT, imap=None), "smtp") is None


def test_the_password_for_sending_never_opens_the_mailbox(credentials: Credentials) -> None:
    credentials.remember(ACCOUNT, SECRET, "smtp")
    assert credentials.get(ACCOUNT) is None


def test_a_session_password_goes_first_and_is_never_stored(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(ACCOUNT, "stored")
    credentials.session(ACCOUNT, SECRET)
    assert credentials.get(ACCOUNT) == SECRET
    assert list(keyring.passwords.values()) == ["stored"]
    assert Credentials(keyring).get(ACCOUNT) == "stored"


def test_remembering_replaces_the_session_password(credentials: Credentials) -> None:
    credentials.session(ACCOUNT, "old")
    credentials.remember(ACCOUNT, "new")
    assert credentials.get(ACCOUNT) == "new"


def test_a_session_password_needs_no_keyring(credentials: Credentials, keyring: FakeKeyring) -> None:
    keyring.failure = KeyringLocked("locked")
    credentials.session(ACCOUNT, SECRET)
    assert credentials.get(ACCOUNT) == SECRET


def test_forget_drops_everything_and_can_be_repeated(credentials: Credentials, keyring: FakeKeyring) -> None:
    credentials.remember(ACCOUNT, "one")
    credentials.remember(ACCOUNT, "two", "smtp")
    credentials.session(ACCOUNT, "three")
    credentials.forget(ACCOUNT)
    credentials.forget(ACCOUNT)
    credentials.forget(replace(ACCOUNT, smtp=None))
    assert keyring.passwords == {}
    assert credentials.get(ACCOUNT) is None


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (KeyringLocked("locked"), "is locked"),
        (PasswordSetError("denied"), "failed"),
        (TimeoutError("no reply"), "did not answer"),
        (OSError(111, "connection refused"), "failed"),
        (ForeignError("org.freedesktop.DBus.Error.ServiceUnknown"), "failed"),
    ],
)
def test_whatever_a_keyring_raises_becomes_words(
    credentials: Credentials, keyring: FakeKeyring, failure: Exception, words: str
) -> None:
    keyring.failure = failure
    calls: list[Callable[[], object]] = [
        lambda: credentials.get(ACCOUNT),
        lambda: credentials.remember(ACCOUNT, SECRET),
        lambda: credentials.forget(ACCOUNT),
    ]
    for call in calls:
        with pytest.raises(KeyringFailed, match=words) as raised:
            call()
        assert raised.value.layer is Layer.KEYRING
        assert raised.value.retry is Retry.ASK_USER
        assert raised.value.advice
        assert SECRET not in str(raised.value) + raised.value.detail


def test_a_failure_to_remember_keeps_the_session_password(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.session(ACCOUNT, SECRET)
    keyring.failure = KeyringLocked("locked")
    with pytest.raises(KeyringFailed):
        credentials.remember(ACCOUNT, SECRET)
    assert credentials.get(ACCOUNT) == SECRET


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), PlaintextKeyring()])
def test_without_a_safe_keyring_passwords_last_for_the_session(backend: KeyringBackend) -> None:
    credentials = Credentials(backend)
    assert not credentials.usable()
    assert credentials.unusable_reason().endswith(".")
    assert credentials.get(ACCOUNT) is None
    with pytest.raises(KeyringFailed, match="password store") as raised:
        credentials.remember(ACCOUNT, SECRET)
    assert "until qtmail is closed" in raised.value.advice
    credentials.session(ACCOUNT, SECRET)
    assert credentials.get(ACCOUNT) == SECRET
    credentials.forget(ACCOUNT)
    assert credentials.get(ACCOUNT) is None
    if isinstance(backend, PlaintextKeyring):
        assert backend.passwords == {}
        assert "plain text" in credentials.unusable_reason()


def test_of_several_keyrings_the_best_that_is_safe_is_used(keyring: FakeKeyring) -> None:
    plain = PlaintextKeyring()
    credentials = Credentials(Chain(plain, keyring))
    credentials.remember(ACCOUNT, SECRET)
    assert plain.passwords == {}
    assert credentials.get(ACCOUNT) == SECRET


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("keyring.backends.fail.Keyring", "There is no password store"),
        ("keyring.backends.null.Keyring", "There is no password store"),
        ("no.such.module.Keyring", "could not be loaded (No module named 'no')"),
    ],
)
def test_the_keyring_of_the_environment_is_honoured(
    backend: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    code = "from qtmail.credentials import Credentials; print(Credentials().unusable_reason())"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert expected in result.stdout


def test_keyring_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys; from qtmail.credentials import Credentials; "
        "Credentials(); print('keyring' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout == "False\n"


def test_no_secret_is_ever_shown(credentials: Credentials) -> None:
    credentials.session(ACCOUNT, SECRET)
    assert SECRET not in repr(credentials) + str(credentials)


def test_a_wrong_purpose_is_a_bug(credentials: Credentials) -> None:
    with pytest.raises(ValueError, match="purpose"):
        credentials.get(ACCOUNT, "jmap")
    with pytest.raises(ValueError, match="no smtp server"):
        credentials.get(replace(ACCOUNT, smtp=None), "smtp")


def test_a_prompt_for_one_account_does_not_hold_up_another_with_a_session_password(
    keyring: FakeKeyring,
) -> None:
    prompted, answered = threading.Event(), threading.Event()

    class Prompting(FakeKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            prompted.set()
            assert answered.wait(30)
            return SECRET

    credentials = Credentials(Prompting())
    other = replace(ACCOUNT, imap=replace(ACCOUNT.server, user="bob"))
    credentials.session(other, "bob's")
    got: list[str | None] = []
    waiting = threading.Thread(target=lambda: got.append(credentials.get(ACCOUNT)))
    waiting.start()
    assert prompted.wait(30)
    assert credentials.get(other) == "bob's"
    answered.set()
    waiting.join(30)
    assert got == [SECRET]


# -- POP3, and what a provider gave ----------------------------------------------------------------

POP3 = replace(ACCOUNT, imap=None, pop3=ServerSettings("pop.example.org", 995, Security.TLS, "ann"))
OAUTH = replace(ACCOUNT, sign_in=SignIn(SignInMethod.OAUTH, "google"))


def test_a_pop3_server_has_a_password_of_its_own_which_sends_as_well(credentials: Credentials) -> None:
    credentials.remember(POP3, SECRET, "pop3")
    assert credentials.get(POP3, "pop3") == credentials.get(POP3, "smtp") == SECRET
    assert credentials.get(ACCOUNT) is None
    credentials.forget(POP3)
    assert credentials.get(POP3, "pop3") is None


def test_a_permission_is_filed_under_its_provider_and_user(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(OAUTH, SECRET, "oauth")
    assert keyring.passwords == {("qtmail oauth google", "ann"): SECRET}
    assert credentials.user(OAUTH, "oauth") == "ann"
    assert credentials.get(OAUTH) is None
    elsewhere = replace(OAUTH, sign_in=SignIn(SignInMethod.OAUTH, "https://id.example.org"))
    assert credentials.get(elsewhere, "oauth") is None
    credentials.forget(OAUTH)
    assert keyring.passwords == {}
    with pytest.raises(ValueError, match="oauth"):
        credentials.get(ACCOUNT, "oauth")


def test_a_text_longer_than_a_vault_takes_is_kept_and_forgotten_whole(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(OAUTH, "x" * 5000, "oauth")
    assert max(len(text) for text in keyring.passwords.values()) <= 1280
    assert credentials.get(OAUTH, "oauth") == "x" * 5000
    credentials.forget(OAUTH)
    assert keyring.passwords == {}


def test_a_new_text_goes_where_the_old_one_was(credentials: Credentials, keyring: FakeKeyring) -> None:
    credentials.remember(OAUTH, "one", "oauth")
    credentials.replace(OAUTH, "two", "oauth")
    assert list(keyring.passwords.values()) == ["two"]
    credentials.session(OAUTH, "three", "oauth")
    credentials.replace(OAUTH, "four", "oauth")
    assert list(keyring.passwords.values()) == ["two"]
    assert credentials.get(OAUTH, "oauth") == "four"


def test_what_the_keyring_refused_goes_there_the_next_time(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(OAUTH, "one", "oauth")
    keyring.failure = KeyringLocked("locked")
    with pytest.raises(KeyringFailed):
        credentials.replace(OAUTH, "two", "oauth")
    assert credentials.get(OAUTH, "oauth") == "two"
    keyring.failure = None
    credentials.replace(OAUTH, "three", "oauth")
    assert list(keyring.passwords.values()) == ["three"]
    assert Credentials(keyring).get(OAUTH, "oauth") == "three"


# -- what several accounts use ---------------------------------------------------------------------

TWIN = replace(ACCOUNT, id=2, address="ann.second@example.org")


def test_what_another_account_uses_as_well_stays(credentials: Credentials, keyring: FakeKeyring) -> None:
    credentials.remember(ACCOUNT, SECRET)
    credentials.remember(ACCOUNT, "for sending", "smtp")
    reader = replace(TWIN, smtp=None)
    credentials.forget(ACCOUNT, keep_for=[reader])
    assert credentials.get(reader) == SECRET
    assert list(keyring.passwords.values()) == [SECRET]
    assert credentials.shares(ACCOUNT, "imap", [reader])
    assert not credentials.shares(ACCOUNT, "smtp", [reader])


def test_an_account_that_moves_leaves_nothing_behind_but_what_another_uses(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(ACCOUNT, SECRET)
    moved = replace(ACCOUNT, imap=replace(ACCOUNT.server, host="new.example.org"))
    credentials.carry_over(ACCOUNT, moved, keep_for=[TWIN])
    assert credentials.get(moved) == credentials.get(TWIN) == SECRET
    credentials.carry_over(TWIN, replace(TWIN, imap=moved.imap))
    assert keyring.passwords == {("qtmail imap new.example.org:993", "ann"): SECRET}


def test_an_account_that_has_another_user_leaves_its_password_behind(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(ACCOUNT, SECRET)
    credentials.carry_over(ACCOUNT, replace(ACCOUNT, imap=replace(ACCOUNT.server, user="bob")))
    assert keyring.passwords == {}


def test_a_change_that_concerns_no_password_does_not_ask_the_keyring(
    credentials: Credentials, keyring: FakeKeyring
) -> None:
    credentials.remember(ACCOUNT, SECRET)
    keyring.failure = KeyringLocked("locked")
    credentials.carry_over(ACCOUNT, replace(ACCOUNT, name="Renamed", enabled=False))
    credentials.forget(ACCOUNT, keep_for=[ACCOUNT])
    assert credentials.unmoved(ACCOUNT, replace(ACCOUNT, name="Renamed", enabled=False))
    assert not credentials.unmoved(ACCOUNT, replace(ACCOUNT, smtp=None))


@pytest.mark.parametrize(
    ("reading", "sending", "same"),
    [
        ("imap.example.org", "smtp.example.org", True),
        ("mail.example.org", "MAIL.example.org", True),
        ("example.org", "example.org", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("imap.example.org", "smtp.stranger.example", False),
        ("example.org", "stranger.org", False),
        ("192.0.2.1", "198.51.2.1", False),
        ("localhost", "elsewhere", False),
    ],
)
def test_a_password_is_not_shown_to_a_server_in_another_domain_unasked(
    credentials: Credentials, reading: str, sending: str, same: bool
):
    """An account may come from a file, with the user's own server to read from and a stranger's to send."""
    assert ACCOUNT.imap is not None and ACCOUNT.smtp is not None
    imap, smtp = replace(ACCOUNT.imap, host=reading), replace(ACCOUNT.smtp, host=sending)
    account = replace(ACCOUNT, imap=imap, smtp=smtp)
    credentials.remember(account, SECRET)
    assert credentials.get(account, "smtp") == (SECRET if same else None)
