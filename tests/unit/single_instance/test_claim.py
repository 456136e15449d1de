"""Who is first on a profile, and what becomes of those that come later."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail.errors import Layer, QtmailError
from qtmail.process_lock import ProcessLock
from qtmail.single_instance import Claim, Wanted, claim
from qtmail.single_instance.wanted import MOST_BYTES, MOST_ITEMS

LIMIT = 10_000
LINK = Wanted(("mailto:ann@example.org",), "token")

_LATER = """
import sys
from pathlib import Path
from qtmail.errors import QtmailError
from qtmail.single_instance import Wanted, claim
try:
    print("handed over" if claim(Path(sys.argv[1]), eval(sys.stdin.read())) is None else "claimed")
except QtmailError as error:
    print(error.layer, error, error.detail)
"""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="sockets in files are for POSIX systems")


class Later:
    """A later start, in a process of its own.

    Attributes:
        outcome: "claimed", "handed over", or the error's layer, sentence and detail; set by `wait`.
    """

    def __init__(self, profile: Path, wanted: Wanted) -> None:
        self.outcome = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LATER, str(profile)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(repr(wanted))
        self._process.stdin.close()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait(self, qtbot: QtBot) -> str:
        qtbot.waitUntil(lambda: not self.running, timeout=LIMIT)
        assert self._process.stdout is not None
        with self._process.stdout as output:
            self.outcome = output.read().strip()
        return self.outcome


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def first(profile: Path) -> Iterator[Claim]:
    first = claim(profile, Wanted())
    assert first is not None
    yield first
    first.release()


@pytest.fixture
def opened(first: Claim, qapp: object) -> list[Wanted]:
    """The first start listens; this is what it opens."""
    opened: list[Wanted] = []
    first.listen(opened.append)
    return opened


def address(profile: Path) -> str:
    return (profile / "window.address").read_text()


def talk(qtbot: QtBot, profile: Path, line: bytes) -> bytes:
    """Send a line as a stranger would; returns all that comes back."""
    said: list[bytes] = []

    def converse() -> None:
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.settimeout(LIMIT / 1000)
            stranger.connect(address(profile))
            stranger.sendall(line)
            said.append(b"".join(iter(lambda: stranger.recv(4096), b"")))

    thread = threading.Thread(target=converse, daemon=True)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=LIMIT)
    return said[0]


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def wait_until_it_was_tried(qtbot: QtBot, profile: Path) -> None:
    """Return once a later start has tried to reach the first one, which takes the line and lets it break."""
    with socket.socket(socket.AF_UNIX) as ending:
        ending.bind(str(profile / "ending"))
        ending.listen()
        (profile / "window.address").write_text(str(profile / "ending"))
        qtbot.waitUntil(lambda: bool(select.select([ending], [], [], 0)[0]), timeout=LIMIT)
        (profile / "window.address").unlink()
        ending.accept()[0].close()


def test_a_later_start_hands_over_and_has_no_claim(qtbot: QtBot, profile: Path, opened: list[Wanted]) -> None:
    assert Later(profile, LINK).wait(qtbot) == "handed over"
    assert opened == [LINK]


def test_several_at_once_are_all_served(qtbot: QtBot, profile: Path, opened: list[Wanted]) -> None:
    wanted = [Wanted((f"mailto:{number}@example.org",)) for number in range(5)]
    for later in [Later(profile, one) for one in wanted]:
        assert later.wait(qtbot) == "handed over"
    assert sorted(opened, key=lambda one: one.open) == wanted


def test_a_large_request_arrives_whole(qtbot: QtBot, profile: Path, opened: list[Wanted]) -> None:
    wanted = Wanted(("mailto:ann@example.org?body=" + "x" * (MOST_BYTES - 1000),))
    Later(profile, wanted).wait(qtbot)
    assert opened == [wanted]


@pytest.mark.parametrize(
    "words", [("mailto:" + "x" * MOST_BYTES,), ("mailto:a@b.example",) * (MOST_ITEMS + 1)]
)
def test_too_much_is_said_and_not_sent(
    qtbot: QtBot, profile: Path, opened: list[Wanted], words: tuple[str, ...]
) -> None:
    assert Later(profile, Wanted(words)).wait(qtbot).startswith("usage This is too much")
    assert opened == []


def test_another_profile_is_not_concerned(tmp_path: Path, opened: list[Wanted]) -> None:
    other = claim(tmp_path / "other", LINK)
    assert other is not None
    other.release()
    assert opened == []


@posix_only
def test_another_spelling_of_the_path_is_the_same_profile(
    qtbot: QtBot, profile: Path, opened: list[Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    (profile.parent / "link").symlink_to(profile)
    monkeypatch.chdir(profile.parent)
    for spelling in (Path("link"), Path("profile/../profile"), Path("profile")):
        assert Later(spelling, LINK).wait(qtbot) == "handed over"
    assert opened == [LINK] * 3


@posix_only
def test_a_relative_path_leads_there_from_everywhere(
    qtbot: QtBot, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(profile.parent)
    first = claim(Path(profile.name), Wanted())
    assert first is not None
    opened: list[Wanted] = []
    first.listen(opened.append)
    (profile.parent / "elsewhere").mkdir()
    monkeypatch.chdir(profile.parent / "elsewhere")
    assert Later(profile, LINK).wait(qtbot) == "handed over"
    assert opened == [LINK]
    monkeypatch.chdir(profile.parent)
    first.release()


@posix_only
def test_a_first_start_that_still_starts_is_waited_for(qtbot: QtBot, profile: Path, first: Claim) -> None:
    opened: list[Wanted] = []
    later = Later(profile, LINK)
    wait_until_it_was_tried(qtbot, profile)
    assert later.running
    first.listen(opened.append)
    assert later.wait(qtbot) == "handed over"
    assert opened == [LINK]


def test_when_the_first_start_ends_the_later_one_is_the_first(
    qtbot: QtBot, profile: Path, first: Claim, opened: list[Wanted]
) -> None:
    first.release()
    later = claim(profile, LINK)
    assert later is not None
    again: list[Wanted] = []
    later.listen(again.append)
    Later(profile, LINK).wait(qtbot)
    assert (opened, again) == ([], [LINK])
    later.release()


@posix_only
def test_one_that_ends_while_another_waits(qtbot: QtBot, profile: Path, first: Claim) -> None:
    later = Later(profile, LINK)
    wait_until_it_was_tried(qtbot, profile)
    assert later.running
    first.release()
    assert later.wait(qtbot) == "claimed"


def test_one_that_does_not_answer_is_said(profile: Path, opened: list[Wanted]) -> None:
    with pytest.raises(QtmailError, match="running but does not answer") as failed:
        claim(profile, LINK, patience=0.3)  # blocks the thread that would have to answer
    assert failed.value.layer is Layer.SYSTEM and failed.value.advice


@posix_only
def test_what_a_dead_process_left_is_in_nobodys_way(qtbot: QtBot, profile: Path) -> None:
    profile.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(profile / "window.socket"))
    (profile / "window.address").write_text(str(profile / "window.socket"))
    first = claim(profile, Wanted())
    assert first is not None
    assert not (profile / "window.address").exists()
    opened: list[Wanted] = []
    first.listen(opened.append)
    Later(profile, LINK).wait(qtbot)
    assert opened == [LINK]
    first.release()
    assert sorted(path.name for path in profile.iterdir()) == ["window.lock"]


@posix_only
def test_a_profile_that_is_made_is_the_users_alone(profile: Path, first: Claim) -> None:
    assert profile.stat().st_mode & 0o077 == 0


def test_where_it_cannot_be_said_who_listens_the_window_opens_all_the_same(
    profile: Path, first: Claim, qapp: object, caplog: pytest.LogCaptureFixture
) -> None:
    (profile / "window.address").mkdir()
    first.listen(lambda wanted: None)
    assert "cannot reach this one" in caplog.text
    with pytest.raises(QtmailError, match="does not answer"):
        claim(profile, LINK, patience=0.2)


@posix_only
def test_only_the_user_can_connect(profile: Path, opened: list[Wanted]) -> None:
    assert Path(address(profile)).stat().st_mode & 0o077 == 0


@posix_only
def test_a_path_too_long_for_a_socket(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    runtime = Path("/tmp") / f"qtmail-test-{os.getpid()}"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    profile = tmp_path / ("a" * 100) / "profile"
    first = claim(profile, Wanted())
    assert first is not None
    opened: list[Wanted] = []
    first.listen(opened.append)
    (folder,) = runtime.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    Later(profile, LINK).wait(qtbot)
    assert opened == [LINK]
    first.release()
    assert list(runtime.iterdir()) == []
    runtime.rmdir()


@posix_only
@pytest.mark.parametrize("runtime", [None, "run", "/no/such/directory"])
def test_without_a_runtime_directory_it_listens_in_the_temporary_one(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str | None
) -> None:
    temporary = Path("/tmp") / f"qtmail-test-{os.getpid()}"
    (tmp_path / "here" / "run").mkdir(parents=True)
    temporary.mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    if runtime is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    profile = tmp_path / ("a" * 100)
    first = claim(profile, Wanted())
    assert first is not None
    opened: list[Wanted] = []
    first.listen(opened.append)
    monkeypatch.chdir(tmp_path)
    assert Later(profile, LINK).wait(qtbot) == "handed over"
    first.release()
    assert opened == [LINK]
    assert not any((tmp_path / "here" / "run").iterdir())
    temporary.rmdir()


@posix_only
def test_a_copy_of_a_profile_that_is_in_use_leaves_the_other_alone(
    qtbot: QtBot, tmp_path: Path, profile: Path, opened: list[Wanted]
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "window.address").write_text(address(profile))
    claimed = claim(copy, Wanted())
    assert claimed is not None
    claimed.release()
    assert Later(profile, LINK).wait(qtbot) == "handed over"
    assert opened == [LINK]


@posix_only
def test_a_flood_takes_neither_the_files_nor_the_ear(
    qtbot: QtBot, profile: Path, opened: list[Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection costs a file descriptor; a server that gets none for the next is closed."""
    monkeypatch.setattr("qtmail.single_instance.listener._SAY_SECONDS", 2.0)
    place = address(profile)
    code = (
        "import socket, sys\n"
        "flood = [socket.socket(socket.AF_UNIX) for _ in range(300)]\n"
        "for one in flood: one.connect(sys.argv[1])\n"
        "print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as flood:
        connected = flood.stdout
        assert connected is not None
        before = open_files()
        qtbot.waitUntil(lambda: bool(select.select([connected], [], [], 0)[0]), timeout=LIMIT)
        assert open_files() - before < 100
        assert Later(profile, LINK).wait(qtbot) == "handed over"
        flood.communicate()
    assert opened == [LINK]


@posix_only
@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "no JSON"),
        (b"\0" * 100 + b"\n", "no JSON"),
        (b'{"version": 99, "open": [], "activation": "", "front": true}\n', "not version 1"),
        (b'{"version": 1, "open": ["-x"], "activation": "", "front": true}\n', "neither a mailto: link nor"),
        (b"x" * (MOST_BYTES + 1), "too much"),
    ],
)
def test_what_is_no_request_is_refused_and_changes_nothing(
    qtbot: QtBot, profile: Path, opened: list[Wanted], line: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = json.loads(talk(qtbot, profile, line))
    assert answer["taken"] is False and why in answer["refusal"]
    assert opened == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    Later(profile, LINK).wait(qtbot)
    assert opened == [LINK]


@posix_only
def test_one_request_for_each_connection(qtbot: QtBot, profile: Path, opened: list[Wanted]) -> None:
    line = json.dumps({"version": 1, "open": [], "activation": "", "front": True}).encode() + b"\n"
    assert json.loads(talk(qtbot, profile, line + line))["taken"] is True
    assert opened == [Wanted()]


@posix_only
def test_who_says_nothing_is_sent_away(
    qtbot: QtBot, profile: Path, opened: list[Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtmail.single_instance.listener._SAY_SECONDS", 0.1)
    assert json.loads(talk(qtbot, profile, b'{"version"'))["taken"] is False
    assert opened == []


@posix_only
@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b'{"version": 1, "taken": false, "refusal": "not version 2"}\n', "not version 2"),
        (b'{"version": 1, "taken": "yes"}\n', "no reason given"),
        (b"220 ready\n", "no JSON"),
    ],
)
def test_a_refusal_is_told(qtbot: QtBot, profile: Path, first: Claim, reply: bytes, why: str) -> None:
    with socket.socket(socket.AF_UNIX) as other_version:
        other_version.bind(str(profile / "window.socket"))
        other_version.listen()
        (profile / "window.address").write_text(str(profile / "window.socket"))
        later = Later(profile, LINK)
        connection, _ = other_version.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(reply)
        outcome = later.wait(qtbot)
    assert "did not take over" in outcome and outcome.endswith(why)


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("link", [False, True])
def test_another_users_socket_is_not_spoken_to(profile: Path, first: Claim, link: bool) -> None:
    """Nor one of our own, or of anybody, that another user's link leads to."""
    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(str(profile / ("elsewhere" if link else "window.socket")))
        squatter.listen()
        squatter.setblocking(False)
        if link:
            (profile / "window.socket").symlink_to("elsewhere")
        os.chown(profile / "window.socket", 65534, 65534, follow_symlinks=False)
        (profile / "window.address").write_text(str(profile / "window.socket"))
        with pytest.raises(QtmailError, match="does not answer"):
            claim(profile, LINK, patience=0.3)
        with pytest.raises(BlockingIOError):
            squatter.accept()


@posix_only
def test_a_name_in_the_folder_of_all_users_is_not_spoken_to(
    profile: Path, tmp_path: Path, first: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt looks for a relative name there, and not where this process is."""
    name = f"qtmail-test-{os.getpid()}"
    monkeypatch.chdir(tmp_path)
    Path(name).touch()
    shared = Path("/tmp") / name
    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(str(shared))
        squatter.listen()
        squatter.setblocking(False)
        (profile / "window.address").write_text(name)
        with pytest.raises(QtmailError, match="does not answer"):
            claim(profile, LINK, patience=0.3)
        with pytest.raises(BlockingIOError):
            squatter.accept()
    shared.unlink()


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0\0", b"/tmp\0\0", b"\xff\xfe", b"x" * 100_000, b"/nowhere/socket"]
)
def test_an_address_that_is_none(profile: Path, first: Claim, content: bytes) -> None:
    (profile / "window.address").write_bytes(content)
    with pytest.raises(QtmailError, match="does not answer"):
        claim(profile, LINK, patience=0.2)


def test_a_disk_without_locks_opens_as_before(
    qtbot: QtBot, profile: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_lock: ProcessLock, _patience: float = 0.0) -> bool:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(ProcessLock, "acquire", refuse)
    for _ in range(2):
        one = claim(profile, LINK)
        assert one is not None
        one.listen(lambda wanted: None)
        one.release()
    assert "may not be the only one" in caplog.text


def test_a_profile_that_cannot_be_made_is_the_stores_to_tell(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    one = claim(tmp_path / "file" / "profile", LINK)
    assert one is not None
    one.release()


def test_where_nobody_can_listen_the_window_opens_all_the_same(
    profile: Path,
    first: Claim,
    qapp: object,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("qtmail.single_instance.listener.QLocalServer.listen", lambda *_: False)
    first.listen(lambda wanted: None)
    assert "cannot reach this one" in caplog.text
