"""All settings go into one file and come out of it as they were; a stranger's file does no harm."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from qtmail.credentials import Credentials
from qtmail.domain.account import (
    BodyPolicy,
    FolderPolicy,
)
from qtmail.domain.account_settings import AcceptedCertificate, ClearPermission
from qtmail.domain.folder import SpecialUse
from qtmail.domain.identity import Identity, Template
from qtmail.engine.settings_file import export_settings, read_settings
from qtmail.engine.settings_json import Settings, from_json, to_json
from qtmail.errors import FileFailed, KeyringFailed, UsageError, VaultLocked
from tests.fakes.keyrings import FileKeyring, LockedKeyring
from tests.unit.engine.settings_profiles import (
    CARD,
    CLOUD,
    LOCAL,
    PASSPHRASE,
    POST,
    SECRET,
    WORK,
    Profile,
    all_settings,
    profiles,
)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Callable[[str], Profile]]:
    with profiles(tmp_path) as make:
        yield make


@pytest.fixture
def here(profile: Callable[[str], Profile]) -> Profile:
    return profile("here")


@pytest.fixture
def there(profile: Callable[[str], Profile]) -> Profile:
    return profile("there")


def fill(here: Profile) -> None:
    """A bit of everything."""
    store = here.store
    local = here.add(LOCAL)
    post = here.add(replace(POST, pop3_policy=replace(POST.pop3_policy, deliver_to=local.id)))
    work = here.add(WORK)
    with store.user_transaction() as tx:
        store.accounts.arrange(tx, [work.id, post.id, local.id])
        first = store.identities.list(work.id)[0]
        store.identities.update(tx, replace(first, signature_html="<p>Ann &amp; 安</p>"))
        store.identities.add(
            tx, Identity(0, work.id, "Support", "help@example.org", "a@b.example", "", "--", b"&ZeVnLIqe-")
        )
        store.accounts.set_folder_policy(tx, work.id, b"Lists\xff", FolderPolicy(BodyPolicy.NONE, 3600))
        store.accounts.choose_special_folder(tx, work.id, SpecialUse.SENT, b"Gesendet")
        store.templates.add(tx, Template(0, "Thanks", "Re:", "<p>Thank you</p>"))
        store.senders.trust(tx, "news@example.org")
        store.accounts.trust(tx, "imap.example.org", 993, "ab" * 32)
        store.accounts.allow_clear(tx, "old.example.org", 110)


# -- there and back --------------------------------------------------------------------------------


def test_an_empty_profile_takes_everything_over(here: Profile, there: Profile) -> None:
    fill(here)
    file = here.exported(preferences={"theme": "dark"})
    result = there.take(file, exemptions=True)
    assert [account.name for account in result.added] == ["Work", "Post", "Local folders"]
    assert list(result.added) == there.store.accounts.list()
    work, post, local = result.added
    assert post.pop3_policy.deliver_to == local.id
    assert [one.address for one in there.store.identities.list(work.id)] == [
        "ann@example.org",
        "help@example.org",
    ]
    assert there.store.accounts.special_folders(work.id) == {SpecialUse.SENT: b"Gesendet"}
    assert there.exported(preferences={"theme": "dark"}).read_bytes() == file.read_bytes()


def test_a_second_time_nothing_is_added(here: Profile, there: Profile) -> None:
    fill(here)
    file = here.exported()
    there.take(file, exemptions=True)
    before = there.exported().read_bytes()
    result = there.take(file, exemptions=True)
    assert (result.added, result.left) == ((), ("ann@example.org", "ann@post.example", ""))
    assert there.exported().read_bytes() == before


def test_what_is_here_stays_as_it_is(here: Profile, there: Profile) -> None:
    fill(here)
    mine = there.add(replace(WORK, name="Mine", address="Ann@Example.org", color="#00ff00"))
    mine_local = there.add(replace(LOCAL, name="On this computer"))
    result = there.take(here.exported())
    assert (result.left, [account.name for account in result.added]) == (("ann@example.org", ""), ["Post"])
    assert there.store.accounts.get(mine.id) == mine
    assert result.added[0].pop3_policy.deliver_to == mine_local.id
    assert len(there.store.identities.list(mine.id)) == 1


def test_reading_shows_what_would_come_and_changes_nothing(here: Profile, there: Profile) -> None:
    fill(here)
    there.add(WORK)
    before = there.exported().read_bytes()
    found = read_settings(there.store, here.exported(preferences={"theme": "dark"}))
    assert [account.name for account in found.accounts] == ["Work", "Post", "Local folders"]
    assert {account.id for account in found.accounts} == {0}
    assert found.accounts[1].pop3_policy.deliver_to == 0
    assert found.known == {"ann@example.org"}
    assert found.preferences == {"theme": "dark"}
    assert not found.has_secrets
    assert found.exemptions == (
        AcceptedCertificate("imap.example.org", 993, "ab" * 32),
        ClearPermission("old.example.org", 110),
    )
    assert there.exported().read_bytes() == before


def test_what_weakens_a_connection_is_taken_only_if_asked_for(here: Profile, there: Profile) -> None:
    fill(here)
    there.take(here.exported())
    assert there.store.accounts.exemptions() == ()
    assert there.store.senders.trusted() == {"news@example.org"}


# -- passwords -------------------------------------------------------------------------------------


def test_without_a_passphrase_no_password_leaves(here: Profile, there: Profile) -> None:
    here.add(WORK, SECRET)
    here.add(CLOUD, SECRET, "oauth")
    file = here.exported()
    assert SECRET.encode() not in file.read_bytes()
    assert json.loads(file.read_bytes()).keys().isdisjoint({"secrets", "passwords"})
    assert not read_settings(there.store, file).has_secrets
    assert there.take(file, PASSPHRASE).without_secret == ("Work", "Cloud")


def test_with_one_they_come_along(here: Profile, there: Profile) -> None:
    work, cloud = here.add(WORK, SECRET), here.add(CLOUD, "refresh me", "oauth")
    here.credentials.remember(work, "another", "smtp")
    here.add(POST)
    here.add(CARD)
    here.add(LOCAL)
    file = here.exported(passphrase=PASSPHRASE)
    for secret in (SECRET, "another", "refresh me", PASSPHRASE):
        assert secret.encode() not in file.read_bytes()
    assert read_settings(there.store, file).has_secrets
    result = there.take(file, PASSPHRASE)
    later = Credentials(FileKeyring(there.directory))
    assert later.all(work) == {"imap": SECRET, "smtp": "another"}
    assert later.get(cloud, "oauth") == "refresh me"
    assert result.without_secret == ("Post",)


def test_a_wrong_passphrase_adds_nothing(here: Profile, there: Profile) -> None:
    here.add(WORK, SECRET)
    file = here.exported(passphrase=PASSPHRASE)
    with pytest.raises(FileFailed, match="not the passphrase"):
        there.take(file, "battery staple")
    assert there.store.accounts.list() == []
    assert there.take(file).without_secret == ("Work",)


def test_a_password_is_not_given_to_a_server_that_somebody_put_into_the_file(
    here: Profile, there: Profile
) -> None:
    here.add(WORK, SECRET)
    file = here.exported(passphrase=PASSPHRASE)
    changes = [
        ("imap.example.org", "imap.evil.example"),
        ('"security": "tls"', '"security": "none"'),
        ('"clear_hosts": []', '"clear_hosts": [{"host": "imap.example.org", "port": 993}]'),
    ]
    for old, new in changes:
        text = file.read_text("utf-8")
        assert old in text
        changed = there.directory / "changed"
        changed.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(FileFailed, match="changed since it was exported"):
            there.take(changed, PASSPHRASE, exemptions=True)
    assert there.store.accounts.list() == []


def test_how_the_file_is_laid_out_does_not_matter(here: Profile, there: Profile) -> None:
    work = here.add(WORK, SECRET)
    file = here.exported(passphrase=PASSPHRASE)
    document = json.loads(file.read_bytes())
    file.write_text(json.dumps(dict(reversed(document.items()))), "utf-8")
    there.take(file, PASSPHRASE)
    assert there.credentials.get(work) == SECRET


def test_a_passphrase_that_protects_nothing_is_not_taken(here: Profile) -> None:
    with pytest.raises(UsageError, match="too short"):
        here.exported(passphrase="abc")
    assert not (here.directory / "settings").exists()


def test_passwords_that_cannot_be_read_are_said_before_anything_is_written(here: Profile) -> None:
    here.add(WORK)
    here.credentials = Credentials(LockedKeyring())
    with pytest.raises(KeyringFailed):
        here.exported(passphrase=PASSPHRASE)
    assert not (here.directory / "settings").exists()
    here.exported()


def test_where_they_cannot_be_kept_they_last_for_the_session(here: Profile, there: Profile) -> None:
    here.add(WORK, SECRET)
    there.credentials = Credentials(LockedKeyring(), profile=there.directory)
    said: list[KeyringFailed] = []
    result = there.take(here.exported(passphrase=PASSPHRASE), PASSPHRASE, unkept=said.append)
    assert result.without_secret == ()
    assert there.credentials.get(result.added[0]) == SECRET
    assert len(said) == 1


def test_a_locked_file_with_passwords_takes_them_when_it_is_unlocked(here: Profile, there: Profile) -> None:
    here.add(WORK, SECRET)
    Credentials(LockedKeyring(), profile=there.directory).create_vault("open sesame")
    there.credentials = Credentials(LockedKeyring(), profile=there.directory)
    said: list[KeyringFailed] = []
    result = there.take(here.exported(passphrase=PASSPHRASE), PASSPHRASE, unkept=said.append)
    assert [type(error) for error in said] == [VaultLocked]
    there.credentials.unlock("open sesame")
    assert there.credentials.get(result.added[0]) == SECRET


# -- files -----------------------------------------------------------------------------------------


def test_the_file_is_nobody_elses_and_replaces_the_old_one_whole(here: Profile) -> None:
    (here.directory / "settings").write_text("old", "utf-8")
    file = here.exported()
    assert json.loads(file.read_bytes())["format"] == "qtmail settings"
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_place_that_cannot_be_written_is_said(here: Profile) -> None:
    with pytest.raises(FileFailed, match=r"could not be written into nowhere\.json") as raised:
        export_settings(here.store, here.credentials, here.directory / "missing" / "nowhere.json")
    assert raised.value.advice


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"format": "other"}',
        b"[" * 100_000,
        b'{"format": "qtmail settings", "version": NaN}',
        b"1" * 5000,
    ],
)
def test_another_file_is_refused_in_words(here: Profile, content: bytes) -> None:
    file = here.directory / "file"
    file.write_bytes(content)
    for call in (lambda: read_settings(here.store, file), lambda: here.take(file)):
        with pytest.raises(FileFailed) as raised:
            call()
        assert raised.value.sentence.endswith(".")
        assert raised.value.advice


def test_a_file_that_is_not_there_is_refused_in_words(here: Profile) -> None:
    with pytest.raises(FileFailed, match=r"gone\.json could not be read"):
        read_settings(here.store, here.directory / "gone.json")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(all_settings)
def test_what_came_out_of_a_file_goes_into_the_same_file(given_settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as directory, profiles(Path(directory)) as make:
        first, second = make("first"), make("second")
        by_hand = Path(directory) / "by-hand"
        by_hand.write_text(json.dumps(to_json(given_settings)), "utf-8")
        first.take(by_hand, exemptions=True)
        preferences = given_settings.preferences
        exported = first.exported(preferences=preferences)
        second.take(exported, exemptions=True)
        assert second.exported(preferences=preferences).read_bytes() == exported.read_bytes()
        wanted, found = (from_json(json.loads(path.read_bytes())) for path in (by_hand, exported))
        assert [entry.account for entry in found.accounts] == [entry.account for entry in wanted.accounts]
        assert found.accounts == wanted.accounts
        assert set(found.exemptions) == set(wanted.exemptions)
