"""Who gets an answer, and as whom it is written."""

from __future__ import annotations

import pytest

from qtmail.domain.identity import Identity
from qtmail.mime.addressees import addressees, list_address, writer
from tests.unit.mime.letters import ANN, WORK, letter

BOB = "bob@example.net"
ME = "From: ann@example.org"
LIST = "List-Post: <mailto:list@lists.example?subject=x>"


def answer(*fields: str, to_all: bool = False, to_list: bool = False) -> tuple[list[str], list[str]]:
    found = addressees(letter(*fields), [ANN, WORK], to_all=to_all, to_list=to_list)
    return [one.address for one in found.to], [one.address for one in found.cc]


@pytest.mark.parametrize(
    ("fields", "to"),
    [
        ((), ["bob@example.net"]),
        (
            ("Reply-To: Office <office@example.net>, bob@example.net",),
            ["office@example.net", "bob@example.net"],
        ),
        (("Reply-To: ",), ["bob@example.net"]),
        (("Mail-Reply-To: me@example.net", "Reply-To: list@lists.example"), ["me@example.net"]),
        (("Mail-Followup-To: list@lists.example",), ["bob@example.net"]),
        (("From: ", "Sender: sec@example.net"), ["sec@example.net"]),
        (
            ("From: ann@example.org", "To: Carl <carl@example.net>, dan@x.org"),
            ["carl@example.net", "dan@x.org"],
        ),
        (("From: ann@example.org", "To: ann@example.org"), ["ann@example.org"]),
        (("From: undisclosed:;",), []),
        ((LIST,), ["bob@example.net"]),
    ],
)
def test_answer(fields: tuple[str, ...], to: list[str]) -> None:
    assert answer(*fields) == (to, [])


@pytest.mark.parametrize(
    ("fields", "to", "cc"),
    [
        (("To: ann@example.org, carl@x.org", "Cc: d@x.org"), [BOB], ["carl@x.org", "d@x.org"]),
        (("To: ANN+shop@Example.org, carl@x.org",), [BOB], ["carl@x.org"]),
        (("To: a.lee@work.example, Carl@x.org, carl@X.org",), [BOB], ["Carl@x.org"]),
        (("Cc: bob@example.net, undisclosed-recipients:;",), [BOB], []),
        (("Reply-To: list@lists.example", "Cc: carl@x.org"), ["list@lists.example"], ["carl@x.org"]),
        (("Mail-Followup-To: l@x.org, ann@example.org", "Cc: carl@x.org"), ["l@x.org"], []),
        (("Mail-Reply-To: me@example.net",), [BOB], []),
        ((ME, "To: carl@x.org", "Cc: d@x.org, ann@example.org"), ["carl@x.org"], ["d@x.org"]),
        ((ME, "To: ann@example.org", "Cc: d@x.org"), ["d@x.org"], []),
        ((ME, "To: a.lee@work.example"), ["ann@example.org"], []),
    ],
)
def test_answer_to_all(fields: tuple[str, ...], to: list[str], cc: list[str]) -> None:
    assert answer(*fields, to_all=True) == (to, cc)


def test_answer_to_the_list() -> None:
    assert answer(LIST, "Reply-To: bob@example.net", to_list=True) == (["list@lists.example"], [])
    assert answer("List-Post: NO (closed)", to_list=True) == (["bob@example.net"], [])


def test_list_address() -> None:
    found = list_address(
        letter("List-Post: (see) <https://lists.example/post>, <mailto:l%2Bx@lists.example>")
    )
    assert found is not None
    assert found.address == "l+x@lists.example"
    assert list_address(letter("List-Post: NO")) is None
    assert list_address(letter("List-Id: <l.lists.example>")) is None


@pytest.mark.parametrize(
    ("fields", "identity"),
    [
        (("To: A.Lee@work.example",), WORK),
        (("To: bob@x.org", "Cc: a.lee+news@work.example"), WORK),
        (("To: list@x.org", "Delivered-To: a.lee@work.example"), WORK),
        (("To: list@x.org", "X-Original-To: a.lee@work.example"), WORK),
        (("To: list@x.org", "Envelope-To: a.lee@work.example"), WORK),
        (("From: a.lee@work.example", "To: ann@example.org"), WORK),
        (("To: a.lee+x@work.example, ann@example.org",), ANN),
        (("To: list@x.org",), ANN),
    ],
)
def test_written_as_the_one_it_was_sent_to(fields: tuple[str, ...], identity: Identity) -> None:
    assert writer(letter(*fields), [ANN, WORK]) == identity


def test_identities_of_the_account_come_first() -> None:
    assert writer(letter("To: list@x.org"), [ANN, WORK], account_id=2) == WORK
    twin = Identity(3, 2, "Ann at work", "ann@example.org")
    assert writer(letter(), [ANN, twin], account_id=2) == twin
    assert writer(letter(), [], account_id=2) is None
