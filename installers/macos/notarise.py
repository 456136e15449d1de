"""Notarisation: Apple looks the disk image through and gives it a ticket, without which a Mac warns of it.

The key is one of App Store Connect (team key with the role *Developer*); where it is, the environment says.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installers.macos.patience import PAUSE, call_patiently
from installers.packaging import BuildFailed, call, tool

KEY_VARIABLES = ("QTMAIL_NOTARY_KEY", "QTMAIL_NOTARY_KEY_ID", "QTMAIL_NOTARY_ISSUER")
LONGEST_WAIT = "45m"
"""Most answers take a few minutes."""


@dataclass(frozen=True)
class NotaryKey:
    """What notarytool signs in with.

    Attributes:
        file: the private key, as Apple gave it (.p8).
        key_id: its id, of ten characters.
        issuer: the id of the team's keys (UUID).
    """

    file: Path
    key_id: str
    issuer: str

    @classmethod
    def from_environment(cls) -> NotaryKey | None:
        """The key that `KEY_VARIABLES` name; None where none of them is set.

        Raises:
            BuildFailed: only some of them are set.
        """
        values = [os.environ.get(name, "") for name in KEY_VARIABLES]
        if not any(values):
            return None
        if not all(values):
            unset = [name for name, value in zip(KEY_VARIABLES, values, strict=True) if not value]
            raise BuildFailed(f"To notarise, {' and '.join(unset)} must be set as well.")
        return cls(Path(values[0]), values[1], values[2])

    def options(self) -> tuple[str, ...]:
        """The options of notarytool that name it."""
        return ("--key", str(self.file), "--key-id", self.key_id, "--issuer", self.issuer)


def notarise(image: Path, key: NotaryKey, *, pause: float = PAUSE) -> None:
    """Have a signed disk image notarised, wait for the answer, and attach the ticket to it.

    Args:
        pause: seconds between attempts, while the ticket is not published yet.

    Raises:
        BuildFailed: Apple refused it, with the reasons from its log, or was not reached.
    """
    waiting = ("--wait", "--timeout", LONGEST_WAIT)
    answer = _notarytool("submit", str(image), *waiting, key=key)
    # The exit status tells nothing: it is 0 for a refusal as well.
    if answer.get("status") != "Accepted":
        raise BuildFailed(_refusal(image, answer, key))
    call_patiently(tool("xcrun"), "stapler", "staple", image, passing="Record not found", pause=pause)


def _notarytool(*words: str, key: NotaryKey) -> dict[str, Any]:
    """Its answer, the last line of what it prints."""
    printed = call(tool("xcrun"), "notarytool", *words, *key.options(), "--output-format", "json").strip()
    try:
        answer = json.loads(printed.splitlines()[-1])
    except (IndexError, ValueError):
        answer = None
    if not isinstance(answer, dict):
        raise BuildFailed(f"notarytool answered what could not be understood:\n{printed}")
    return answer


def _refusal(image: Path, answer: dict[str, Any], key: NotaryKey) -> str:
    sentence = f"{image.name} was not notarised: Apple's answer is “{answer.get('status', 'none')}”."
    if "id" not in answer:
        return f"{sentence}\n{answer.get('message', '')}".rstrip()
    return f"{sentence}\n{_reasons(str(answer['id']), key)}"


def _reasons(submission: str, key: NotaryKey) -> str:
    """What the log of a submission complains about, a line for each file."""
    try:
        log = json.loads(call(tool("xcrun"), "notarytool", "log", submission, *key.options()))
    except (BuildFailed, ValueError) as failure:
        return f"Its log could not be had ({failure}); try: xcrun notarytool log {submission}"
    issues = [f"{issue['severity']}: {issue['path']}: {issue['message']}" for issue in log["issues"] or ()]
    return "\n".join([log["statusSummary"], *issues])
