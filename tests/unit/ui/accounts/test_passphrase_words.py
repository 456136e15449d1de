from __future__ import annotations

import pytest

from qtmail.ui.accounts.passphrase_words import strength_words


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("", "Several words are easy to remember and hard to guess."),
        ("short", "Too short: 8 characters at least."),
        ("aaaaaaaaaaaaaaaaaaaa", "Weak: who gets the file could guess it."),
        ("abcdefghijklmnop", "Weak: who gets the file could guess it."),
        ("12345678901234567890", "Weak: who gets the file could guess it."),
        ("qtmail-24", "Fair."),
        ("correct horse battery staple", "Strong."),
        ("正确的马电池订书钉", "Strong."),
    ],
)
def test_the_strength_is_said_in_words(passphrase, words):
    assert strength_words(passphrase) == words
