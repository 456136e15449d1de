from __future__ import annotations

import pytest

from qtmail.domain.diagnosis import Quota
from qtmail.engine.server_checks import describe_quota
from qtmail.errors import Layer, QtmailError

MB, GB = 2**20, 2**30


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        (None, "The server sets no limit on the mailbox, or tells none."),
        (Quota(5 * MB, 2 * GB), "5.0 MB of 2.0 GB are used."),
        (Quota(19 * GB, 20 * GB), "The mailbox is nearly full: 19.0 GB of 20.0 GB are used."),
    ],
)
def test_how_full_a_mailbox_is(quota: Quota | None, words: str) -> None:
    assert describe_quota(quota) == words


@pytest.mark.parametrize("quota", [Quota(2 * GB, 2 * GB), Quota(3 * GB, 2 * GB), Quota(0, 0)])
def test_a_full_mailbox_is_a_fault(quota: Quota) -> None:
    with pytest.raises(QtmailError, match="The mailbox is full") as fault:
        describe_quota(quota)
    assert fault.value.layer is Layer.QUOTA
    assert "Delete mail" in fault.value.advice
