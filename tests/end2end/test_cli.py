"""The command line as a script uses it, against a real Dovecot."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end2end.dovecot import Dovecot, User
from tests.fakes.memory_imap import plain_message


@dataclass
class Outcome:
    status: int
    output: str
    errors: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines()]


@dataclass
class Terminal:
    """Runs `qtmail …` in a process of its own."""

    dovecot: Dovecot
    user: User

    def run(self, *arguments: str, password: str | None = None) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "qtmail", *arguments],
            input=None if password is None else password + "\n",
            stdin=subprocess.DEVNULL if password is None else None,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    def add_account(self, *, security: str = "tls", password: str | None = None) -> Outcome:
        port = self.dovecot.imaps_port if security == "tls" else self.dovecot.imap_port
        return self.run(
            "account", "add", "--email", self.user.address, "--user", self.user.name,
            "--imap", f"localhost:{port}/{security}", "--password-stdin",
            password=password or self.user.password,
        )  # fmt: skip


@pytest.fixture
def terminal(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.ca_file))
    return Terminal(dovecot, dovecot.add_user())


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_main_job(terminal, dovecot, security):
    for number in range(3):
        dovecot.deliver(terminal.user, "INBOX", plain_message(number, f"Letter {number}"))
    dovecot.deliver(terminal.user, "旅行", plain_message(7, "你好"))
    assert terminal.add_account(security=security).status == 0

    (report,) = terminal.run("sync", "--json", "--bodies", "all").objects
    assert (report["messages_added"], report["bodies_fetched"], report["problems"]) == (4, 4, [])
    folders = {row["path"]: row for row in terminal.run("folders", "--json").objects}
    assert (folders["INBOX"]["messages"], folders["INBOX"]["unread"]) == (3, 3)
    assert folders["旅行"]["messages"] == 1

    listed = terminal.run("list", terminal.user.address, "--json").objects
    assert [row["subject"] for row in listed] == ["Letter 2", "Letter 1", "Letter 0"]
    shown = terminal.run("show", str(listed[0]["id"]), "--json").objects[0]
    assert shown["text"].strip() == "Text of message 2."
    source = terminal.run("show", str(listed[0]["id"]), "--source").output
    assert source.encode().replace(b"\n", b"\r\n") == plain_message(2, "Letter 2") or "Letter 2" in source

    (again,) = terminal.run("sync", "--json").objects
    assert (again["messages_added"], again["folders_selected"], again["round_trips"]) == (0, 0, 1)


def test_a_message_is_fetched_when_it_is_shown(terminal, dovecot):
    dovecot.deliver(terminal.user, "INBOX", plain_message(1))
    terminal.add_account()
    terminal.run("sync", "--bodies", "none")
    (row,) = terminal.run("list", terminal.user.address, "--json").objects
    assert "Text of message 1." in terminal.run("show", str(row["id"])).output
    assert terminal.run("list", terminal.user.address, "--json").objects[0]["unread"], (
        "showing marks nothing as read"
    )


def test_accounts_are_listed_and_removed(terminal):
    terminal.add_account()
    (listed,) = terminal.run("account", "list", "--json").objects
    assert listed["address"] == terminal.user.address
    assert terminal.run("account", "remove", terminal.user.address).status == 0
    assert terminal.run("account", "list", "--json").objects == []


def test_a_wrong_password_is_named_as_such(terminal):
    terminal.add_account(password="wrong")
    outcome = terminal.run("sync")
    assert outcome.status == 1
    assert "password" in outcome.errors.lower()


def test_the_password_can_be_given_each_time(terminal, dovecot, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    dovecot.deliver(terminal.user, "INBOX", plain_message(1))
    outcome = terminal.add_account()
    assert outcome.status == 0 and "--password-stdin" in outcome.errors
    assert terminal.run("sync").status == 1
    (report,) = terminal.run("sync", "--json", "--password-stdin", password=terminal.user.password).objects
    assert report["messages_added"] == 1


def test_an_untrusted_certificate_is_refused(terminal, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    terminal.add_account()
    outcome = terminal.run("sync")
    assert outcome.status == 1
    assert "certificate" in outcome.errors


def test_the_doctor_finds_everything_well(terminal):
    terminal.add_account()
    outcome = terminal.run("doctor", "--json")
    verdicts = outcome.objects
    assert outcome.status == 0, outcome.output
    assert [v["layer"] for v in verdicts if v["server"]] == [
        "name lookup", "connection", "encryption", "greeting", "capability", "sign-in", "folder", "quota",
    ]  # fmt: skip
    assert {v["layer"] for v in verdicts if not v["server"]} == {"local store", "password store", "clock"}


def test_the_doctor_s_report_names_nobody(terminal):
    terminal.add_account()
    outcome = terminal.run("doctor", "--report")
    assert outcome.status == 0, outcome.errors
    assert "[ok] local store" in outcome.output
    assert f"[ok] localhost:{terminal.dovecot.imaps_port} sign-in" in outcome.output
    assert "The last lines of the conversation:" in outcome.output
    for private in (terminal.user.name, terminal.user.password):
        assert private not in outcome.output


@pytest.mark.parametrize(
    ("server", "layer"),
    [("no-such-host.invalid:993/tls", "name lookup"), ("127.0.0.1:1/tls", "connection")],
)
def test_the_doctor_names_the_layer(terminal, server, layer):
    terminal.run(
        "account", "add", "--email", "a@example.org", "--imap", server, "--password-stdin", password="x"
    )
    outcome = terminal.run("doctor", "a@example.org", "--json")
    assert outcome.status == 1
    *_, last = (verdict for verdict in outcome.objects if verdict["server"])
    assert (last["layer"], last["ok"]) == (layer, False)
    assert last["sentence"] and last["advice"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync"],
        ["list", "nobody@example.org"],
        ["show", "99"],
        ["account", "add", "--email", "not-an-address"],
        ["account", "add", "--email", "a@example.org", "--imap", "host/sometimes"],
        ["frobnicate-not-a-command.eml", "--nonsense"],
    ],
)
def test_wrong_usage_is_told_apart(terminal, arguments):
    outcome = terminal.run(*arguments)
    assert outcome.status == 2
    assert outcome.errors and not outcome.output


def test_inspect_takes_many_files(terminal, tmp_path):
    paths = []
    for number in range(20):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(plain_message(number))
        paths.append(str(path))
    answers = terminal.run("inspect", "--json", *paths).objects
    assert [answer["file"] for answer in answers] == paths
    assert answers[3]["from"] == [{"name": "Ann", "address": "ann@example.org"}]
    missing = terminal.run("inspect", "--json", paths[0], str(tmp_path / "none.eml"))
    assert missing.status == 1 and len(missing.objects) == 1
