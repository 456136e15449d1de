"""The passwords in a file with settings: sealed with a passphrase, or not there at all.

What is sealed names the rest of the file by its digest: who changes a server in the file does not get the
password sent there.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from qtmail.credentials.places import Place
from qtmail.credentials.sealing import (
    SealDamaged,
    SealTooNew,
    WrongPassphrase,
    key_for,
    new_key,
    seal,
    unseal,
)
from qtmail.errors import FileFailed, Retry

_MEMBER = "secrets"
_KIND = "settings"
_WITHOUT = "Leave the passphrase empty to import without passwords."


def has_passwords(document: Mapping[str, Any]) -> bool:
    return bool(document.get(_MEMBER))


def put_passwords(document: dict[str, Any], passwords: Mapping[Place, str], passphrase: str) -> None:
    """Seal them, and put them into a document that is whole but for them. Raises KeyringFailed."""
    content = {
        "settings": _digest(document),
        "passwords": [[*place, text] for place, text in sorted(passwords.items())],
    }
    sealed = seal(json.dumps(content).encode(), new_key(passphrase), _KIND)
    document[_MEMBER] = base64.b64encode(sealed).decode("ascii")


def take_passwords(document: Mapping[str, Any], passphrase: str) -> dict[Place, str]:
    """The passwords by server and user. Raises FileFailed where the passphrase is wrong, or the document is
    not the one they were put into; KeyringFailed.
    """
    try:
        sealed = base64.b64decode(document[_MEMBER], validate=True)
        content = json.loads(unseal(sealed, key_for(sealed, passphrase, _KIND), _KIND))
        if content["settings"] != _digest(document):
            raise SealDamaged("the settings are not those the passwords were sealed with")
        return {(str(service), str(user)): str(text) for service, user, text in content["passwords"]}
    except WrongPassphrase:
        raise FileFailed(
            "This is not the passphrase of the passwords in the file.",
            advice=f"Enter it again. {_WITHOUT}",
            retry=Retry.ASK_USER,
        ) from None
    except SealTooNew as error:
        raise FileFailed(
            "The passwords in the file were sealed by a later version of qtmail.",
            advice=_WITHOUT,
            detail=str(error),
        ) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FileFailed(
            "The passwords in the file cannot be used: it was damaged or changed since it was exported.",
            advice=_WITHOUT,
            detail=f"{type(error).__name__}: {error}",
        ) from error


def _digest(document: Mapping[str, Any]) -> str:
    """Of everything but the passwords, however it is laid out."""
    rest = {name: value for name, value in document.items() if name != _MEMBER}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
