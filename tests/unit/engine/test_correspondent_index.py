from __future__ import annotations

import threading

import pytest

from qtmail.engine.correspondent_index import CHANGES_KEPT_APART, MONTH, CorrespondentIndex

NOW = 1_750_000_000


@pytest.fixture
def index() -> CorrespondentIndex:
    return CorrespondentIndex()


@pytest.fixture(params=["built", "not built"])
def known(request: pytest.FixtureRequest) -> CorrespondentIndex:
    """An index that was built, and one whose entries all came since."""
    index = CorrespondentIndex()
    for address, name in (
        ("anna.berg@example.org", "Anna Berg"),
        ("joanna@annex.example", "Joanna Smith"),
        ("xiaoming@qq.com", "王小明"),
        ("j.o@mail.example.net", "Jürgen O'Brien"),
        ("gunnar@example.org", ""),
    ):
        index.note_heard(address, name, 1, NOW)
    if request.param == "built":
        index.build()
    return index


def addresses(index: CorrespondentIndex, typed: str, limit: int = 10) -> list[str]:
    return [one.address for one in index.search(typed, limit)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ann", {"anna.berg@example.org", "joanna@annex.example"}),
        ("anna", {"anna.berg@example.org"}),
        ("BERG", {"anna.berg@example.org"}),
        ("berg an", {"anna.berg@example.org"}),
        ("anna smith", set()),
        ("anna.b", {"anna.berg@example.org"}),
        ("berg@ex", {"anna.berg@example.org"}),
        ("anna.berg@example.org", {"anna.berg@example.org"}),
        ("@example", {"anna.berg@example.org", "gunnar@example.org", "j.o@mail.example.net"}),
        ("annex", {"joanna@annex.example"}),
        ("小明", {"xiaoming@qq.com"}),
        ("王", {"xiaoming@qq.com"}),
        ("明小", set()),
        ("jurgen", {"j.o@mail.example.net"}),
        ("JÜRG", {"j.o@mail.example.net"}),
        ("o'br", {"j.o@mail.example.net"}),
        ("brien", {"j.o@mail.example.net"}),
        ("gun", {"gunnar@example.org"}),
        ("unna", set()),
        ("org", set()),
        ("", set()),
        (" , ", set()),
        ("\n", set()),
        ("\x1f", set()),
    ],
)
def test_words_fit_where_words_begin(known: CorrespondentIndex, typed: str, expected: set[str]) -> None:
    assert set(addresses(known, typed)) == expected


def test_names_and_local_parts_come_before_domains(known: CorrespondentIndex) -> None:
    known.note_heard("x@annex.example", "", 500, NOW)
    assert addresses(known, "ann")[0] == "anna.berg@example.org"
    assert addresses(known, "ann", limit=1) == ["anna.berg@example.org"]


def test_an_address_that_fits_twice_takes_one_place(index: CorrespondentIndex) -> None:
    index.note_heard("anna@annex.example", "Anna", 1, NOW)
    index.note_heard("info@annex.example", "", 1, NOW - MONTH)
    index.build()
    assert addresses(index, "ann", limit=2) == ["anna@annex.example", "info@annex.example"]


def test_recent_addresses_come_before_old_ones(index: CorrespondentIndex) -> None:
    index.note_heard("old@example.org", "", 2, NOW - 5 * MONTH)
    index.note_heard("ora@example.org", "", 2, NOW)
    assert addresses(index, "o") == ["ora@example.org", "old@example.org"]


def test_frequent_addresses_come_before_rare_ones(index: CorrespondentIndex) -> None:
    index.note_heard("rare@example.org", "", 1, NOW)
    index.note_heard("regular@example.org", "", 64, NOW - 2 * MONTH)
    assert addresses(index, "r") == ["regular@example.org", "rare@example.org"]


def test_whom_the_user_wrote_to_comes_before_who_wrote(index: CorrespondentIndex) -> None:
    index.note_heard("shop@example.org", "", 60, NOW)
    index.note_sent("sister@example.org", "", 1, NOW - 5 * MONTH)
    index.note_filed("son@example.org", "", NOW - 6 * MONTH)
    assert addresses(index, "s") == ["sister@example.org", "son@example.org", "shop@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@shop.example",
        "noreply+x12@shop.example",
        "nobody.donotreply@shop.example",
        "notifications@n.example",
        "n-bounces@lists.example",
        "n@groups.example.org",
        "newsletter@n.example",
        "0123456789abcdef0123@n.example",
    ],
)
def test_machines_and_lists_come_last(index: CorrespondentIndex, address: str) -> None:
    index.note_heard(address, "Nora Newsletter", 900, NOW)
    index.note_heard("nora@example.org", "Nora", 1, NOW - 6 * MONTH)
    assert addresses(index, "nora") == ["nora@example.org", address]


def test_one_message_counts_once_in_the_outbox_and_in_sent(index: CorrespondentIndex) -> None:
    index.note_sent("a@example.org", "", 1, NOW)
    index.note_filed("a@example.org", "", NOW)
    index.note_filed("b@example.org", "", NOW)
    first, second = index.search("example", 10)
    assert first.score == second.score


def test_the_name_the_user_wrote_is_shown(index: CorrespondentIndex) -> None:
    index.note_filed("anna@example.org", "Mum", NOW - MONTH)
    index.note_heard("anna@example.org", "Anna Berg", 3, NOW)
    index.note_heard("bob@example.org", "Bob", 1, NOW)
    index.note_heard("bob@example.org", "bob@example.org", 1, NOW + 1)
    index.note_heard("bob@example.org", "Robert", 1, NOW - 1)
    assert {one.address: one.name for one in index.search("@example", 10)} == {
        "anna@example.org": "Mum",
        "bob@example.org": "Bob",
    }


def test_a_change_counts_at_once(known: CorrespondentIndex) -> None:
    known.note_sent("joanna@annex.example", "Annika", 1, NOW)
    assert addresses(known, "ann")[0] == "joanna@annex.example"
    assert addresses(known, "annika") == ["joanna@annex.example"]


def test_a_forgotten_address_comes_back_when_it_is_written_to(known: CorrespondentIndex) -> None:
    known.forget("Anna.Berg@example.org")
    assert addresses(known, "anna") == []
    known.build()
    assert addresses(known, "anna") == []
    known.note_sent("anna.berg@example.org", "", 1, NOW)
    assert addresses(known, "anna") == ["anna.berg@example.org"]


def test_a_search_looks_at_few_of_many_addresses(index: CorrespondentIndex) -> None:
    """What a search costs is a scan by `bytes.find`, and Python only for the lines that fit."""
    for number in range(5_000):
        index.note_heard(f"anna{number}@example.org", "Anna Berg", 1, NOW + number)
    index.note_heard("zora@example.net", "Zora Anna", 1, NOW - MONTH)
    index.build()
    assert addresses(index, "anna", limit=3) == [f"anna{number}@example.org" for number in (4999, 4998, 4997)]
    assert index.examined == 3
    assert addresses(index, "nobody") == []
    assert index.examined == 0
    assert addresses(index, "anna zora") == ["zora@example.net"]
    assert index.examined <= 2


def test_many_changes_since_the_last_build_are_not_all_looked_at(index: CorrespondentIndex) -> None:
    for number in range(10 * CHANGES_KEPT_APART):
        index.note_heard(f"anna{number}@example.org", "", 1, NOW)
    assert len(index.search("anna", 5)) == 5
    index.build(at_least=20 * CHANGES_KEPT_APART)
    assert addresses(index, "anna2559") == []
    index.build(at_least=CHANGES_KEPT_APART)
    assert addresses(index, "anna2559") == ["anna2559@example.org"]


def test_it_is_searched_while_it_grows(index: CorrespondentIndex) -> None:
    def grow() -> None:
        for number in range(2_000):
            index.note_heard(f"anna{number}@example.org", "Anna", 1, NOW + number)
            if number % 500 == 0:
                index.build()

    grower = threading.Thread(target=grow)
    grower.start()
    while grower.is_alive():
        found = addresses(index, "anna")
        assert len(found) == len(set(found)) <= 10
    grower.join()
    assert len(index) == 2_000
