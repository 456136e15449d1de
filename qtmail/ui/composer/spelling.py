"""Spell check in the composer: wrong words are underlined, their menu offers better ones.

Underlines are formats of the highlighter, not of the document: they are in no undo step, do not modify the
document and are not part of what is sent.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QLocale, QObject, QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QAction, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QMenu, QTextEdit

from qtmail.errors import QtmailError
from qtmail.models.background import Background
from qtmail.spelling.speller import Speller
from qtmail.spelling.words import words
from qtmail.ui.composer.document_html import is_code, quote_level
from qtmail.ui.composer.rich_text import utf16_length
from qtmail.ui.shared.theme import Theme

START_DELAY_MS = 400
"""Reading a dictionary stops everything for some 40 ms: not while the first composer appears."""

SLICE_SECONDS = 0.008
"""A long document is checked in slices of this length, between which the window answers."""


class Spelling(QObject):
    """The speller of all composers: reads dictionaries in the background and tells when verdicts changed.

    Signals:
        changed(): languages or known words changed; check again.
        languages_chosen(tuple of str): the user chose languages, to be remembered.
        failed(QtmailError)
    """

    changed = Signal()
    languages_chosen = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        speller: Speller,
        background: Background,
        *,
        languages: Sequence[str] | None = None,
        delay_ms: int = START_DELAY_MS,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            languages: those chosen in an earlier run; None: none ever were, the system's languages are taken.
            delay_ms: how long after `start` the dictionaries are read.
        """
        super().__init__(parent)
        self.speller = speller
        self._background = background
        self._chosen = languages
        self._started = False
        self._starting = QTimer(self, singleShot=True, interval=delay_ms)
        self._starting.timeout.connect(self._read)

    def start(self) -> None:
        """Read the dictionaries soon, if that was not done yet: a composer is open."""
        if not self._started:
            self._started = True
            self._starting.start()

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in use, or chosen and still being read."""
        return self.speller.languages if self._chosen is None else tuple(self._chosen)

    def choose(self, language: str, on: bool) -> None:
        """The user turns a language on or off."""
        others = [one for one in self.languages if one != language]
        self._chosen = (*others, language) if on else tuple(others)
        self._background.submit(partial(self.speller.use, self._chosen), self._done, self.failed.emit)
        self.languages_chosen.emit(self.languages)

    def learn(self, word: str) -> None:
        self._background.submit(partial(self.speller.learn, word), self._done, self._not_learned)

    def ignore(self, word: str) -> None:
        self.speller.ignore(word)
        self.changed.emit()

    def _read(self) -> None:
        spoken = QLocale.system().uiLanguages()
        self._background.submit(
            partial(self.speller.start, self._chosen, spoken), self._done, self.failed.emit
        )

    def _done(self, _result: None) -> None:
        self.changed.emit()

    def _not_learned(self, error: QtmailError) -> None:
        self.changed.emit()
        self.failed.emit(error)


class _Spared(NamedTuple):
    """A wrong word that is not marked, because the cursor stands in it: it is still being typed."""

    block: int
    start: int
    end: int

    def touched_by(self, cursor: QTextCursor) -> bool:
        return cursor.blockNumber() == self.block and self.start < cursor.positionInBlock() <= self.end


class SpellHighlighter(QSyntaxHighlighter):
    """Underlines the words of an editor that no chosen language knows.

    The word being typed is left alone until the cursor leaves it. Soon after the highlighter is made, Qt
    reports once that the contents of the document changed; its text, undo steps and modified flag are as
    they were.
    """

    def __init__(self, editor: QTextEdit, spelling: Spelling, theme: Theme) -> None:
        super().__init__(editor.document())
        self._editor = editor
        self._spelling = spelling
        self._theme = theme
        self._wrong = QTextCharFormat()
        self._spared: _Spared | None = None
        self._walking = False
        self._slice_began: float | None = None
        self._unchecked: QTextCursor | None = None
        self._slices = QTimer(self, singleShot=True, interval=0)
        self._slices.timeout.connect(self._next_slice)
        editor.cursorPositionChanged.connect(self._cursor_moved)
        spelling.changed.connect(self.check_all)
        theme.changed.connect(self._recolour)
        self._choose_colour()

    def check_all(self) -> None:
        """Check the whole document anew, in slices."""
        self._unchecked = QTextCursor(self.document())
        self._slices.start()

    @property
    def is_checking(self) -> bool:
        """Whether a part of the document still has to be checked."""
        return self._unchecked is not None

    # --- the menu of a word ---

    def add_suggestions(self, menu: QMenu, cursor: QTextCursor) -> None:
        """Put what can be done with the word at the cursor on top of a menu, and the languages at its end."""
        word = self._wrong_word_at(cursor)
        first = menu.actions()[0] if menu.actions() else None
        if word is not None:
            for action in self._word_actions(menu, word):
                menu.insertAction(first, action)  # type: ignore[arg-type]
            if first is not None:
                menu.insertSeparator(first)
        menu.addSeparator()
        menu.addMenu(self._languages_menu(menu))

    def _word_actions(self, menu: QMenu, word: QTextCursor) -> list[QAction]:
        text = word.selectedText()
        actions = []
        for suggestion in self._spelling.speller.suggestions(text):
            action = QAction(suggestion, menu)
            font = action.font()
            font.setBold(True)
            action.setFont(font)
            action.triggered.connect(lambda _checked=False, better=suggestion: word.insertText(better))
            actions.append(action)
        if not actions:
            none = QAction(self.tr("No suggestions"), menu)
            none.setEnabled(False)
            actions.append(none)
        separator = QAction(menu)
        separator.setSeparator(True)
        learn = QAction(self.tr("Add to dictionary"), menu)
        learn.triggered.connect(lambda: self._spelling.learn(text))
        ignore = QAction(self.tr("Ignore"), menu)
        ignore.triggered.connect(lambda: self._spelling.ignore(text))
        return [*actions, separator, learn, ignore]

    def _languages_menu(self, parent: QMenu) -> QMenu:
        menu = QMenu(self.tr("Languages of the spell check"), parent)
        for language in self._spelling.speller.available:
            action = menu.addAction(language_name(language))
            action.setCheckable(True)
            action.setChecked(language in self._spelling.languages)
            action.toggled.connect(partial(self._spelling.choose, language))
        if menu.isEmpty():
            none = menu.addAction(self.tr("There is no dictionary on this computer"))
            none.setEnabled(False)
        return menu

    def _wrong_word_at(self, cursor: QTextCursor) -> QTextCursor | None:
        """The wrong word under a cursor, selected."""
        block, at = cursor.block(), cursor.positionInBlock()
        for start, length in self._wrong_words(block):
            if start <= at <= start + length:
                word = QTextCursor(block)
                word.setPosition(block.position() + start)
                word.setPosition(block.position() + start + length, QTextCursor.MoveMode.KeepAnchor)
                return word
        return None

    # --- checking ---

    def highlightBlock(self, text: str) -> None:
        if not text or not self._spelling.speller.languages:
            return
        if not self._has_time():
            self._check_from(self.currentBlock())
            return
        block = self.currentBlock()
        for start, length in self._wrong_words(block):
            self._mark(block, start, length)

    def _mark(self, block: QTextBlock, start: int, length: int) -> None:
        word = _Spared(block.blockNumber(), start, start + length)
        # Outside a walk this is called because of what is being typed.
        being_typed = not self._walking or self._spared == word
        if being_typed and word.touched_by(self._editor.textCursor()):
            self._spared = word
        else:
            self.setFormat(start, length, self._wrong)

    def _wrong_words(self, block: QTextBlock) -> list[tuple[int, int]]:
        """Start and length of the wrong words of a block, in UTF-16 units, as Qt counts."""
        if is_code(block) or quote_level(block) or not self._spelling.speller.languages:
            return []
        text = block.text()
        is_right = self._spelling.speller.is_right
        found = [word for word in words(text) if not is_right(word.text)]
        if found and not text.isascii() and max(text) > "\uffff":
            places = [(utf16_length(text[: word.start]), utf16_length(word.text)) for word in found]
        else:
            places = [(word.start, len(word.text)) for word in found]
        return [place for place in places if not _is_code_at(block, place[0])]

    # --- slices ---

    def _has_time(self) -> bool:
        """Whether the slice of this turn of the event loop is not used up."""
        now = time.perf_counter()
        if self._slice_began is None:
            self._slice_began = now
            self._slices.start()
        return now - self._slice_began < SLICE_SECONDS

    def _check_from(self, block: QTextBlock) -> None:
        """Leave a block and those behind it to the next slices."""
        if self._unchecked is None or block.position() < self._unchecked.position():
            # A cursor keeps its place when something is typed before it.
            self._unchecked = QTextCursor(block)

    def _next_slice(self) -> None:
        self._slice_began = None
        if self._unchecked is None:
            return
        block, self._unchecked = self._unchecked.block(), None
        while block.isValid() and self._unchecked is None:
            self._check(block)
            block = block.next()

    def _check(self, block: QTextBlock) -> None:
        """Mark a block anew in silence: Qt reports new underlines as a change of the document."""
        self._walking = True
        with QSignalBlocker(self.document()):
            self.rehighlightBlock(block)
        self._walking = False

    # --- keeping up ---

    def _cursor_moved(self) -> None:
        if self._spared is None or self._spared.touched_by(self._editor.textCursor()):
            return
        block = self.document().findBlockByNumber(self._spared.block)
        self._spared = None
        if block.isValid():
            self._check(block)

    def _choose_colour(self) -> None:
        self._wrong.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        self._wrong.setUnderlineColor(self._theme.colors().danger)

    def _recolour(self) -> None:
        self._choose_colour()
        self.check_all()


def language_name(language: str) -> str:
    """A language as its speakers call it: "de_DE" → "Deutsch", "de_LU" → "Deutsch (Luxemburg)"."""
    locale = QLocale(language)
    if locale.language() == QLocale.Language.C:
        return language
    usual = QLocale(locale.language())
    name = locale.nativeLanguageName()
    marks = [] if locale == usual or name != usual.nativeLanguageName() else [locale.nativeTerritoryName()]
    if language.startswith(f"{locale.name()}_"):
        marks.append(language.removeprefix(f"{locale.name()}_"))  # one of several, as "de_AT_frami"
    return " ".join([name[:1].upper() + name[1:], *(f"({mark})" for mark in marks if mark)])


def _is_code_at(block: QTextBlock, at: int) -> bool:
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + at + 1)
    return cursor.charFormat().fontFixedPitch()
