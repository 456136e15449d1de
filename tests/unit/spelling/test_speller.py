from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from qtmail.errors import FileFailed
from qtmail.spelling.dictionaries import Dictionary, find_dictionaries
from qtmail.spelling.own_words import OwnWords
from qtmail.spelling.speller import Speller
from tests.unit.spelling.conftest import MakeDictionary


@pytest.fixture
def own(tmp_path: Path) -> OwnWords:
    return OwnWords(tmp_path / "words.txt")


@pytest.fixture
def speller(own: OwnWords, make_dictionary: MakeDictionary) -> Speller:
    dictionaries = [
        make_dictionary("de_DE", "Haus", "grün", "Maus", charset="ISO8859-1"),
        make_dictionary("en_GB", "house", "green", "don't"),
        make_dictionary("ru_RU", "дом"),
    ]
    speller = Speller(lambda: {one.language: one for one in dictionaries}, own)
    speller.start([], [])
    return speller


def test_a_word_is_right_if_one_language_knows_it(speller: Speller) -> None:
    speller.use(["de_DE", "en_GB"])
    assert speller.languages == ("de_DE", "en_GB")
    right = ("Haus", "house", "grün", "gru\u0308n", "don’t")
    assert [word for word in right if not speller.is_right(word)] == []
    assert not speller.is_right("hause")
    assert not speller.is_right("haüs")


def test_letters_that_no_language_is_written_in_are_not_wrong(speller: Speller) -> None:
    speller.use(["de_DE"])
    assert speller.is_right("дам")
    speller.use(["de_DE", "ru_RU"])
    assert not speller.is_right("дам")
    assert speller.is_right("дом")


def test_letters_beyond_a_dictionarys_charset(speller: Speller) -> None:
    speller.use(["de_DE"])
    assert not speller.is_right("Hauş")
    assert speller.suggestions("Hauş") == []


def test_without_languages_nothing_is_wrong(speller: Speller) -> None:
    assert speller.is_right("wrold")
    speller.use(["xx_XX"])
    assert speller.languages == ()
    assert speller.is_right("wrold")


def test_without_a_choice_the_persons_languages_are_taken(speller: Speller) -> None:
    speller.start(None, ["ru-RU", "en-US"])
    assert speller.languages == ("ru_RU", "en_GB")
    assert speller.available == ("de_DE", "en_GB", "ru_RU")


def test_verdicts_follow_the_languages(speller: Speller) -> None:
    speller.use(["de_DE"])
    assert not speller.is_right("house")
    speller.use(["en_GB"])
    assert speller.is_right("house")


def test_suggestions_come_from_all_languages_in_turn(speller: Speller) -> None:
    speller.use(["de_DE", "en_GB"])
    assert set(speller.suggestions("Hous")) == {"Haus", "House"}
    assert len(speller.suggestions("Hous", limit=1)) == 1


def test_a_learned_word_is_right_for_good(speller: Speller, own: OwnWords, tmp_path: Path) -> None:
    speller.use(["de_DE"])
    assert not speller.is_right("qtmail")
    speller.learn("qtmail")
    assert speller.is_right("qtmail") and speller.is_right("Qtmail")
    again = Speller(partial(find_dictionaries, tmp_path / "dictionaries"), OwnWords(tmp_path / "words.txt"))
    again.start(["de_DE"], [])
    assert again.is_right("qtmail")


def test_an_ignored_word_is_right_for_now(speller: Speller, tmp_path: Path) -> None:
    speller.use(["de_DE"])
    speller.ignore("wrold")
    assert speller.is_right("wrold")
    assert not (tmp_path / "words.txt").exists()


def test_a_dictionary_that_cannot_be_read_is_left_out(
    own: OwnWords, make_dictionary: MakeDictionary, tmp_path: Path
) -> None:
    broken = Dictionary("fr_FR", tmp_path / "nowhere", "fr_FR")
    german = make_dictionary("de_DE", "Haus")
    speller = Speller(lambda: {"de_DE": german, "fr_FR": broken}, own)
    speller.start(["fr_FR", "de_DE"], [])
    assert speller.languages == ("de_DE",)
    with pytest.raises(FileFailed, match="fr_FR"):
        speller.use(["fr_FR"])


def test_the_bundled_dictionary(own: OwnWords) -> None:
    speller = Speller(find_dictionaries, own)
    speller.start(["en_US"], [])
    assert speller.is_right("letter") and not speller.is_right("lettr")
    assert "world" in speller.suggestions("wrold")
