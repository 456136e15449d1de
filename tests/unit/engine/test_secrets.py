"""What accounts sign in with, whatever kind it is of."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret, SignIn, SignInMethod
from qtmail.engine.secrets import Secrets
from qtmail.errors import (
    ConnectionFailed,
    KeyringFailed,
    PasswordNeeded,
    Retry,
    SignInExpired,
    SignInFailed,
    TokenRefused,
)
from qtmail.protocols.connection import TlsTrust
from tests.fakes import authorization_server as fake
from tests.fakes.authorization_server import CLIENT_ID, REFRESH, AuthorizationServer
from tests.fakes.keyrings import FileKeyring, LockedKeyring

ACCOUNT = Account(
    1,
    "Work",
    "ann@example.org",
    "Ann",
    ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
    ServerSettings("smtp.example.org", 465, Security.TLS, "ann"),
)


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials(FileKeyring(tmp_path))


@pytest.fixture
def secrets(credentials: Credentials, tmp_path: Path) -> Secrets:
    return Secrets(credentials, tmp_path, TlsTrust())


class Provider:
    """An account that signs in at a provider.

    Attributes:
        tried: the tokens that were shown to the mail server.
    """

    def __init__(self, service: AuthorizationServer, secrets: Secrets) -> None:
        self.service = service
        self.secrets = secrets
        self.account = replace(ACCOUNT, sign_in=SignIn(SignInMethod.OAUTH, service.issuer, CLIENT_ID))
        self.tried: list[Secret] = []

    def show(self, secret: Secret) -> str:
        """To the mail server."""
        assert isinstance(secret, AccessToken)
        self.tried.append(secret)
        if not self.service.accepts(secret.value):
            raise TokenRefused("The server refused the token.", detail="expired")
        return "in"

    def sign_in(self) -> str:
        return self.secrets.use(self.account, "imap", self.show)


@pytest.fixture
def provider(authority: trustme.CA, credentials: Credentials, tmp_path: Path) -> Iterator[Provider]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    secrets = Secrets(credentials, tmp_path, TlsTrust(cafile=str(tmp_path / "ca.pem")))
    with AuthorizationServer(authority) as service:
        provider = Provider(service, secrets)
        secrets.keep(provider.account, Permission(service.issue()), remember=True)
        yield provider


def test_a_password_is_what_is_known_for_the_server(secrets: Secrets, credentials: Credentials) -> None:
    credentials.remember(ACCOUNT, "one")
    assert secrets.secret(ACCOUNT, "imap") == "one"
    assert secrets.secret(ACCOUNT, "smtp") == "one"
    credentials.remember(ACCOUNT, "two", "smtp")
    assert secrets.secret(ACCOUNT, "smtp") == "two"


def test_a_pop3_account_has_a_password_of_its_own(secrets: Secrets, credentials: Credentials) -> None:
    pop3 = replace(ACCOUNT, imap=None, pop3=replace(ACCOUNT.server, host="pop.example.org", port=995))
    credentials.remember(ACCOUNT, "for IMAP")
    credentials.remember(pop3, "for POP3", "pop3")
    assert secrets.secret(pop3, "pop3") == secrets.secret(pop3, "smtp") == "for POP3"


@pytest.mark.parametrize(("purpose", "words"), [("imap", "“Work” is not"), ("smtp", "“Work” for sending")])
def test_a_password_nobody_knows_is_asked_for(secrets: Secrets, purpose: str, words: str) -> None:
    with pytest.raises(PasswordNeeded, match=words) as raised:
        secrets.secret(ACCOUNT, purpose)
    assert raised.value.retry is Retry.ASK_USER


def test_a_keyring_that_is_locked_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyringFailed, match="locked"):
        Secrets(Credentials(LockedKeyring()), tmp_path, TlsTrust()).secret(ACCOUNT, "imap")


@pytest.mark.parametrize("passphrase", ["", "of the key"])
def test_a_certificate_comes_with_its_passphrase(
    secrets: Secrets, credentials: Credentials, passphrase: str
) -> None:
    account = replace(ACCOUNT, sign_in=SignIn(SignInMethod.CERTIFICATE, certificate_file="/keys/ann.pem"))
    if passphrase:
        credentials.remember(account, passphrase)
    certificate = secrets.secret(account, "imap")
    assert certificate == ClientCertificate("/keys/ann.pem", passphrase)
    assert not passphrase or passphrase not in repr(certificate)


def test_one_token_opens_all_servers(provider: Provider) -> None:
    assert provider.secrets.secret(provider.account, "imap") == provider.secrets.secret(
        provider.account, "smtp"
    )
    assert provider.service.count(REFRESH) == 1


def at_google(imap: str, smtp: str) -> Account:
    return replace(
        ACCOUNT,
        imap=ServerSettings(imap, 993, Security.TLS, "ann"),
        smtp=ServerSettings(smtp, 465, Security.TLS, "ann"),
        sign_in=SignIn(SignInMethod.OAUTH, "google"),
    )


@pytest.mark.parametrize("purpose", ["imap", "smtp"])
def test_a_token_is_shown_to_no_server_but_the_providers(secrets: Secrets, purpose: str) -> None:
    """An account from a stranger's file may name the user's own provider, and be given its permission."""
    mine = at_google("imap.gmail.com", "smtp.gmail.com")
    secrets.keep(mine, Permission("r", "a", time.time() + 3600), remember=False)
    assert secrets.secret(mine, purpose) == AccessToken("a")
    theirs = at_google("imap.evil.example", "smtp.gmail.com.evil.example")
    with pytest.raises(SignInFailed, match=rf"{purpose}.* is no server of Google") as fault:
        secrets.secret(theirs, purpose)
    assert fault.value.retry is Retry.ASK_USER


def test_a_token_may_go_through_a_server_on_this_computer(secrets: Secrets) -> None:
    account = at_google("127.0.0.1", "localhost")
    secrets.keep(account, Permission("r", "a", time.time() + 3600), remember=False)
    assert secrets.secret(account, "imap") == secrets.secret(account, "smtp") == AccessToken("a")


def test_a_token_is_used_as_long_as_it_is_good(provider: Provider) -> None:
    assert (provider.sign_in(), provider.sign_in()) == ("in", "in")
    assert provider.service.count(REFRESH) == 1


def test_a_token_the_server_refuses_is_renewed_once(provider: Provider) -> None:
    provider.sign_in()
    provider.service.revoke_access_tokens()
    assert provider.sign_in() == "in"
    assert provider.service.count(REFRESH) == 2
    assert len(provider.tried) == 3


def test_a_server_that_refuses_a_new_token_as_well_makes_the_user_sign_in(provider: Provider) -> None:
    def refuse(secret: Secret) -> None:
        provider.tried.append(secret)
        raise TokenRefused("The server refused the token.", detail="AuthenticateFailed")

    with pytest.raises(SignInExpired, match="not even a new one") as raised:
        provider.secrets.use(provider.account, "imap", refuse)
    assert "AuthenticateFailed" in raised.value.detail
    assert "Your mail stays" in raised.value.advice
    one, other = provider.tried
    assert one != other


def test_a_permission_that_is_gone_makes_the_user_sign_in(provider: Provider) -> None:
    provider.sign_in()
    provider.service.revoke()
    with pytest.raises(SignInExpired, match="again"):
        provider.sign_in()
    provider.secrets.keep(provider.account, Permission(provider.service.issue()), remember=True)
    assert provider.sign_in() == "in"


def test_a_provider_that_cannot_be_reached_is_tried_later(provider: Provider) -> None:
    provider.service.instead[REFRESH].append(fake.CUT)
    with pytest.raises(ConnectionFailed) as raised:
        provider.sign_in()
    assert raised.value.retry is Retry.LATER
    assert provider.tried == []
    assert provider.sign_in() == "in"


def test_a_password_that_is_refused_is_not_tried_twice(secrets: Secrets, credentials: Credentials) -> None:
    credentials.session(ACCOUNT, "wrong")
    tried: list[Secret] = []

    def refuse(secret: Secret) -> None:
        tried.append(secret)
        secrets.refused(ACCOUNT, secret)
        raise SignInFailed("The password was refused.")

    with pytest.raises(SignInFailed, match="The password was refused"):
        secrets.use(ACCOUNT, "imap", refuse)
    assert tried == ["wrong"]


def test_what_is_forgotten_is_gone_at_once(provider: Provider) -> None:
    provider.sign_in()
    provider.secrets.forget(provider.account)
    with pytest.raises(SignInExpired, match="not signed in"):
        provider.sign_in()


def test_what_another_account_signs_in_with_stays(provider: Provider) -> None:
    provider.sign_in()
    twin = replace(provider.account, id=2, address="ann.second@example.org")
    provider.secrets.forget(twin, keep_for=[provider.account])
    provider.secrets.carry_over(twin, replace(twin, sign_in=SignIn()), keep_for=[provider.account])
    assert provider.sign_in() == "in"
    assert provider.service.count(REFRESH) == 1


def test_whoever_leaves_a_provider_is_signed_out_there(provider: Provider) -> None:
    provider.sign_in()
    provider.secrets.carry_over(provider.account, replace(provider.account, sign_in=SignIn()))
    with pytest.raises(SignInExpired, match="not signed in"):
        provider.sign_in()


def test_passwords_need_no_web() -> None:
    """20 ms of every start, for those who use no tokens."""
    code = "import sys; import qtmail.engine.imap_backend; print('http.client' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout == "False\n"


def test_a_password_given_for_an_account_is_for_sending_too_wherever_that_is(secrets: Secrets):
    assert ACCOUNT.smtp is not None
    hosted = replace(ACCOUNT, smtp=replace(ACCOUNT.smtp, host="smtp.hoster.example"))
    secrets.keep_password(hosted, "one", remember=True)
    assert secrets.secret(hosted, "smtp") == "one"
    secrets.keep_password(hosted, "two", remember=True, sending=True)
    assert (secrets.secret(hosted, "imap"), secrets.secret(hosted, "smtp")) == ("one", "two")


def test_another_users_password_is_not_for_sending(secrets: Secrets):
    assert ACCOUNT.smtp is not None
    shared = replace(ACCOUNT, smtp=replace(ACCOUNT.smtp, user="office"))
    secrets.keep_password(shared, "one", remember=True)
    with pytest.raises(PasswordNeeded):
        secrets.secret(shared, "smtp")
