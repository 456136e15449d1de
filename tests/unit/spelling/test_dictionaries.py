from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.spelling.dictionaries import default_languages, find_dictionaries
from tests.unit.spelling.conftest import MakeDictionary


def test_the_bundled_dictionary_is_always_there() -> None:
    found = find_dictionaries()["en_US"]
    assert (found.directory / f"{found.file_name}.dic").is_file()


def test_dictionaries_in_the_users_folder_come_first(tmp_path: Path, make_dictionary: MakeDictionary) -> None:
    make_dictionary("en_US", "hello")
    make_dictionary("de-AT", "Servus")
    make_dictionary("sr-Latn-RS", "zdravo")
    (tmp_path / "dictionaries" / "fr_FR.dic").write_text("1\nsalut\n")  # its other half is missing
    (tmp_path / "dictionaries" / "hyph_de_DE.dic").write_text("UTF-8\n")
    (tmp_path / "dictionaries" / "hyph_de_DE.aff").write_text("")
    found = find_dictionaries(tmp_path / "dictionaries")
    assert found["en_US"].directory == tmp_path / "dictionaries"
    assert (found["de_AT"].file_name, found["sr_Latn_RS"].file_name) == ("de-AT", "sr-Latn-RS")
    assert not {"fr_FR", "hyph_de_DE"} & found.keys()


def test_without_the_library_there_are_none(
    tmp_path: Path, make_dictionary: MakeDictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dictionary("de_DE", "Haus")
    monkeypatch.setattr("qtmail.spelling.dictionaries.find_spec", lambda _name: None)
    assert find_dictionaries(tmp_path / "dictionaries") == {}


def test_folders_named_for_the_hunspell_program_are_looked_into(
    tmp_path: Path, make_dictionary: MakeDictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dictionary("de_DE", "Haus")
    monkeypatch.setenv("DICPATH", str(tmp_path / "dictionaries"))
    assert "de_DE" in find_dictionaries()


@pytest.mark.parametrize(
    ("platform", "variable", "place"),
    [
        ("win32", "APPDATA", "Mozilla/Firefox/Profiles/x.default/dictionaries"),
        ("win32", "ProgramFiles", "LibreOffice/share/extensions/dict-de"),
        ("darwin", "HOME", "Library/Spelling"),
        ("darwin", "HOME", "Library/Thunderbird/Profiles/x.default/dictionaries"),
        ("linux", "HOME", ".mozilla/firefox/x.default/dictionaries"),
    ],
)
def test_dictionaries_of_other_programs_are_found(
    tmp_path: Path,
    make_dictionary: MakeDictionary,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variable: str,
    place: str,
) -> None:
    made = make_dictionary("de_DE", "Haus")
    (tmp_path / "home" / place).parent.mkdir(parents=True)
    made.directory.rename(tmp_path / "home" / place)
    monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setattr("sys.platform", platform)
    assert find_dictionaries()["de_DE"].directory == tmp_path / "home" / place


def test_a_missing_folder_is_passed_over(tmp_path: Path) -> None:
    assert "en_US" in find_dictionaries(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["de-DE", "en-US"], ("de_DE", "en_US")),
        (["de-CH"], ("de_AT",)),
        (["en-GB", "en"], ("en_GB",)),
        (["de-DE", "de-AT"], ("de_DE",)),
        (["zh-CN"], ("en_GB",)),
        ([], ("en_GB",)),
    ],
)
def test_the_languages_of_a_person(wanted: list[str], expected: tuple[str, ...]) -> None:
    available = ["de_AT_frami", "de_AT", "de_DE", "en_GB", "en_US"]
    assert default_languages(wanted, available) == expected


def test_no_dictionary_no_language() -> None:
    assert default_languages(["de-DE"], []) == ()
