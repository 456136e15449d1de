"""Signing in to a real Dovecot, and to a real Postfix, with every mechanism that they know."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.errors import SignInFailed, TokenRefused
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.smtp import SmtpSession
from tests.end2end import dovecot as dovecot_module
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.postfix import Postfix
from tests.end2end.processes import ServerMissing, wait_until

TOKEN_KEY = b"the key of the authorisation server"
MECHANISMS = """
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 external xoauth2 oauthbearer
auth_ssl_username_from_cert = yes
ssl_ca = <{ca_file}
ssl_require_crl = no
ssl_verify_client_cert = yes
ssl_cert_username_field = commonName
passdb {{
  driver = static
  mechanisms = external
  args = nopassword
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {tokens_file}
}}
"""
TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={keys}/
username_attribute = sub
"""


def started(authority: trustme.CA, **options: object) -> Dovecot:
    try:
        return Dovecot(authority, **options)  # type: ignore[arg-type]
    except ServerMissing as missing:
        pytest.skip(str(missing))


LOG_LIMIT = 10.0


@pytest.fixture(scope="module")
def server(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A Dovecot that knows every mechanism, and whose users' tokens are signed with `TOKEN_KEY`."""
    directory = tmp_path_factory.mktemp("tokens")
    key = directory / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(b64encode(TOKEN_KEY))
    tokens_file = directory / "tokens.conf"
    tokens_file.write_text(TOKENS.format(keys=directory))
    for path in (directory, *directory.parents[:2], key.parent, key.parent.parent):
        path.chmod(0o755)
    ca_file = directory / "clients.pem"
    authority.cert_pem.write_to_path(ca_file)
    with started(authority, extra=MECHANISMS.format(ca_file=ca_file, tokens_file=tokens_file)) as running:
        yield running


@pytest.fixture
def user(server: Dovecot) -> User:
    return server.add_user()


def sign_in(
    server: Dovecot, user: User, secret: Secret | None = None, security: Security = Security.TLS
) -> str:
    """Sign in over IMAP; what was said in doing so."""
    port = server.imaps_port if security is Security.TLS else server.imap_port
    log = ProtocolLog()
    with ImapSession(
        ServerSettings(server.host, port, security, user.name),
        trust=TlsTrust(cafile=str(server.ca_file)),
        log=log,
        client_certificate=secret if isinstance(secret, ClientCertificate) else None,
    ) as session:
        session.connect()
        session.sign_in(user.password if secret is None else secret)
        session.select(b"INBOX")
    return "\n".join(line.text for line in log.lines())


@pytest.mark.parametrize("security", Security)
def test_scram_is_used_where_it_is_offered(server: Dovecot, user: User, security: Security):
    said = sign_in(server, user, security=security)
    assert "AUTHENTICATE SCRAM-SHA-256 ***" in said
    assert user.password not in said


def test_a_wrong_password_is_one_attempt(server: Dovecot, user: User):
    with pytest.raises(SignInFailed, match="did not accept"):
        sign_in(server, user, "wrong")

    def failures() -> list[str]:  # written by another process, once the line is closed
        return [line for line in logged(server) if user.name in line and "auth failed" in line]

    wait_until(failures, LOG_LIMIT, "the failure in the log")
    (failed,) = failures()
    assert "1 attempts" in failed


def logged(server: Dovecot) -> list[str]:
    return (server.directory / "dovecot.log").read_text().splitlines()


@pytest.mark.parametrize(
    ("offered", "security", "used"),
    [
        ("scram-sha-1 plain", Security.TLS, "SCRAM-SHA-1"),
        ("cram-md5 plain", Security.NONE, "CRAM-MD5"),
        ("cram-md5 plain", Security.TLS, "PLAIN"),
    ],
)
def test_the_strongest_of_a_few(authority: trustme.CA, offered: str, security: Security, used: str):
    with started(authority, extra=f"auth_mechanisms = {offered}") as few:
        assert f"AUTHENTICATE {used}" in sign_in(few, few.add_user(), security=security)


def test_a_server_that_keeps_hashes_and_offers_scram_all_the_same(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
):
    """It can check a password only when it gets it."""
    hashed = hashlib.sha256(dovecot_module.PASSWORD.encode()).hexdigest()
    only_hashes = dovecot_module.CONFIGURATION.replace(
        "args = password={password}", f"args = password={{{{SHA256.hex}}}}{hashed}"
    )
    monkeypatch.setattr(dovecot_module, "CONFIGURATION", only_hashes)
    with started(authority, extra="auth_mechanisms = plain scram-sha-256") as hashing:
        said = sign_in(hashing, hashing.add_user())
    assert said.index("AUTHENTICATE SCRAM-SHA-256") < said.index("AUTHENTICATE PLAIN")


def test_a_client_certificate(server: Dovecot, user: User, authority: trustme.CA, tmp_path: Path):
    path = tmp_path / "me.pem"
    leaf = authority.issue_cert(f"{user.name}@example.net", common_name=user.name)
    leaf.private_key_and_cert_chain_pem.write_to_path(path)
    assert "AUTHENTICATE EXTERNAL ***" in sign_in(server, user, ClientCertificate(str(path)))


def token(user: User, expires: float) -> AccessToken:
    """A JSON web token (RFC 7519), as the authorisation server would give it out."""

    def part(value: object) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"sub": user.name, "iat": int(time.time()) - 10, "exp": int(expires)}
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    signature = hmac.new(TOKEN_KEY, signed.encode(), "sha256").digest()
    return AccessToken(f"{signed}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}")


def test_a_token(server: Dovecot, user: User):
    permission = token(user, time.time() + 600)
    said = sign_in(server, user, permission)
    assert "AUTHENTICATE OAUTHBEARER ***" in said
    assert permission.value not in said


def test_a_token_that_has_expired(server: Dovecot, user: User):
    with pytest.raises(TokenRefused) as failure:
        sign_in(server, user, token(user, time.time() - 5))
    assert "invalid_token" in failure.value.detail


def test_handing_mail_in(server: Dovecot, user: User, authority: trustme.CA):
    """Postfix asks Dovecot, so it offers what that knows."""
    try:
        postfix = Postfix(server, authority)
    except ServerMissing as missing:
        pytest.skip(str(missing))
    with postfix:
        assert "AUTH SCRAM-SHA-256 ***" in handed_in(postfix, user, user.password)
        assert "AUTH OAUTHBEARER ***" in handed_in(postfix, user, token(user, time.time() + 600))


def handed_in(postfix: Postfix, user: User, secret: Secret) -> list[str]:
    """Sign in over SMTP; what was said in doing so."""
    log = ProtocolLog()
    settings = ServerSettings(postfix.host, postfix.submissions_port, Security.TLS, user.name)
    trust = TlsTrust(cafile=str(postfix.ca_file))
    with SmtpSession(settings, trust=trust, log=log) as session:
        session.connect()
        session.sign_in(secret)
    return [line.text for line in log.lines()]
