"""The compose service with a real store: its end, two at a time, and who writes to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtmail.domain.composition import Draft
from qtmail.domain.identity import Identity, Template
from qtmail.domain.outgoing import Suggestion
from qtmail.errors import StoreFailed
from tests.unit.workers.compose_desk import BOB, Desk, send, written


def test_what_was_handed_over_is_on_the_disk_when_the_program_has_ended(start: Callable[[], Desk]) -> None:
    desk = start()
    draft = desk.new()
    for number in range(20):
        composition = replace(draft.composition, body=f"{number}")
        desk.service.save(draft.id, composition, lambda _: None, desk.faults.append)
    desk.service.close(draft.id)
    desk.end()
    (kept,) = start().store.drafts.unsent()
    assert (kept.composition.body, kept.is_open) == ("19", False)


def test_on_a_full_disk_the_fault_is_told_and_the_next_save_works(desk: Desk) -> None:
    draft = desk.save(desk.new(), body="Some work")
    fill_disk(desk)
    text = "Much work. " * 100_000
    composition = replace(draft.composition, body=text)
    fault = desk.fault(lambda *answers: desk.service.save(draft.id, composition, *answers))
    assert isinstance(fault, StoreFailed)
    assert "full" in fault.sentence and fault.advice
    kept = desk.kept(draft)
    assert kept is not None and kept.composition.body == "Some work"
    fill_disk(desk, full=False)
    assert desk.save(draft, body=text).composition.body == text


def fill_disk(desk: Desk, *, full: bool = True) -> None:
    """Have SQLite meet a full disk on the thread that saves."""

    def fill() -> None:
        with desk.store._user.maintaining() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0] if full else 10**9
            connection.execute(f"PRAGMA max_page_count = {pages}")

    desk.service._saves.submit(fill, lambda _: None)


# -- two programs on one profile -------------------------------------------------------------------


def test_what_another_program_shows_is_neither_offered_nor_opened(start: Callable[[], Desk]) -> None:
    first, second = start(), start()
    draft = first.save(first.new(), body="Much work")
    offered: list[list[Draft]] = []
    second.service.recoverable(offered.append)
    second.until(lambda: offered)
    assert offered == [[]]
    fault = second.fault(lambda *answers: second.service.open(draft.id, *answers))
    assert "another window" in fault.sentence and fault.advice
    first.service.close(draft.id)
    first.settle()
    assert second.reopened(draft).composition.body == "Much work"


def test_what_a_program_that_died_had_open_is_offered_until_it_is_closed(start: Callable[[], Desk]) -> None:
    first, second = start(), start()
    draft = first.save(first.new(), body="Much work")
    first.end()
    for expected in ([draft.id], []):
        offered: list[list[Draft]] = []
        second.service.recoverable(offered.append)
        second.until(lambda: offered)  # noqa: B023
        assert [one.id for one in offered[0]] == expected
        second.service.close(draft.id)
        second.settle()
    assert second.live() == [draft.id]


def test_what_one_program_discarded_another_does_not_drop_when_it_starts(start: Callable[[], Desk]) -> None:
    first = start()
    draft = first.save(first.new(), body="Much work")
    first.service.discard(draft.id)
    first.settle()
    second = start()
    second.service.start()
    second.settle()
    again = first.answered(lambda *answers: first.service.restore(draft.id, *answers))
    assert again.composition.body == "Much work"


# -- the rest --------------------------------------------------------------------------------------


def test_identities_and_templates_are_kept(desk: Desk) -> None:
    (first,) = desk.service.identities()
    desk.service.save_identity(replace(first, name="Ann Lee"))
    desk.service.save_identity(Identity(0, first.account_id, "Sales", "sales@example.org"))
    desk.service.save_template(Template(0, "Thanks", "Thank you", "<p>Thank you.</p>"))
    desk.settle()
    assert [one.name for one in desk.service.identities()] == ["Ann Lee", "Sales"]
    (template,) = desk.service.templates()
    desk.service.save_template(replace(template, name="Many thanks"))
    desk.settle()
    assert [one.name for one in desk.service.templates()] == ["Many thanks"]
    desk.service.remove_template(template.id)
    for identity in desk.service.identities():
        desk.service.remove_identity(identity.id)
    desk.settle()
    assert desk.service.templates() == []
    assert [one.name for one in desk.service.identities()] == ["Sales"], "the last of an account stays"
    assert desk.problems == []


def test_whom_one_wrote_to_is_suggested(desk: Desk) -> None:
    send(desk, desk.new(written()))
    found: list[list[Suggestion]] = []
    desk.service.complete("bo", found.append)
    desk.until(lambda: found)
    assert [one.address for one in found[0]] == [BOB.address]
    desk.service.forget_suggestion(BOB.address)
    desk.settle()
    desk.service.complete("bo", found.append)
    desk.until(lambda: len(found) == 2)
    assert found[1] == []
