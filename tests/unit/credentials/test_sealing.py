"""What is sealed opens with its passphrase, as what it is, and whole; or not at all."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.credentials.sealing import (
    Cost,
    Key,
    SealDamaged,
    SealTooNew,
    WrongPassphrase,
    key_for,
    new_key,
    seal,
    unseal,
)

CHEAP = Cost(memory=64, passes=1, lanes=1)
KEY = new_key("correct horse", CHEAP)
SECRET = b"geheim"
SEALED = seal(SECRET, KEY, "passwords")


def reopened(sealed: bytes, passphrase: str = "correct horse", kind: str = "passwords") -> bytes:
    return unseal(sealed, key_for(sealed, passphrase, kind), kind)


def with_header(**changes: object) -> bytes:
    """The same, by somebody who changed its header, and its checksum with it."""
    magic, header, rest = SEALED[:-32].split(b"\n", 2)
    whole = b"\n".join((magic, json.dumps(json.loads(header) | changes).encode(), rest))
    return whole + hashlib.sha256(whole).digest()


@given(st.binary(max_size=2000), st.text(min_size=1, max_size=30))
def test_what_was_sealed_comes_back(content: bytes, passphrase: str) -> None:
    assert reopened(seal(content, new_key(passphrase, CHEAP), "a"), passphrase, "a") == content


def test_nothing_of_it_shows() -> None:
    assert SECRET not in SEALED
    assert KEY.secret not in SEALED
    assert "correct horse" not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)
    assert seal(SECRET, KEY, "passwords") != SEALED  # a new nonce each time


def test_another_passphrase_does_not_open_it() -> None:
    with pytest.raises(WrongPassphrase):
        reopened(SEALED, "Correct horse")
    with pytest.raises(WrongPassphrase):
        unseal(SEALED, new_key("correct horse", CHEAP), "passwords")


def test_a_passphrase_is_the_same_however_its_letters_are_typed() -> None:
    assert reopened(seal(SECRET, new_key("caf\u00e9", CHEAP), "a"), "cafe\u0301", "a") == SECRET


def test_it_opens_as_nothing_but_what_it_is() -> None:
    with pytest.raises(SealDamaged):
        reopened(SEALED, kind="settings")


@pytest.mark.parametrize("place", range(0, len(SEALED), 7))
def test_one_wrong_bit_is_noticed(place: int) -> None:
    damaged = bytearray(SEALED)
    damaged[place] ^= 1
    with pytest.raises((SealDamaged, SealTooNew)):
        reopened(bytes(damaged))


@pytest.mark.parametrize("length", range(0, len(SEALED), 11))
def test_a_part_of_it_is_damaged(length: int) -> None:
    with pytest.raises(SealDamaged):
        reopened(SEALED[:length])


@given(st.binary(max_size=200))
def test_noise_is_damaged(noise: bytes) -> None:
    for content in (noise, b"qtmail sealed 1\n" + noise):
        with pytest.raises(SealDamaged):
            key_for(content, "x", "passwords")


@pytest.mark.parametrize(
    "changes",
    [
        {"memory": 1 << 30},
        {"passes": 1 << 30},
        {"lanes": 0},
        {"lanes": 1000},
        {"memory": 7},
        {"memory": "64"},
        {"memory": True},
        {"memory": 64.0},
        {"passes": None},
        {"salt": ""},
        {"salt": "?"},
        {"salt": 5},
        {"nonce": "AAAA"},
        {"kind": ["passwords"]},
        {"extra": "x" * 5000},
    ],
)
def test_a_stranger_cannot_make_this_computer_work_for_long(changes: dict[str, object]) -> None:
    with pytest.raises(SealDamaged):
        key_for(with_header(**changes), "correct horse", "passwords")


def test_the_header_is_part_of_what_is_authenticated() -> None:
    changed = with_header(remark="harmless")
    with pytest.raises(WrongPassphrase):
        reopened(changed)


def test_a_later_version_is_not_called_damaged() -> None:
    with pytest.raises(SealTooNew, match="version 2"):
        key_for(SEALED.replace(b"sealed 1", b"sealed 2", 1), "x", "passwords")


def test_the_usual_cost_is_that_of_rfc_9106_for_little_memory() -> None:
    assert Cost() == Cost(memory=65536, passes=3, lanes=4)
    assert Cost().bearable()


def test_keys_with_another_secret_are_other_keys() -> None:
    assert Key(b"s", CHEAP, b"1") != Key(b"s", CHEAP, b"2")
