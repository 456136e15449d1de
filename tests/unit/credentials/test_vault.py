"""The file behind a master password: what is in it stays in it, and outlives mistakes and accidents."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from qtmail.credentials.sealing import Cost
from qtmail.credentials.vault import VAULT_NAME, Vault
from qtmail.errors import KeyringFailed, Layer, Retry, UsageError, VaultLocked

CHEAP = Cost(memory=64, passes=1, lanes=1)
MASTER = "correct horse"
IMAP = ("qtmail imap imap.example.org:993", "ann")
SMTP = ("qtmail smtp smtp.example.org:465", "ann")
SECRET = "geheim-密码-🔑"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / VAULT_NAME


@pytest.fixture
def vault(path: Path) -> Vault:
    vault = Vault(path, CHEAP)
    vault.create(MASTER)
    return vault


def other(path: Path, master: str | None = MASTER) -> Vault:
    """As another process would have it."""
    vault = Vault(path, CHEAP)
    if master is not None:
        vault.unlock(master)
    return vault


def test_passwords_are_there_again_after_the_master_password(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    vault.write(SMTP, "two")
    assert other(path, None).locked
    later = other(path)
    assert not later.locked
    assert (later.read(IMAP), later.read(SMTP)) == (SECRET, "two")
    later.delete({IMAP, ("nothing", "there")})
    assert (vault.read(IMAP), vault.read(SMTP)) == (None, "two")


def test_nothing_can_be_read_or_written_while_it_is_locked(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    vault.lock()
    before = path.read_bytes()
    for call in (lambda: vault.read(IMAP), lambda: vault.write(IMAP, "x"), lambda: vault.delete({IMAP})):
        with pytest.raises(VaultLocked) as raised:
            call()
        assert raised.value.advice
        assert (raised.value.layer, raised.value.retry) == (Layer.KEYRING, Retry.ASK_USER)
    assert path.read_bytes() == before


def test_the_file_shows_nothing_and_is_nobody_elses(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    content = path.read_bytes()
    for secret in (SECRET.encode(), MASTER.encode(), b"ann", b"example.org"):
        assert secret not in content
    assert MASTER not in repr(vault)
    assert SECRET not in repr(vault)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir() if one.suffix != ".lock"] == [VAULT_NAME]


def test_a_wrong_master_password_changes_nothing(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    locked = other(path, None)
    with pytest.raises(VaultLocked, match="not the master password"):
        locked.unlock("correct Horse")
    assert locked.locked
    assert path.exists()
    assert vault.read(IMAP) == SECRET


@pytest.mark.parametrize("master", ["", "short", "x" * 99 + "y" * 9999])
def test_a_master_password_that_protects_nothing_is_not_taken(path: Path, master: str) -> None:
    vault = Vault(path, CHEAP)
    with pytest.raises(UsageError):
        vault.create(master)
    assert not vault.exists
    vault.create(MASTER)
    with pytest.raises(UsageError):
        vault.change_master(MASTER, master)


def test_a_second_file_is_never_put_over_the_first(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    with pytest.raises(KeyringFailed, match="already"):
        Vault(path, CHEAP).create("battery staple")
    assert other(path).read(IMAP) == SECRET


def test_another_master_password(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    elsewhere = other(path)
    with pytest.raises(VaultLocked):
        vault.change_master("wrong one", "battery staple")
    vault.change_master(MASTER, "battery staple")
    assert vault.read(IMAP) == SECRET
    with pytest.raises(VaultLocked):  # whoever had it open has to enter the new one
        elsewhere.read(IMAP)
    assert elsewhere.locked
    with pytest.raises(VaultLocked):
        elsewhere.unlock(MASTER)
    elsewhere.unlock("battery staple")
    assert elsewhere.read(IMAP) == SECRET


def test_starting_again_keeps_the_old_file(vault: Vault, path: Path) -> None:
    vault.write(IMAP, SECRET)
    aside = vault.set_aside()
    assert aside is not None
    assert not vault.exists
    assert not vault.locked
    vault.create("battery staple")
    assert vault.read(IMAP) is None
    assert other(aside).read(IMAP) == SECRET
    assert vault.set_aside() is not None
    assert vault.set_aside() is None


@pytest.mark.parametrize("damage", [b"", b"noise", None])
def test_a_damaged_file_is_set_aside_and_said(vault: Vault, path: Path, damage: bytes | None) -> None:
    vault.write(IMAP, SECRET)
    content = path.read_bytes()[:-5] + b"\0\0\0\0\0" if damage is None else damage
    path.write_bytes(content)
    with pytest.raises(KeyringFailed, match="is damaged; it is kept as") as raised:
        vault.read(IMAP)
    assert not isinstance(raised.value, VaultLocked)
    assert not vault.exists
    (aside,) = path.parent.glob(f"{VAULT_NAME}.damaged-*")
    assert aside.name in raised.value.sentence
    assert aside.read_bytes() == content
    vault.create(MASTER)
    assert vault.read(IMAP) is None


def test_a_file_of_a_later_version_stays_where_it_is(vault: Vault, path: Path) -> None:
    path.write_bytes(b"qtmail sealed 7\n" + b"x" * 100)
    for call in (lambda: vault.read(IMAP), lambda: vault.unlock(MASTER), lambda: vault.create(MASTER)):
        with pytest.raises(KeyringFailed):
            call()
    with pytest.raises(KeyringFailed, match="later version"):
        vault.unlock(MASTER)
    assert path.read_bytes().startswith(b"qtmail sealed 7")


def test_a_file_that_is_gone_is_not_made_again_by_itself(vault: Vault, path: Path) -> None:
    path.unlink()
    with pytest.raises(KeyringFailed, match="no longer there"):
        vault.write(IMAP, SECRET)
    assert not path.exists()
    with pytest.raises(KeyringFailed, match="no longer there"):
        vault.unlock(MASTER)


def test_a_disk_that_takes_nothing_leaves_the_old_file(
    vault: Vault, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.write(IMAP, SECRET)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    calls = (lambda: vault.write(IMAP, "new"), lambda: vault.change_master(MASTER, "battery staple"))
    for call in calls:
        with pytest.raises(KeyringFailed, match="could not be written") as raised:
            call()
        assert "No space left" in raised.value.detail
    assert vault.read(IMAP) == SECRET
    assert other(path).read(IMAP) == SECRET
    assert sorted(one.name for one in path.parent.iterdir()) == [VAULT_NAME, f"{VAULT_NAME}.lock"]


_WRITER = """
import sys
from pathlib import Path
from qtmail.credentials.vault import Vault
vault = Vault(Path(sys.argv[1]))
vault.unlock("correct horse")
for number in range(40):
    vault.write((sys.argv[2], str(number)), "x" * number)
"""


def test_two_processes_that_write_lose_nothing(vault: Vault, path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    for name in ("a", "b"):
        assert [vault.read((name, str(number))) for number in range(40)] == [
            "x" * number for number in range(40)
        ]
