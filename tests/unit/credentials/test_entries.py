"""Texts of any length go into a keyring whose entries are short, and come out as they were."""

from __future__ import annotations

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError

from qtmail.credentials import entries

WINDOWS_BYTES = 2560
NAME = ("qtmail oauth google", "ann")


class Vault(KeyringBackend):
    """As Windows' vault: 2,560 bytes of UTF-16 for each entry.

    Attributes:
        dies_after: how many more writes work before the process is killed; None: all.
    """

    priority = -1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.dies_after: int | None = None

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > WINDOWS_BYTES:
            raise PasswordSetError("too long")
        self._live()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not found")
        self._live()
        del self.entries[service, username]

    def _live(self) -> None:
        if self.dies_after == 0:
            raise KeyboardInterrupt
        if self.dies_after is not None:
            self.dies_after -= 1


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.mark.parametrize(
    "text",
    ["", "short", "x" * 1280, "x" * 10_000, "密" * 3000, "🔑" * 3000, "x" + "🔑" * 1300, "qtmail-parts:a:2"],
    ids=["empty", "short", "limit", "long", "chinese", "astral", "odd", "looks like ours"],
)
def test_a_text_comes_back_as_it_was(vault: Vault, text: str) -> None:
    entries.write(vault, *NAME, text)
    assert entries.read(vault, *NAME) == text
    entries.delete(vault, *NAME)
    assert vault.entries == {}
    assert entries.read(vault, *NAME) is None


def test_a_short_text_is_one_entry_that_people_can_find(vault: Vault) -> None:
    entries.write(vault, *NAME, "secret")
    assert vault.entries == {NAME: "secret"}


@pytest.mark.parametrize("before", ["", "b" * 2000, "b" * 9000])
@pytest.mark.parametrize("after", ["a", "a" * 3000])
def test_nothing_of_the_old_text_stays(vault: Vault, before: str, after: str) -> None:
    entries.write(vault, *NAME, before)
    entries.write(vault, *NAME, after)
    assert entries.read(vault, *NAME) == after
    assert not any("b" * 10 in text for text in vault.entries.values())
    entries.delete(vault, *NAME)
    assert vault.entries == {}


@pytest.mark.parametrize("before", ["old", "o" * 5000])
@pytest.mark.parametrize("after", ["new", "n" * 5000])
def test_a_process_that_is_killed_leaves_the_old_text_or_the_new(
    vault: Vault, before: str, after: str
) -> None:
    for writes in range(16):
        entries.write(vault, *NAME, before)
        vault.dies_after = writes
        try:
            entries.write(vault, *NAME, after)
        except KeyboardInterrupt:
            assert entries.read(vault, *NAME) in (before, after)
        vault.dies_after = None
    entries.delete(vault, *NAME)
    assert vault.entries == {}


def test_a_text_of_which_a_part_is_missing_is_none(vault: Vault) -> None:
    entries.write(vault, *NAME, "x" * 3000)
    del vault.entries["qtmail oauth google part a2", "ann"]
    assert entries.read(vault, *NAME) is None


@pytest.mark.parametrize("head", ["qtmail-parts:", "qtmail-parts:a", "qtmail-parts:a:x", "qtmail-parts:a:9"])
def test_an_entry_somebody_changed_by_hand_does_no_harm(vault: Vault, head: str) -> None:
    vault.entries[NAME] = head
    assert not entries.read(vault, *NAME)
    entries.write(vault, *NAME, "new")
    assert entries.read(vault, *NAME) == "new"


def test_a_text_that_changes_while_it_is_read_is_read_again(vault: Vault) -> None:
    entries.write(vault, *NAME, "o" * 3000)

    class Racing(Vault):
        raced = False

        def get_password(self, service: str, username: str) -> str | None:
            found = vault.get_password(service, username)
            if not self.raced:
                self.raced = True
                entries.write(vault, *NAME, "n" * 3000)
            return found

    assert entries.read(Racing(), *NAME) == "n" * 3000
