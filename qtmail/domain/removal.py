"""What is asked about before an account is removed."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.account import Account


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing an account would mean.

    Attributes:
        local_messages: messages that are on this computer only.
        unsent: messages in its outbox that are not sent, not filed, or were refused.
        drafts: messages that are being written from it; they stay.
    """

    account: Account
    local_messages: int
    unsent: int
    drafts: int
