from __future__ import annotations

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Quote, QuoteKind
from qtmail.ui.drafts.draft_texts import draft_beginning, draft_recipients, draft_subject, draft_text


def people(count: int) -> tuple[Address, ...]:
    return tuple(Address(f"Person {n}", f"p{n}@x") for n in range(count))


def test_what_is_missing_is_said():
    nothing = Composition()
    assert draft_subject(nothing) == "(no subject)"
    assert draft_recipients(nothing) == "(no recipient yet)"
    assert draft_beginning(nothing) == "(nothing written yet)"


def test_recipients_of_all_kinds_are_named_and_the_rest_counted():
    composition = Composition(to=people(2), cc=(Address("", "cc@x"),), bcc=people(4))
    assert draft_recipients(composition) == "Person 0, Person 1, cc@x and 4 more"


def test_the_beginning_is_text_and_not_markup():
    assert draft_beginning(Composition(body="<p>Dear <b>Ann</b>,</p><p>see you</p>")) == "Dear Ann, see you"
    plain = Composition(rich=False, body="a < b\nand more")
    assert draft_beginning(plain) == "a < b and more"


def test_the_text_ends_with_what_is_quoted():
    quote = Quote(QuoteKind.REPLY, "Ann wrote:", "<p>Hello</p>", "Hello")
    assert draft_text(Composition(body="<p>Yes</p>", quote=quote)) == "Yes\n\nAnn wrote:\nHello"
