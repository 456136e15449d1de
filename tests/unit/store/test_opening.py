"""Damage, foreign and newer files: what Store.open makes of them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from qtmail.domain.message import MessageQuery
from qtmail.errors import Retry, StoreFailed
from qtmail.store import health
from qtmail.store.health import damage_mark
from qtmail.store.store import Store
from tests.unit.store.values import STRUCTURE, add_account, add_folders, add_messages, new_message

PAGE = 4096
MESSAGES = 300

CRASH = """
import os, sys
from pathlib import Path
from qtmail.store.store import Store
store = Store.open(Path(sys.argv[1]))
with store.cache_transaction() as transaction:
    transaction.execute("UPDATE folders SET path = 'written before the crash'")
os._exit(9)
"""


@pytest.fixture
def filled(profile: Path) -> Path:
    """A profile with an account, a folder, messages and bodies, closed in order."""
    with Store.open(profile) as store:
        account = add_account(store)
        folder = add_folders(store, account.id)[0]
        ids = add_messages(store, folder.id, *[new_message(uid) for uid in range(1, MESSAGES + 1)])
        with store.cache_transaction() as transaction:
            for id_ in ids[:50]:
                store.bodies.put_raw(transaction, id_, os.urandom(10_000), "preview", False)
            for id_ in ids[50:60]:
                store.bodies.put_partial(
                    transaction, id_, b"H", STRUCTURE, {"1": b"x" * 5000}, "preview", True
                )
    return profile


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def crash(profile: Path) -> None:
    """End a process with cache.db open and a transaction in its log."""
    assert subprocess.run([sys.executable, "-c", CRASH, str(profile)], timeout=60).returncode == 9
    assert (profile / "cache.db-wal").exists()


def read_everything(store: Store) -> int:
    """Read all there is; returns how many messages were shown."""
    shown = 0
    for folder in store.folders.list():
        ids = store.messages.ids(MessageQuery((folder.id,)))
        store.messages.uids(folder.id)
        store.messages.flags(folder.id, 1, MESSAGES)
        shown += len(store.messages.rows(ids))
        for id_ in ids:
            store.messages.header(id_)
            store.bodies.get(id_)
    store.bodies.total_bytes()
    return shown


def assert_rebuilt(profile: Path) -> None:
    """The next start finds the damage, says so, and has a sound empty cache and all accounts."""
    with Store.open(profile) as store:
        assert len(store.notes) == 1
        assert "set aside" in store.notes[0] and "Nothing was lost" in store.notes[0]
        assert store.folders.list() == []
        assert store.check() == []
        (account,) = store.accounts.list()
        add_folders(store, account.id)
    assert len(list(profile.glob("cache.db.damaged-*[0-9]"))) == 1
    assert not damage_mark(profile / "cache.db").exists()
    with Store.open(profile) as store:
        assert store.notes == ()
        assert len(store.folders.list()) == 1


def test_a_sound_profile_opens_without_a_note(filled: Path) -> None:
    with Store.open(filled) as store:
        assert store.notes == ()
        assert read_everything(store) == MESSAGES


def test_the_profile_folder_is_private(profile: Path) -> None:
    Store.open(profile).close()
    if sys.platform != "win32":
        assert profile.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content", [b"no database at all" * 1000, b"\0" * 5000, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_cache_that_is_no_database_is_replaced(filled: Path, content: bytes) -> None:
    (filled / "cache.db").write_bytes(content)
    assert_rebuilt(filled)


def test_an_empty_cache_file_is_a_new_cache(filled: Path) -> None:
    (filled / "cache.db").write_bytes(b"")
    with Store.open(filled) as store:
        assert store.notes == ()
        assert store.check() == []


def test_a_cache_that_was_cut_short_is_replaced(filled: Path) -> None:
    cache = filled / "cache.db"
    os.truncate(cache, cache.stat().st_size // 2)
    assert_rebuilt(filled)


@pytest.mark.parametrize("eighth", range(8))
def test_damage_anywhere_is_met_in_words_and_mended_by_the_next_start(
    filled: Path, eighth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of garbage, at places where the check at the start of a large file may or may not look."""
    monkeypatch.setattr(health, "_ALWAYS_CHECKED_BYTES", 0)
    cache = filled / "cache.db"
    pages = cache.stat().st_size // PAGE
    for page in range(eighth, pages, 8):
        overwrite(cache, page * PAGE, b"\xa5" * PAGE)
    try:
        with Store.open(filled) as store:
            if store.notes:
                assert store.folders.list() == []
                return
            read_everything(store)
    except StoreFailed as failure:
        assert "damaged" in failure.sentence
        assert failure.retry is Retry.NEVER
        assert damage_mark(cache).exists()
        assert_rebuilt(filled)
    else:
        pytest.fail("an eighth of all pages was wrecked and nobody noticed")


@pytest.mark.parametrize("seed", range(12))
def test_a_few_wrong_bytes_never_cause_anything_but_words(
    filled: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_ALWAYS_CHECKED_BYTES", 0)
    cache = filled / "cache.db"
    size = cache.stat().st_size
    for i in range(6):
        overwrite(cache, (seed * 7919 + i * 104_729) * 37 % (size - 40), bytes([seed * 17 % 256]) * 40)
    try:
        with Store.open(filled) as store:
            read_everything(store)
    except StoreFailed:
        assert_rebuilt(filled)


def test_values_that_were_never_written_count_as_damage(filled: Path) -> None:
    connection = sqlite3.connect(filled / "cache.db")
    connection.execute("UPDATE bodies SET structure = '[[' WHERE message_id = 55")
    connection.commit()
    connection.close()
    with Store.open(filled) as store:
        assert store.bodies.get(54).structure == STRUCTURE
        with pytest.raises(StoreFailed, match="damaged"):
            store.bodies.get(55)
    assert_rebuilt(filled)


def test_text_that_is_not_utf8_counts_as_damage(filled: Path) -> None:
    connection = sqlite3.connect(filled / "cache.db")
    connection.execute("UPDATE messages SET subject = CAST(x'ff41' AS TEXT) WHERE id = 5")
    connection.commit()
    connection.close()
    with Store.open(filled) as store, pytest.raises(StoreFailed, match="damaged"):
        store.messages.get(5)
    assert_rebuilt(filled)


def test_a_crash_alone_loses_nothing(filled: Path) -> None:
    crash(filled)
    with Store.open(filled) as store:
        assert store.notes == ()
        assert [folder.path for folder in store.folders.list()] == ["written before the crash"]
        assert read_everything(store) == MESSAGES


def test_after_a_crash_every_page_is_looked_at(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrecked leaf that a clean start would not have looked at."""
    monkeypatch.setattr(health, "_ALWAYS_CHECKED_BYTES", 0)
    cache = filled / "cache.db"
    crash(filled)
    overwrite(cache, cache.stat().st_size // PAGE // 2 * PAGE, b"\x07" * PAGE)
    assert_rebuilt(filled)


def test_a_cache_in_use_by_another_store_is_not_checked_in_full_and_opens(filled: Path) -> None:
    with Store.open(filled) as first:
        with first.cache_transaction() as transaction:
            transaction.execute("UPDATE folders SET path = 'changed'")
        assert (filled / "cache.db-wal").exists()
        with Store.open(filled) as second:
            assert second.notes == ()
            assert [folder.path for folder in second.folders.list()] == ["changed"]


def test_a_cache_from_a_newer_version_is_replaced(filled: Path) -> None:
    connection = sqlite3.connect(filled / "cache.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with Store.open(filled) as store:
        assert "newer version" in store.notes[0]
        assert store.folders.list() == []


def test_a_foreign_database_in_the_place_of_the_cache_is_replaced(filled: Path) -> None:
    (filled / "cache.db").unlink()
    connection = sqlite3.connect(filled / "cache.db")
    connection.execute("CREATE TABLE messages (a)")
    connection.close()
    assert_rebuilt(filled)


def test_only_the_last_damaged_cache_is_kept_aside(filled: Path) -> None:
    (filled / "cache.db.damaged-20200101-000000").write_bytes(b"old")
    (filled / "cache.db").write_bytes(b"no database at all" * 1000)
    assert_rebuilt(filled)
    assert not (filled / "cache.db.damaged-20200101-000000").exists()


def test_the_log_of_a_damaged_cache_goes_with_it(filled: Path) -> None:
    crash(filled)
    (filled / "cache.db").write_bytes(b"no database at all" * 1000)
    assert_rebuilt(filled)


def test_the_cache_of_other_accounts_is_not_taken_over(filled: Path) -> None:
    for name in ("user.db", "user.db-wal", "user.db-shm"):
        (filled / name).unlink(missing_ok=True)
    with Store.open(filled) as store:
        assert "belongs to other accounts" in store.notes[0]
        assert add_account(store).id == 1
        assert store.folders.list() == []
    with Store.open(filled) as store:
        assert store.notes == ()


@pytest.mark.parametrize("damage", ["garbage", "page", "short"])
def test_a_damaged_user_database_is_refused_and_left_as_it_is(filled: Path, damage: str) -> None:
    user = filled / "user.db"
    match damage:
        case "garbage":
            user.write_bytes(b"no database at all" * 1000)
        case "page":
            overwrite(user, PAGE, b"\xa5" * PAGE)
        case "short":
            os.truncate(user, PAGE)
    before = user.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreFailed, match=r"user\.db, which holds your accounts, is damaged") as failure:
            Store.open(filled)
        assert failure.value.retry is Retry.NEVER
        assert "backup" in failure.value.advice
    assert user.read_bytes() == before
    assert not list(filled.glob("user.db.*"))


def test_damage_deep_in_a_user_database_is_refused_every_time(filled: Path) -> None:
    with Store.open(filled) as store, store.user_transaction() as transaction:
        for port in range(2000):
            store.accounts.trust(transaction, "mail.example.org", port, "ab" * 32)
    overwrite(filled / "user.db", (filled / "user.db").stat().st_size - PAGE, b"\xa5" * PAGE)
    for _ in range(2):
        with pytest.raises(StoreFailed, match="is damaged"):
            Store.open(filled)


def test_a_user_database_of_a_newer_version_is_refused_and_left_as_it_is(filled: Path) -> None:
    connection = sqlite3.connect(filled / "user.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreFailed, match="newer version of qtmail") as failure:
        Store.open(filled)
    assert "later" in failure.value.advice
    connection = sqlite3.connect(filled / "user.db")
    assert connection.execute("SELECT name FROM accounts").fetchall() == [("Work",)]
    connection.close()


def test_a_profile_that_cannot_be_made_fails_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFailed, match="could not be made"):
        Store.open(tmp_path / "file" / "profile")


def test_a_copy_of_a_profile_opens(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "copy")
    with Store.open(tmp_path / "copy") as store:
        assert store.notes == ()
        assert read_everything(store) == MESSAGES
