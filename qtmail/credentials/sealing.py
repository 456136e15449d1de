"""Secrets under a passphrase: Argon2id (RFC 9106) makes a key of it, AES-256-GCM (NIST SP 800-38D) encrypts
and authenticates.

    qtmail sealed 1\\n          what this is, and in which version
    {"kind": …, "salt": …}\\n   how the key is made, and the nonce; in the clear, but authenticated
    ciphertext and tag
    SHA-256 of all above        tells a damaged file from a wrong passphrase

A sealed text may come from anybody (a file with settings does), so what it may ask of this computer to make
the key is limited.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import unicodedata
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from qtmail.errors import KeyringFailed

_MAGIC = b"qtmail sealed "
_VERSION = b"1"
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES, _TAG_BYTES = 16, 12, 32, 16
_DIGEST_BYTES = hashlib.sha256().digest_size
_LONGEST_HEADER = 4096


class SealDamaged(ValueError):
    """This was sealed once, and is not whole any more; or it never was."""


class SealTooNew(ValueError):
    """A later version sealed this in a way that this one does not know."""


class WrongPassphrase(ValueError):
    """It opens with another passphrase; or somebody changed it with care."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs to make the key (RFC 9106 section 3.1).

    Attributes:
        memory: KiB.
    """

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def bearable(self) -> bool:
        """Whether this computer is to do that for a text of unknown origin, and whether Argon2 knows it."""
        return 1 <= self.lanes <= 16 and 1 <= self.passes <= 8 and 8 * self.lanes <= self.memory <= 256 * 1024


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and what it was made of besides the passphrase."""

    salt: bytes
    cost: Cost
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Sealed:
    header: bytes
    salt: bytes
    nonce: bytes
    cost: Cost
    ciphertext: bytes = field(repr=False)


def new_key(passphrase: str, cost: Cost | None = None) -> Key:
    """A key for new texts; takes 0.15 s and 64 MiB, by intention."""
    return _make_key(passphrase, os.urandom(_SALT_BYTES), cost or Cost())


def key_for(sealed: bytes, passphrase: str, kind: str) -> Key:
    """The key for a sealed text, if the passphrase is right. Raises SealDamaged, SealTooNew,
    KeyringFailed.
    """
    parts = _take_apart(sealed, kind)
    return _make_key(passphrase, parts.salt, parts.cost)


def seal(content: bytes, key: Key, kind: str) -> bytes:
    """`kind` says what it is ("passwords"); it opens as nothing else."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 80 ms few starts need

    nonce = os.urandom(_NONCE_BYTES)
    described = {"kind": kind, "salt": _to_text(key.salt), "nonce": _to_text(nonce), **asdict(key.cost)}
    header = _MAGIC + _VERSION + b"\n" + json.dumps(described).encode() + b"\n"
    whole = header + AESGCM(key.secret).encrypt(nonce, content, header)
    return whole + hashlib.sha256(whole).digest()


def unseal(sealed: bytes, key: Key, kind: str) -> bytes:
    """What was sealed. Raises SealDamaged, SealTooNew, WrongPassphrase."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as in seal
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    parts = _take_apart(sealed, kind)
    if (parts.salt, parts.cost) != (key.salt, key.cost):
        raise WrongPassphrase("sealed with another key")
    try:
        return AESGCM(key.secret).decrypt(parts.nonce, parts.ciphertext, parts.header)
    except InvalidTag:
        raise WrongPassphrase("the key does not fit") from None


def _make_key(passphrase: str, salt: bytes, cost: Cost) -> Key:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as in seal
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    # One keyboard writes é as one character, another as two.
    text = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    try:
        argon = Argon2id(
            salt=salt, length=_KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory
        )
        return Key(salt, cost, argon.derive(text))
    except (UnsupportedAlgorithm, MemoryError) as error:
        raise KeyringFailed(
            "The key for the passwords could not be made on this computer.",
            advice="Close other programs, or update OpenSSL to 3.2 or later.",
            detail=f"Argon2id: {type(error).__name__} {error}",
        ) from error


def _take_apart(sealed: bytes, kind: str) -> _Sealed:
    first, _, rest = sealed.partition(b"\n")
    version = first.removeprefix(_MAGIC)
    if not first.startswith(_MAGIC) or not version.isdigit():
        raise SealDamaged("not sealed")
    if version != _VERSION:
        raise SealTooNew(f"version {version[:20].decode()}")
    whole, digest = sealed[:-_DIGEST_BYTES], sealed[-_DIGEST_BYTES:]
    if hashlib.sha256(whole).digest() != digest:
        raise SealDamaged("not whole")
    described, _, ciphertext = rest[:-_DIGEST_BYTES].partition(b"\n")
    if len(described) > _LONGEST_HEADER or len(ciphertext) < _TAG_BYTES:
        raise SealDamaged("not sealed")
    header = first + b"\n" + described + b"\n"
    try:
        return _described(header, json.loads(described), kind, ciphertext)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SealDamaged(f"its header makes no sense ({type(error).__name__})") from error


def _described(header: bytes, described: dict[str, Any], kind: str, ciphertext: bytes) -> _Sealed:
    cost = Cost(**{one.name: described[one.name] for one in fields(Cost)})
    salt, nonce = (base64.b64decode(described[name], validate=True) for name in ("salt", "nonce"))
    numbers = all(type(number) is int for number in asdict(cost).values())
    if not numbers or not cost.bearable() or (len(salt), len(nonce)) != (_SALT_BYTES, _NONCE_BYTES):
        raise ValueError("out of bounds")
    if described["kind"] != kind:
        raise ValueError("something else is sealed in it")
    return _Sealed(header, salt, nonce, cost, ciphertext)


def _to_text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
