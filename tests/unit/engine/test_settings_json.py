"""A stranger's file does no harm: it is taken as what it says, or refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.account import (
    Account,
    Security,
    ServerSettings,
)
from qtmail.engine.settings_json import AccountEntry, Settings, from_json, to_json
from qtmail.errors import FileFailed, QtmailError
from tests.unit.engine.settings_profiles import (
    EVERYTHING,
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


def document(**account: Any) -> dict[str, Any]:
    """A file with one account, in which a stranger wrote something."""
    whole = to_json(Settings((AccountEntry(replace(WORK, id=1)),)))
    whole["accounts"][0] |= account
    return whole


SERVER = {"host": "h.example", "port": 993, "security": "tls", "user": "ann"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (document(name=5), "account 1 “name” is not a text"),
        (document(name="x" * 2000), "longer than 1,000"),
        (document(name="a\nb"), "control characters"),
        (document(name="\ud800"), "not Unicode"),
        (document(address="ann"), "“address” cannot be “ann”"),
        (document(address="a@b.example\r\nBcc: x@y.example"), "control characters"),
        (document(address=""), "has servers and no address"),
        (document(color="red; background: url(http://x)"), "color"),
        (document(enabled="yes"), "neither true nor false"),
        (document(imap=[]), "is not an object"),
        (document(imap=SERVER | {"port": 0}), "between 1 and 65,535"),
        (document(imap=SERVER | {"port": True}), "whole number"),
        (document(imap=SERVER | {"port": 993.0}), "whole number"),
        (document(imap=SERVER | {"port": 10**30}), "between"),
        (document(imap=SERVER | {"host": "a b"}), "host"),
        (document(imap=SERVER | {"host": "evil.example/"}), "host"),
        (document(imap=SERVER | {"user": "ann\0root"}), "control characters"),
        (document(imap=SERVER | {"security": "rot13"}), "cannot be “rot13”"),
        (document(imap=SERVER | {"security": ["tls"]}), "security"),
        (document(pop3=SERVER), "both by IMAP and by POP3"),
        (document(sync={"poll_seconds": 0}), "poll_seconds"),
        (document(sync={"poll_seconds": -5}), "poll_seconds"),
        (document(sign_in={"method": "magic"}), "method"),
        (document(identities={}), "is not a list"),
        (document(identities=[{"bcc": "a\r\nb"}]), "account 1, identity 1"),
        (document(identities=[{}] * 20_000), "more than 10,000"),
        (document(folders=[{"name": "日"}]), "not the name of a folder"),
        (document(folders=[{"name": "a\r\nA1 DELETE INBOX"}]), "control characters"),
        (document(special_folders={"sent": 3}), "is not a text"),
        (document() | {"accounts": "x"}, "is not a list"),
        (document() | {"accounts": [{}] * 2000}, "more than 1,000"),
        (document() | {"templates": [{"html": 1}]}, "template 1 “html”"),
        (document() | {"trusted_senders": [7]}, "not a text"),
        (document() | {"certificates": [{"host": "h", "port": 1, "sha256": "x"}]}, "sha256"),
        (document() | {"clear_hosts": [{"host": "h", "port": "1"}]}, "port"),
        (document() | {"preferences": {"a": 1}}, "not a text"),
        (document() | {"version": 0}, "version"),
    ],
)
def test_nonsense_is_refused_in_words_and_as_a_whole(
    here: Profile, wrong: dict[str, Any], words: str
) -> None:
    file = here.directory / "wrong"
    file.write_text(json.dumps(wrong), "utf-8")
    with pytest.raises(FileFailed, match="qtmail can read") as raised:
        here.take(file)
    assert words in raised.value.sentence
    assert here.store.accounts.list() == []


def test_a_later_version_is_told_apart(here: Profile) -> None:
    file = here.directory / "later"
    file.write_text(json.dumps(document() | {"version": 2}), "utf-8")
    with pytest.raises(FileFailed, match="later version"):
        here.take(file)


def test_what_is_not_known_or_missing_is_no_fault(here: Profile) -> None:
    file = here.directory / "short"
    short = {
        "format": "qtmail settings",
        "color": 5,
        "accounts": [{"address": "a@b.example", "imap": {"host": "h.example", "port": 1}, "moon": "full"}],
    }
    file.write_text(json.dumps(short), "utf-8")
    (account,) = here.take(file).added
    assert account == Account(
        account.id, "", "a@b.example", "", ServerSettings("h.example", 1, Security.TLS, "")
    )
    assert len(here.store.identities.list(account.id)) == 1


def test_no_id_comes_out_of_a_file(here: Profile) -> None:
    mine = here.add(WORK)
    other = document(
        id=mine.id, address="x@y.example", imap=None, pop3=SERVER, pop3_policy={"deliver_to": 99}
    )
    other["accounts"].append(
        other["accounts"][0] | {"address": "z@y.example", "pop3_policy": {"deliver_to": 2}}
    )
    file = here.directory / "ids"
    file.write_text(json.dumps(other), "utf-8")
    added = here.take(file).added
    assert mine.id not in {account.id for account in added}
    assert [account.pop3_policy.deliver_to for account in added] == [0, 0]
    assert here.store.accounts.get(mine.id) == mine


def test_one_account_twice_in_a_file_is_added_once(here: Profile) -> None:
    twice = document()
    twice["accounts"] *= 2
    file = here.directory / "twice"
    file.write_text(json.dumps(twice), "utf-8")
    result = here.take(file)
    assert (len(result.added), result.left) == (1, ("ann@example.org",))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_in_a_file_it_is_read_or_refused(data: st.DataObject) -> None:
    whole = to_json(EVERYTHING)
    at: Any = whole
    while isinstance(at, dict | list) and at:
        name = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[name], dict | list) or data.draw(st.booleans()):
            at[name] = data.draw(json_values)
            break
        at = at[name]
    try:
        from_json(whole)
    except QtmailError as error:
        assert error.sentence


@given(all_settings)
def test_values_come_out_of_json_as_they_went_in(given_settings: Settings) -> None:
    back = from_json(json.loads(json.dumps(to_json(given_settings))))
    homes = [entry.account.pop3_policy.deliver_to for entry in back.accounts]
    same_homes = tuple(
        replace(
            entry,
            account=replace(entry.account, pop3_policy=replace(entry.account.pop3_policy, deliver_to=home)),
        )
        for entry, home in zip(given_settings.accounts, homes, strict=True)
    )
    assert back == replace(given_settings, accounts=same_homes)
