import pytest

from qtmail.engine.folder_names import LONGEST_NAME, NameRefused, check_path, free_path, is_below, same_path


def test_a_path_is_kept_as_it_is_written():
    assert check_path("工作/会议 2026/Ünïcode & more") == "工作/会议 2026/Ünïcode & more"


def test_spaces_around_names_go_and_characters_are_composed():
    assert check_path(" Work / Fu\u0308r ") == "Work/Für"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "  ",
        "/",
        "/Work",
        "Work/",
        "a//b",
        "a/ /b",
        "tab\there",
        "nul\0",
        "line\u2028end",
        "\ud800",
        "x" * (LONGEST_NAME + 1),
        "a/" * 20 + "a",
    ],
)
def test_what_is_no_name_is_refused_in_words(path: str):
    with pytest.raises(NameRefused) as refusal:
        check_path(path)
    assert refusal.value.sentence.endswith(".")


def test_the_longest_name_is_allowed():
    assert check_path("工" * LONGEST_NAME)


def test_case_and_composition_make_no_difference():
    assert same_path("Für Straße", "fu\u0308r STRASSE")
    assert not same_path("Work", "Works")
    assert is_below("WORK/A", "Work")
    assert not is_below("Workshop", "Work")
    assert not is_below("Work", "Work")


@pytest.mark.parametrize(
    ("wanted", "free"),
    [
        ("Ann", "Ann"),
        ("WORK", "WORK 3"),
        ("a/b\nc", "a-b c"),
        ("", "Mail"),
        ("\0", "Mail"),
        ("x" * 500, "x" * (LONGEST_NAME - 5)),
    ],
)
def test_a_free_path_may_be_stored(wanted: str, free: str):
    assert free_path(wanted, ["Work", "Work 2", "Inbox"]) == free
    assert check_path(free) == free
