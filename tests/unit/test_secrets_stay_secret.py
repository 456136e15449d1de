"""No password, token or digest of one reaches a log, a fault, a report or a file: not even when a server
repeats what it was told.
"""

from __future__ import annotations

import base64
import contextlib
import io
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from pytestqt.qtbot import QtBot

from qtmail.cli.main import run
from qtmail.credentials import Credentials
from qtmail.credentials.sealing import Cost, new_key
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret, SignIn, SignInMethod
from qtmail.engine.tokens import Tokens
from qtmail.errors import KeyringFailed, QtmailError
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.pop3 import Pop3Session
from qtmail.protocols.sasl import CramMd5, Login, Plain
from qtmail.protocols.smtp import SmtpSession
from qtmail.store.store import Store
from qtmail.workers.background import Background
from tests.fakes import authorization_server as oauth
from tests.fakes.authorization_server import CLIENT_ID, AuthorizationServer
from tests.fakes.keyrings import FileKeyring
from tests.fakes.parrot_server import ParrotServer

PASSWORD = "open-Sesame-密码-1234"
MASTER, OTHER = "correct horse", "battery staple"  # tracebacks quote the lines of tests: no literals there
TOKEN = AccessToken("ya29.a0AfH6SMBx-token-token")
SESSIONS = {"imap": ImapSession, "pop3": Pop3Session, "smtp": SmtpSession}
MECHANISMS: dict[str, Secret] = {
    "PLAIN": PASSWORD,
    "LOGIN": PASSWORD,
    "CRAM-MD5": PASSWORD,
    "SCRAM-SHA-1": PASSWORD,
    "SCRAM-SHA-256": PASSWORD,
    "XOAUTH2": TOKEN,
    "OAUTHBEARER": TOKEN,
}
WAYS: list[tuple[str, str, Secret]] = [
    (protocol, mechanism, secret) for protocol in SESSIONS for mechanism, secret in MECHANISMS.items()
] + [("imap", "", PASSWORD), ("imap", "", 'plain ascii \\ "'), ("pop3", "", PASSWORD)]


def everything_said(error: BaseException | None, log: ProtocolLog, caplog: pytest.LogCaptureFixture) -> str:
    """All that could be shown, logged or reported of a fault."""
    said = [line.text for line in log.lines()] + [caplog.text]
    while error is not None:
        said += [str(error), repr(error), repr(error.args), *traceback.format_exception(error)]
        said += [repr(value) for value in vars(error).values()]
        error = error.__cause__ or error.__context__
    return "\n".join(said)


def forms(secret: Secret) -> list[str]:
    """How a secret may look."""
    text = secret.value if isinstance(secret, AccessToken) else str(secret)
    octets = text.encode()
    return [
        text,
        repr(octets)[2:-1],
        octets.hex(),
        base64.b64encode(octets).decode(),
        base64.b64encode(b"\0eva\0" + octets).decode(),
    ]


@pytest.mark.parametrize("hang_up", [False, True])
@pytest.mark.parametrize(("protocol", "mechanism", "secret"), WAYS)
def test_a_server_that_repeats_what_it_heard_is_not_quoted(
    protocol: str, mechanism: str, secret: Secret, hang_up: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    log = ProtocolLog()
    mechanisms = [mechanism] if mechanism else []
    with ParrotServer(protocol, *mechanisms, hang_up=hang_up) as server:
        session = SESSIONS[protocol](
            ServerSettings("127.0.0.1", server.port, Security.NONE, "eva"),
            trust=TlsTrust(),
            log=log,
            timeout=5.0,
            allow_clear_password=True,
        )
        with contextlib.closing(session):
            session.connect()
            with pytest.raises(QtmailError) as raised:
                session.sign_in(secret)
    assert server.heard, "the test is about a server that heard something"
    said = everything_said(raised.value, log, caplog)
    for heard in [*forms(secret), *(token.decode() for token in server.heard)]:
        assert heard not in said


def test_what_is_hidden_is_hidden_from_then_on_and_nothing_else() -> None:
    log = ProtocolLog()
    log.sent(b"PASS geheim", shown=b"PASS ***")
    log.received(b"-ERR PASS geheim is no command; ask geheimrat")
    log.received("+OK eva")
    assert [line.text for line in log.lines()] == [
        "PASS ***",
        "-ERR PASS *** is no command; ask ***rat",
        "+OK eva",
    ]


def test_a_password_stays_hidden_however_many_sign_ins_there_were() -> None:
    log = ProtocolLog()
    for number in range(100):
        log.hide(PASSWORD)
        log.sent(f"AUTH SCRAM response-{number}".encode(), shown=b"AUTH SCRAM ***")
    log.received(f"unknown: {PASSWORD} response-99")
    assert log.lines()[-1].text == "unknown: *** ***"


# -- the whole program -----------------------------------------------------------------------------


def written_below(*directories: Path) -> dict[str, bytes]:
    """Every file, but for the one that stands for the system's keyring."""
    files = [path for directory in directories for path in directory.rglob("*") if path.is_file()]
    return {path.name: path.read_bytes() for path in files if path.name != "test-keyring.json"}


def check_files(files: dict[str, bytes], *secrets: str) -> None:
    for secret in secrets:
        for form in forms(secret):
            found = [name for name, content in files.items() if form.encode() in content]
            assert not found, f"{form} is in {found}"


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs `qtmail --debug …` in this process, and returns all it printed and logged."""

    def command(*arguments: str, entering: str = "") -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(entering.encode()), "utf-8"))
        run(["--debug", "--profile", str(tmp_path / "profile"), *arguments])
        printed = capfd.readouterr()
        return printed.out + printed.err

    return command


def test_the_command_line_and_its_files_hold_no_password(
    command: Callable[..., str], tmp_path: Path, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ParrotServer("imap", "PLAIN") as imap, ParrotServer("smtp", "LOGIN") as smtp:
        servers = [
            f"--imap=127.0.0.1:{imap.port}/none",
            f"--smtp=127.0.0.1:{smtp.port}/none",
        ]
        said = [
            command("account", "add", "--email=eva@example.org", "--user=eva", "--password-stdin", *servers,
                    entering=f"{PASSWORD}\n"),
            command("account", "test", "eva@example.org"),
            command("sync"),
            command("doctor"),
            command("doctor", "--report"),
            command("doctor", "--json"),
            command("send", "--from=eva@example.org", "--to=bob@example.org", "--subject=Hi", "--body=Hello"),
            command("outbox", "flush"),
            command("settings", "export", str(tmp_path / "open")),
            command("settings", "export", "--with-passwords", str(tmp_path / "sealed"),
                    entering="correct horse\n"),
        ]  # fmt: skip
        assert imap.heard
        assert smtp.heard
    files = written_below(tmp_path, own_home)
    assert {"user.db", "open", "sealed"} <= files.keys()
    files["what was said"] = "\n".join([*said, caplog.text]).encode()
    check_files(files, PASSWORD, "correct horse")
    for heard in {*imap.heard, *smtp.heard}:
        assert not [name for name, content in files.items() if heard in content]


@pytest.mark.parametrize("with_profile", [True, False])
def test_a_file_with_passwords_and_its_faults_hold_none_in_clear(
    with_profile: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = account_at(993)
    credentials = Credentials(FileKeyring(tmp_path), profile=tmp_path if with_profile else None)
    said: list[str] = []

    def attempt(work: Callable[[], object]) -> None:
        try:
            work()
        except QtmailError as error:
            said.append(everything_said(error, ProtocolLog(), caplog))

    for work in (
        lambda: credentials.create_vault(MASTER),
        lambda: credentials.remember(account, PASSWORD),
        lambda: credentials.unlock(OTHER),
        lambda: credentials.change_master(OTHER, MASTER),
        credentials.lock,
        lambda: credentials.remember(account, PASSWORD),
        lambda: credentials.get(account),
    ):
        attempt(work)
    said.append(repr(credentials) + repr(vars(credentials).get("_vault")))
    assert len(said) > 2
    files = written_below(tmp_path) | {"what was said": "\n".join(said).encode()}
    check_files(files, PASSWORD, MASTER, OTHER)


def test_a_provider_that_repeats_a_refresh_token_is_not_quoted(
    authority: trustme.CA, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    unkept: list[KeyringFailed] = []
    with AuthorizationServer(authority) as service:
        sign_in = SignIn(SignInMethod.OAUTH, service.issuer, CLIENT_ID)
        account = account_at(993, sign_in)
        credentials = Credentials(FileKeyring(tmp_path))
        trust = TlsTrust(cafile=str(tmp_path / "ca.pem"))
        profile = tmp_path / "profile"
        profile.mkdir()
        tokens = Tokens(
            credentials, profile, trust, unkept=lambda _, error: unkept.append(error), timeout=20.0
        )
        refresh = service.issue()
        tokens.keep(account, Permission(refresh, "ya29.first"), remember=True)
        service.instead[oauth.REFRESH].append(
            oauth.error("invalid_grant", error_description=f"no such token: {refresh}")
        )
        with pytest.raises(QtmailError) as raised:
            tokens.access_token(account)
        said = everything_said(raised.value, ProtocolLog(), caplog) + repr(tokens) + repr(vars(tokens))
        files = written_below(tmp_path) | {"what was said": said.encode()}
        check_files(files, refresh, *service.secrets)


def test_a_bug_is_logged_without_what_it_was_about(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Store.open(tmp_path / "profile") as store:
        background = Background("bugs", store)
        faults: list[QtmailError] = []

        def sign_in(password: str) -> None:
            assert {"password": password}["user"], password

        background.submit(lambda: sign_in(PASSWORD), lambda _: None, faults.append)
        qtbot.waitUntil(lambda: bool(faults), timeout=10_000)
        background.stop()
    assert "KeyError" in caplog.text
    check_files({"log": (caplog.text + repr(vars(faults[0]))).encode()}, PASSWORD)


def test_what_holds_a_secret_does_not_show_it(tmp_path: Path) -> None:
    account = account_at(993)
    credentials = Credentials(FileKeyring(tmp_path))
    credentials.session(account, PASSWORD)
    holders: list[Any] = [
        AccessToken(PASSWORD),
        ClientCertificate("/card.pem", PASSWORD),
        Permission(PASSWORD, PASSWORD, client_secret=PASSWORD),
        new_key(PASSWORD, Cost(64, 1, 1)),
        credentials,
        ProtocolLog(),
        *(kind("eva", PASSWORD) for kind in (Plain, Login, CramMd5)),
    ]
    holders[5].hide(PASSWORD)
    for holder in holders:
        check_files({type(holder).__name__: (repr(holder) + str(holder)).encode()}, PASSWORD)


def account_at(port: int, sign_in: SignIn | None = None) -> Account:
    imap = ServerSettings("127.0.0.1", port, Security.NONE, "eva")
    return Account(1, "Work", "eva@example.org", "Eva", imap, sign_in=sign_in or SignIn())
