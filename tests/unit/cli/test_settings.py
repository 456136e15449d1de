"""`qtmail settings` and `qtmail vault`, as a person or a script uses them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qtmail.cli.main import run
from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.store.store import Store

WORK = Account(
    0,
    "Work",
    "ann@example.org",
    "Ann",
    ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
    ServerSettings("smtp.example.org", 465, Security.TLS, "ann"),
)
SECRET = "geheim-密码"


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the next command reads from standard input."""

    def enter(*lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8"))

    return enter


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def fill(profile: Path) -> None:
    with Store.open(profile) as store:
        with store.user_transaction() as tx:
            account = store.accounts.add(tx, WORK)
            store.accounts.trust(tx, "imap.example.org", 993, "ab" * 32)
            store.accounts.allow_clear(tx, "old.example.org", 110)
        Credentials(profile=profile).remember(account, SECRET)


def settings(profile: Path, *arguments: str | Path) -> int:
    return run(["--profile", str(profile), "settings", *map(str, arguments)])


def test_settings_go_from_one_profile_to_another(
    tmp_path: Path, enter: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "file"
    fill(here)
    enter("correct horse")
    assert settings(here, "export", file, "--with-passwords") == 0
    assert "sealed in it" in capsys.readouterr().err
    assert SECRET.encode() not in file.read_bytes()
    assert settings(there, "import", file, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "new   Work  ann@example.org  imap imap.example.org:993/tls" in shown
    assert "left  passwords allowed in clear text to old.example.org:110" in shown
    enter("correct horse")
    assert settings(there, "import", file, "--with-passwords", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result == {"added": ["ann@example.org"], "left": [], "without_password": []}
    with Store.open(there) as store:
        assert [account.name for account in store.accounts.list()] == ["Work"]
        assert store.accounts.exemptions() == ()
    assert settings(there, "import", file, "--with-exemptions") == 0
    assert "Here already: 1" in capsys.readouterr().err
    with Store.open(there) as store:
        assert len(store.accounts.exemptions()) == 2


def test_what_is_wrong_is_said_and_nothing_is_added(
    tmp_path: Path, enter: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "file"
    fill(here)
    enter("short")
    assert settings(here, "export", file, "--with-passwords") == 2
    assert "too short" in capsys.readouterr().err
    enter()
    assert settings(here, "export", file, "--with-passwords") == 2
    assert not file.exists()
    enter("correct horse")
    assert settings(here, "export", file, "--with-passwords") == 0
    enter("battery staple")
    assert settings(there, "import", file, "--with-passwords") == 1
    assert "not the passphrase" in capsys.readouterr().err
    file.write_text("{}", "utf-8")
    assert settings(there, "import", file) == 1
    assert "holds something else" in capsys.readouterr().err
    with Store.open(there) as store:
        assert store.accounts.list() == []


def test_a_preview_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path / "here")
    file = tmp_path / "file"
    assert settings(tmp_path / "here", "export", file) == 0
    assert settings(tmp_path / "here", "import", file, "--dry-run", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["accounts"] == [{"name": "Work", "address": "ann@example.org", "here": True}]
    assert not shown["passwords"]
    assert len(shown["exemptions"]) == 2


@pytest.mark.usefixtures("no_keyring")
def test_passwords_are_kept_in_a_file_where_there_is_no_keyring(
    tmp_path: Path,
    enter: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    profile, master = tmp_path / "profile", tmp_path / "master"
    vault = ["--profile", str(profile), "vault"]
    add = ["--profile", str(profile), "account", "add", "--email", "ann@example.org", "--password-stdin"]
    enter("correct horse")
    assert run([*vault, "create"]) == 0
    master.write_text("correct horse\n", "utf-8")
    monkeypatch.setenv("QTMAIL_MASTER_PASSWORD_FILE", str(master))
    enter(SECRET)
    assert run(add) == 0
    enter("correct horse", "battery staple")
    assert run([*vault, "change"]) == 0
    capsys.readouterr()
    assert run(["--profile", str(profile), "account", "test", "ann@example.org"]) == 1
    assert "not the master password" in capsys.readouterr().err
    with Store.open(profile) as store:
        (account,) = store.accounts.list()
    credentials = Credentials(profile=profile)
    credentials.unlock("battery staple")
    assert credentials.get(account) == SECRET
    assert run([*vault, "forget"]) == 0
    assert "is kept as secrets.vault.old-" in capsys.readouterr().err
    assert not Credentials(profile=profile).vault_exists


def test_a_file_with_the_master_password_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "here")
    Credentials(profile=tmp_path / "here").create_vault("correct horse")
    monkeypatch.setenv("QTMAIL_MASTER_PASSWORD_FILE", str(tmp_path / "gone"))
    assert settings(tmp_path / "here", "export", tmp_path / "file") == 1
    assert "master password, gone, could not be read" in capsys.readouterr().err


def test_a_password_is_kept_for_an_account_that_is_there(
    tmp_path: Path, enter: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path)
    for password in ("an old one", SECRET):
        enter(password)
        assert run(["--profile", str(tmp_path), "account", "password", "Work"]) == 0
    assert SECRET not in capsys.readouterr().err
    with Store.open(tmp_path) as store:
        (account,) = store.accounts.list()
    assert Credentials(profile=tmp_path).get(account) == SECRET
