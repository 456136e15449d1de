"""Words the user added to the dictionary: a plain text file in the profile, one word a line."""

from __future__ import annotations

import threading
from pathlib import Path

from qtmail.errors import FileFailed


class OwnWords:
    """The file and what is in it; it may be edited by hand. For any number of threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._words: set[str] = set()

    def __contains__(self, word: str) -> bool:
        return word in self._words or word.lower() in self._words

    def load(self) -> None:
        """Read the file, if there is one. Raises FileFailed."""
        with self._lock:
            try:
                text = self._path.read_text("utf-8-sig", errors="replace")
            except FileNotFoundError:
                return
            except OSError as error:
                raise FileFailed(
                    "Your own words for the spell check could not be read.", detail=str(error)
                ) from error
            self._words.update(line.strip() for line in text.splitlines() if line.strip())

    def add(self, word: str) -> None:
        """Keep a word. It counts at once, even where the file cannot be written. Raises FileFailed."""
        with self._lock:
            if word in self._words:
                return
            self._words.add(word)
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(f"{word}\n")
            except OSError as error:
                raise FileFailed(
                    f"“{word}” could not be added to your dictionary.",
                    advice="Until qtmail is closed it is taken as right.",
                    detail=str(error),
                ) from error
