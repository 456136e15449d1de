"""Underlines of the spell check, and the menu of a wrong word."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTextEdit
from pytestqt.qtbot import QtBot

from qtmail.spelling.dictionaries import find_dictionaries
from qtmail.spelling.own_words import OwnWords
from qtmail.spelling.speller import Speller
from qtmail.ui.composer.document_html import fragment, load
from qtmail.ui.composer.spelling import SpellHighlighter, Spelling, language_name
from qtmail.ui.shared.immediate import Immediate
from qtmail.ui.shared.theme import Theme
from tests.fakes.step_background import StepBackground

WAVE = QTextCharFormat.UnderlineStyle.SpellCheckUnderline


@pytest.fixture
def speller(tmp_path: Path) -> Speller:
    return Speller(find_dictionaries, OwnWords(tmp_path / "words.txt"))


@pytest.fixture
def spelling(speller: Speller, qtbot: QtBot) -> Spelling:
    spelling = Spelling(speller, Immediate(), languages=["en_US"], delay_ms=0)
    with qtbot.waitSignal(spelling.changed):
        spelling.start()
    return spelling


@pytest.fixture
def editor(qtbot: QtBot) -> QTextEdit:
    editor = QTextEdit()
    qtbot.addWidget(editor)
    editor.show()
    editor.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    return editor


@pytest.fixture
def highlighter(editor: QTextEdit, spelling: Spelling) -> SpellHighlighter:
    return SpellHighlighter(editor, spelling, Theme())


def checked(highlighter: SpellHighlighter, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not highlighter.is_checking)


def marked(editor: QTextEdit) -> list[str]:
    """The words that are underlined, in order."""
    found = []
    block = editor.document().begin()
    while block.isValid():
        found += _marked_in(block)
        block = block.next()
    return found


def _marked_in(block: QTextBlock) -> list[str]:
    cursor = QTextCursor(block)
    found = []
    for one in block.layout().formats():
        if one.format.underlineStyle() == WAVE:
            cursor.setPosition(block.position() + one.start)
            cursor.setPosition(block.position() + one.start + one.length, QTextCursor.MoveMode.KeepAnchor)
            found.append(cursor.selectedText())
    return found


def cursor_in(editor: QTextEdit, word: str) -> QTextCursor:
    cursor = editor.document().find(word)
    cursor.setPosition(cursor.selectionStart() + 1)
    return cursor


def menu_for(highlighter: SpellHighlighter, editor: QTextEdit, word: str) -> QMenu:
    menu = QMenu(editor)
    menu.addAction("Paste")
    highlighter.add_suggestions(menu, cursor_in(editor, word))
    return menu


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions()]


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


class TestMarking:
    def test_wrong_words_are_marked(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot
    ) -> None:
        editor.setPlainText("A lettr to the wrold.\nYours 小明 😀 truely\n> qouted\nNASA www.exmaple.org")
        checked(highlighter, qtbot)
        assert marked(editor) == ["lettr", "wrold", "truely"]

    def test_what_is_quoted_and_what_is_code_is_not(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot
    ) -> None:
        html = "<p>wrold <code>lettr</code></p><blockquote><p>qouted</p></blockquote><pre>prnt(x)</pre>"
        load(editor.document(), html, {})
        checked(highlighter, qtbot)
        assert marked(editor) == ["wrold"]

    def test_the_word_being_typed_is_marked_when_it_is_left(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot
    ) -> None:
        checked(highlighter, qtbot)
        QTest.keyClicks(editor, "the wrold")
        assert marked(editor) == []
        QTest.keyClicks(editor, " i")
        assert marked(editor) == ["wrold"]

    def test_leaving_it_by_an_arrow_key_counts_too(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot
    ) -> None:
        checked(highlighter, qtbot)
        QTest.keyClicks(editor, "wrold")
        QTest.keyClick(editor, Qt.Key.Key_Left)
        assert marked(editor) == []
        QTest.keyClick(editor, Qt.Key.Key_Home)
        assert marked(editor) == ["wrold"]

    def test_a_document_that_is_opened_is_checked_and_stays_unmodified(
        self, editor: QTextEdit, spelling: Spelling, qtbot: QtBot
    ) -> None:
        editor.setPlainText("the wrold")
        highlighter = SpellHighlighter(editor, spelling, Theme())
        qtbot.waitUntil(lambda: marked(editor) == ["wrold"])
        assert not highlighter.is_checking
        assert not editor.document().isModified()

    def test_the_document_is_not_changed(
        self, editor: QTextEdit, highlighter: SpellHighlighter, spelling: Spelling, qtbot: QtBot
    ) -> None:
        load(editor.document(), "<p>the <b>wrold</b> and lettr</p>", {})
        editor.document().clearUndoRedoStacks()
        editor.document().setModified(False)
        with (
            qtbot.assertNotEmitted(editor.document().contentsChanged),
            qtbot.assertNotEmitted(editor.textChanged),
        ):
            highlighter.check_all()
            checked(highlighter, qtbot)
            spelling.ignore("lettr")
            checked(highlighter, qtbot)
        assert marked(editor) == ["wrold"]
        assert not editor.document().isModified()
        assert not editor.document().isUndoAvailable()
        assert fragment(editor.document()) == "<p>the <b>wrold</b> and lettr</p>"
        assert "SpellCheck" not in editor.toHtml() and "wave" not in editor.toHtml()

    def test_marks_come_when_the_dictionary_was_read(
        self, editor: QTextEdit, speller: Speller, qtbot: QtBot
    ) -> None:
        background = StepBackground()
        spelling = Spelling(speller, background, languages=["en_US"], delay_ms=0)
        highlighter = SpellHighlighter(editor, spelling, Theme())
        editor.setPlainText("wrold here")
        checked(highlighter, qtbot)
        spelling.start()
        spelling.start()  # a second composer
        qtbot.waitUntil(lambda: len(background.waiting) == 1)
        assert marked(editor) == []
        background.run()
        checked(highlighter, qtbot)
        assert marked(editor) == ["wrold"]

    def test_a_long_document_is_checked_in_slices(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qtmail.ui.composer.spelling.SLICE_SECONDS", 0.0)
        editor.setPlainText("\n".join(["the wrold"] * 50))
        assert highlighter.is_checking
        assert len(marked(editor)) < 50
        monkeypatch.setattr("qtmail.ui.composer.spelling.SLICE_SECONDS", 0.001)
        checked(highlighter, qtbot)
        assert len(marked(editor)) == 50

    def test_typing_while_it_is_checked_loses_nothing(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qtmail.ui.composer.spelling.SLICE_SECONDS", 0.0)
        editor.setPlainText("\n".join(["the wrold"] * 50))
        cursor = QTextCursor(editor.document())
        cursor.insertText("lettr of\n\n")
        cursor.movePosition(QTextCursor.MoveOperation.Down, QTextCursor.MoveMode.KeepAnchor, 9)
        cursor.removeSelectedText()
        monkeypatch.setattr("qtmail.ui.composer.spelling.SLICE_SECONDS", 0.001)
        checked(highlighter, qtbot)
        assert marked(editor) == ["lettr"] + ["wrold"] * 41


class TestMenu:
    @pytest.fixture(autouse=True)
    def text(self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot) -> None:
        editor.setPlainText("the wrold is wrold")
        checked(highlighter, qtbot)

    def test_suggestions_come_first(self, editor: QTextEdit, highlighter: SpellHighlighter) -> None:
        menu = menu_for(highlighter, editor, "wrold")
        words = texts(menu)[: texts(menu).index("")]
        assert "world" in words and len(words) <= 5
        assert (
            texts(menu).index("Add to dictionary") < texts(menu).index("Ignore") < texts(menu).index("Paste")
        )

    def test_a_right_word_has_none(self, editor: QTextEdit, highlighter: SpellHighlighter) -> None:
        menu = menu_for(highlighter, editor, "the")
        assert texts(menu)[0] == "Paste"
        assert texts(menu)[-1] == "Languages of the spell check"

    def test_a_computer_without_dictionaries_says_so(
        self, editor: QTextEdit, tmp_path: Path, qtbot: QtBot
    ) -> None:
        spelling = Spelling(Speller(dict, OwnWords(tmp_path / "words.txt")), Immediate(), delay_ms=0)
        with qtbot.waitSignal(spelling.changed):
            spelling.start()
        menu = menu_for(SpellHighlighter(editor, spelling, Theme()), editor, "wrold")
        languages = menu.actions()[-1].menu()
        assert isinstance(languages, QMenu) and languages.isEnabled()
        assert texts(languages) == ["There is no dictionary on this computer"]

    def test_a_suggestion_replaces_the_word_and_keeps_its_looks(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot
    ) -> None:
        load(editor.document(), "<p>the <b>wrold</b> turns</p>", {})
        checked(highlighter, qtbot)
        choose(menu_for(highlighter, editor, "wrold"), "world")
        assert fragment(editor.document()) == "<p>the <b>world</b> turns</p>"
        editor.undo()
        assert fragment(editor.document()) == "<p>the <b>wrold</b> turns</p>"

    def test_added_words_are_right_everywhere_and_kept(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot, tmp_path: Path
    ) -> None:
        choose(menu_for(highlighter, editor, "wrold"), "Add to dictionary")
        checked(highlighter, qtbot)
        assert marked(editor) == []
        assert (tmp_path / "words.txt").read_text("utf-8") == "wrold\n"

    def test_ignored_words_are_right_for_now(
        self, editor: QTextEdit, highlighter: SpellHighlighter, qtbot: QtBot, tmp_path: Path
    ) -> None:
        choose(menu_for(highlighter, editor, "wrold"), "Ignore")
        checked(highlighter, qtbot)
        assert marked(editor) == []
        assert not (tmp_path / "words.txt").exists()

    def test_languages_are_turned_off_and_on(
        self, editor: QTextEdit, highlighter: SpellHighlighter, spelling: Spelling, qtbot: QtBot
    ) -> None:
        menu = menu_for(highlighter, editor, "the").actions()[-1].menu()
        assert isinstance(menu, QMenu)
        english = next(action for action in menu.actions() if "English" in action.text())
        assert english.isChecked()
        with qtbot.waitSignal(spelling.languages_chosen) as chosen:
            english.trigger()
        assert chosen.args == [()]
        checked(highlighter, qtbot)
        assert marked(editor) == []
        english.trigger()
        checked(highlighter, qtbot)
        assert marked(editor) == ["wrold", "wrold"]


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en_US", "American English"),
        ("de_DE", "Deutsch"),
        ("de_AT_frami", "Österreichisches Deutsch (frami)"),
        ("de_LU", "Deutsch (Luxemburg)"),
        ("xx_YY", "xx_YY"),
    ],
)
def test_languages_are_called_as_their_speakers_do(language: str, name: str) -> None:
    assert language_name(language) == name
