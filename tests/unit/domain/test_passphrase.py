from __future__ import annotations

import pytest

from qtmail.domain.passphrase import Strength, check_passphrase, guessing_bits, strength
from qtmail.errors import UsageError


@pytest.mark.parametrize(
    ("passphrase", "expected"),
    [
        ("", Strength.EMPTY),
        ("short", Strength.TOO_SHORT),
        ("aaaaaaaaaaaaaaaaaaaa", Strength.WEAK),
        ("12345678901234567890", Strength.WEAK),
        ("qtmail-24", Strength.FAIR),
        ("correct horse battery staple", Strength.STRONG),
        ("正确的马电池订书钉", Strength.STRONG),
    ],
)
def test_the_strength_of_a_passphrase(passphrase: str, expected: Strength) -> None:
    assert strength(passphrase) is expected


@pytest.mark.parametrize("passphrase", ["", "1234567", "x" * 1025])
def test_what_protects_nothing_is_not_taken(passphrase: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_passphrase(passphrase)
    assert passphrase[:7] not in str(raised.value) or not passphrase


def test_a_weak_one_is_the_users_choice() -> None:
    assert Strength.WEAK.taken
    check_passphrase("12345678")


def test_a_longer_passphrase_is_never_easier_to_guess():
    text = "tR0ub4dor & three more"
    bits = [guessing_bits(text[:length]) for length in range(1, len(text) + 1)]
    assert bits == sorted(bits)
