from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from qtmail.domain.events import Problem
from qtmail.ui.accounts.password_prompt import PasswordPrompt
from tests.fakes.mail_service import account


@pytest.fixture
def prompt(qapp, qtbot):
    prompt = PasswordPrompt(account(), Problem(1, "The server refused the password."))
    qtbot.addWidget(prompt)
    prompt.show()
    return prompt


def test_it_says_why_for_whom_and_where(prompt):
    texts = [label.text() for label in prompt.findChildren(QLabel)]
    assert "The server refused the password." in texts
    assert "imap.personal.example" in texts
    assert "me@personal.example" in texts


def test_what_a_server_said_is_no_markup(qapp, qtbot):
    said = PasswordPrompt(account(), Problem(1, "The server said “<img src='x'>no</b>”."))
    qtbot.addWidget(said)
    (words,) = (one for one in said.findChildren(QLabel) if "<img" in one.text())
    assert words.textFormat() == Qt.TextFormat.PlainText


def test_enter_answers_and_the_field_forgets(prompt, qtbot):
    qtbot.keyClicks(prompt.password, "secret")
    with qtbot.waitSignal(prompt.answered) as answered:
        qtbot.keyClick(prompt.password, Qt.Key.Key_Return)
    assert answered.args == ["secret", True]
    assert prompt.password.text() == ""


def test_an_empty_password_is_no_answer(prompt, qtbot):
    qtbot.keyClick(prompt.password, Qt.Key.Key_Return)
    assert prompt.isVisible()


def test_dots_until_the_user_wants_to_see(prompt):
    assert prompt.password.echoMode() == QLineEdit.EchoMode.Password
    prompt.password.actions()[0].trigger()
    assert prompt.password.echoMode() == QLineEdit.EchoMode.Normal
