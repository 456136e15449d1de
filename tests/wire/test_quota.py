"""How full a mailbox is, as servers tell it (RFC 9208 section 4.2)."""

from __future__ import annotations

import pytest

from qtmail.domain.diagnosis import Quota
from qtmail.errors import ServerRefused
from tests.fakes.imap_server import ScriptedServer
from tests.wire.sessions import ready, signed_in


def told(*answers: str, end: str = "OK done") -> Quota | None:
    lines = "\n".join(f"S: {answer}" for answer in answers)
    rest = f"""
        C: q2 GETQUOTAROOT "INBOX"
        {lines}
        S: q2 {end}
    """
    with ScriptedServer(signed_in("IMAP4rev1 QUOTA", rest)) as server, ready(server) as session:
        return session.quota(b"INBOX")


def test_storage_is_counted_in_kilobytes():
    quota = told('* QUOTAROOT INBOX ""', '* QUOTA "" (MESSAGE 7 10 STORAGE 3 4)')
    assert quota == Quota(used=3 * 1024, limit=4 * 1024)
    assert quota is not None and quota.share == 0.75


def test_of_several_limits_the_nearest_counts():
    roots = (
        '* QUOTA "user" (STORAGE 10 100)',
        '* QUOTA "domain" (STORAGE 99 100)',
        '* QUOTA "" (STORAGE 5 100)',
    )
    assert told("* QUOTAROOT INBOX user domain", *roots) == Quota(99 * 1024, 100 * 1024)


@pytest.mark.parametrize(
    "answer", ['* QUOTA "" ()', '* QUOTA ""', '* QUOTA "" (MESSAGE 1 2)', '* QUOTA "" (STORAGE -1 x)']
)
def test_no_limit_and_what_makes_no_sense_are_no_quota(answer: str):
    assert told('* QUOTAROOT INBOX ""', answer) is None


def test_a_server_without_the_extension_is_not_asked():
    with ScriptedServer(signed_in("IMAP4rev1")) as server, ready(server) as session:
        assert session.quota(b"INBOX") is None


def test_a_refusal_is_said():
    with pytest.raises(ServerRefused):
        told(end="NO not here")
