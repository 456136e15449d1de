"""How hard a passphrase is to guess, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from qtmail.domain.passphrase import LEAST_LENGTH, Strength, strength


def strength_words(passphrase: str) -> str:
    match strength(passphrase):
        case Strength.EMPTY:
            return _words("Several words are easy to remember and hard to guess.")
        case Strength.TOO_SHORT:
            return _words("Too short: {n} characters at least.").format(n=LEAST_LENGTH)
        case Strength.WEAK:
            return _words("Weak: who gets the file could guess it.")
        case Strength.FAIR:
            return _words("Fair.")
        case Strength.STRONG:
            return _words("Strong.")


def _words(text: str) -> str:
    return QCoreApplication.translate("NewPassphrase", text)
