"""Checking words against several dictionaries at once: a word is right if one of them knows it.

Hunspell holds the interpreter lock while it reads a dictionary (40 ms for English) and while it thinks of
suggestions (20 to 120 ms a word), whatever thread calls it. So dictionaries are read one by one when they are
first needed, and suggestions are asked for only when the user opens a menu on a word.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from qtmail.errors import FileFailed
from qtmail.log import logger
from qtmail.spelling.dictionaries import Dictionary, default_languages
from qtmail.spelling.own_words import OwnWords
from qtmail.spelling.words import is_written_in, normalised

if TYPE_CHECKING:
    from hunspell import Hunspell

MOST_REMEMBERED = 50_000
"""Verdicts on words; beyond that they are asked for anew."""

_log = logger("spelling")


class Speller:
    """Dictionaries in use and the user's own words, for any number of threads.

    Args:
        find: looks for dictionaries, by language; called by `start`.
    """

    def __init__(self, find: Callable[[], Mapping[str, Dictionary]], own: OwnWords) -> None:
        self._find = find
        self._dictionaries: dict[str, Dictionary] = {}
        self._own = own
        self._ignored: set[str] = set()
        self._loaded: dict[str, Hunspell] = {}
        self._languages: tuple[str, ...] = ()
        self._verdicts: dict[str, bool] = {}
        self._lock = threading.Lock()

    @property
    def available(self) -> tuple[str, ...]:
        """The languages there are dictionaries for ("de_DE"), sorted."""
        return tuple(sorted(self._dictionaries))

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in use; empty: nothing is checked."""
        return self._languages

    def start(self, chosen: Iterable[str] | None, spoken: Iterable[str]) -> None:
        """Look for dictionaries and read those to begin with. Not on the GUI thread. Raises FileFailed.

        Args:
            chosen: languages that were chosen before; None: none ever were.
            spoken: the languages of the person ("de-DE"), which decide then.
        """
        self._dictionaries = dict(self._find())
        self.use(default_languages(spoken, self._dictionaries) if chosen is None else chosen)

    def use(self, languages: Iterable[str]) -> None:
        """Check with these languages from now on; reads what is not read yet, so not on the GUI thread.

        A dictionary that cannot be read is left out. Raises FileFailed when it was the only one.
        """
        wanted = [language for language in languages if language in self._dictionaries]
        with self._lock:
            self._own.load()
            failures = [fault for language in wanted if (fault := self._read(language))]
            self._languages = tuple(language for language in wanted if language in self._loaded)
            self._verdicts = {}
        if failures and not self._languages:
            raise failures[0]

    def is_right(self, word: str) -> bool:
        """Whether a word is spelled as one of the languages has it; also where none of them is written so."""
        verdict = self._verdicts.get(word)
        if verdict is None:
            if len(self._verdicts) >= MOST_REMEMBERED:
                self._verdicts = {}
            verdict = self._verdicts[word] = self._check(normalised(word))
        return verdict

    def suggestions(self, word: str, limit: int = 5) -> list[str]:
        """What may have been meant, best first, from all languages in turn. Takes up to 0.1 s a language."""
        word = normalised(word)
        lists = [_suggest(self._loaded[language], word) for language in self._languages]
        turns = [found[place] for place in range(limit) for found in lists if place < len(found)]
        return list(dict.fromkeys(turns))[:limit]

    def learn(self, word: str) -> None:
        """Take a word as right for good. Raises FileFailed; the word counts all the same."""
        self._verdicts = {}
        self._own.add(normalised(word))

    def ignore(self, word: str) -> None:
        """Take a word as right until the program ends."""
        self._ignored.add(normalised(word))
        self._verdicts = {}

    def _check(self, word: str) -> bool:
        languages = self._languages
        if word in self._ignored or word in self._own or not is_written_in(word, languages):
            return True
        return any(_knows(self._loaded[language], word) for language in languages)

    def _read(self, language: str) -> FileFailed | None:
        if language in self._loaded:
            return None
        # Loaded when the first composer is open: the start of the program need not wait for it.
        from hunspell import Hunspell  # noqa: PLC0415

        dictionary = self._dictionaries[language]
        try:
            self._loaded[language] = Hunspell(
                dictionary.file_name, str(dictionary.directory), system_encoding="UTF-8"
            )
        except OSError as error:
            _log.warning("dictionary %s cannot be read: %s", language, error)
            return FileFailed(f"The dictionary for {language} could not be read.", detail=str(error))
        return None


def _knows(dictionary: Hunspell, word: str) -> bool:
    try:
        return bool(dictionary.spell(word))
    except UnicodeEncodeError:  # a letter that the dictionary's charset does not have
        return False


def _suggest(dictionary: Hunspell, word: str) -> list[str]:
    try:
        return [str(one) for one in dictionary.suggest(word) if one]
    except UnicodeEncodeError:
        return []
