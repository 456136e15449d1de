from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from qtmail.errors import KeyringFailed
from qtmail.ui.accounts.keyring_choice import KeyringChoice


@pytest.fixture
def choice(qapp, qtbot):
    choice = KeyringChoice()
    qtbot.addWidget(choice)
    choice.show()
    return choice


def type_master(choice: KeyringChoice, once: str, again: str) -> None:
    choice.vault.click()
    choice.master.setText(once)
    choice.again.setText(again)


@pytest.mark.parametrize("problem", ["", None])
def test_a_usable_store_keeps_passwords_unless_the_user_does_not_want_that(choice, problem):
    choice.show_problem(problem)
    assert choice.remembers() and choice.settled()
    choice.keep.click()
    assert not choice.remembers()


def test_without_a_store_it_is_said_and_nothing_is_kept_by_itself(choice):
    choice.show_problem("No password store was found.")
    texts = [label.text() for label in choice.findChildren(QLabel)]
    assert any("No password store was found." in text for text in texts)
    assert not choice.keep.isVisible()
    assert choice.settled() and not choice.remembers()


def test_a_file_wants_the_same_master_password_twice(choice, qtbot):
    choice.show_problem("No password store was found.")
    type_master(choice, "a long one", "a long")
    assert not choice.make_button.isEnabled()
    assert "twice" in choice.note.text()
    choice.again.setText("a long one")
    with qtbot.waitSignal(choice.vault_requested) as requested:
        choice.make_button.click()
    assert requested.args == ["a long one"]


def test_a_file_is_made_without_the_mouse(choice, qtbot):
    choice.show_problem("No password store was found.")
    asked: list[str] = []
    choice.vault_requested.connect(asked.append)
    choice.vault.click()
    for field in (choice.master, choice.again):
        assert asked == []
        qtbot.keyClicks(field, "a long one")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(choice.again, Qt.Key.Key_Return)
    assert asked == ["a long one"]
    choice.show_vault()
    assert choice.focusWidget() is choice.vault


def test_the_choice_of_a_file_is_open_until_there_is_one(choice):
    choice.show_problem("No password store was found.")
    type_master(choice, "a long one", "a long one")
    assert not choice.settled()
    choice.show_vault()
    assert choice.settled() and choice.remembers()
    assert choice.master.text() == "" and not choice.master.isVisible()
    choice.session.click()
    assert choice.settled() and not choice.remembers()


def test_a_file_that_cannot_be_made_can_be_tried_again(choice):
    choice.show_problem("No password store was found.")
    type_master(choice, "a long one", "a long one")
    choice.make_button.click()
    assert not choice.make_button.isEnabled()
    choice.show_vault_fault(KeyringFailed("The disk is full."))
    assert choice.note.text() == "The disk is full."
    assert choice.make_button.isEnabled()
    assert not choice.settled()


def test_a_master_password_that_is_too_short_is_not_taken(choice):
    choice.show_problem("No password store was found.")
    type_master(choice, "short", "short")
    assert not choice.make_button.isEnabled()
    assert "Too short" in choice.note.text()


def test_it_is_said_how_strong_it_is_and_what_happens_if_it_is_forgotten(choice):
    choice.show_problem("No password store was found.")
    type_master(choice, "correct horse battery staple", "correct horse battery staple")
    assert choice.note.text().startswith("Strong.")
    assert "forgotten" in choice.note.text()
    assert choice.make_button.isEnabled()
