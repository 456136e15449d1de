from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QRadioButton

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.ui.accounts.assistant.pop3_page import Pop3Page


@pytest.fixture
def page(qapp, qtbot):
    page = Pop3Page()
    qtbot.addWidget(page)
    page.show()
    return page


def choose(page, words: str) -> None:
    button = next(button for button in page.findChildren(QRadioButton) if words in button.text())
    button.click()


def test_nothing_is_removed_from_the_server_unless_asked_for(page):
    assert page.policy() == Pop3Policy(Pop3Keep.KEEP)


@pytest.mark.parametrize(
    ("words", "keep"),
    [
        ("Everything stays", Pop3Keep.KEEP),
        ("until I delete", Pop3Keep.UNTIL_DELETED),
        ("It stays for", Pop3Keep.DAYS),
        ("Nothing:", Pop3Keep.DELETE),
    ],
)
def test_each_sentence_is_a_rule(page, words, keep):
    choose(page, words)
    assert page.policy().keep is keep


def test_setting_a_number_chooses_what_it_belongs_to(page):
    page.days.setValue(30)
    assert (page.policy().keep, page.policy().days) == (Pop3Keep.DAYS, 30)
    page.newest.setValue(100)
    assert (page.policy().keep, page.policy().newest_count) == (Pop3Keep.NEWEST, 100)


def test_the_newest_are_counted_in_messages_or_megabytes(page, qtbot):
    choose(page, "Only the newest")
    page.newest.setValue(2)
    page.newest_unit.setFocus()
    qtbot.keyClick(page.newest_unit, Qt.Key.Key_Down)
    policy = page.policy()
    assert (policy.newest_count, policy.newest_bytes) == (0, 2 * 1024 * 1024)


def test_large_messages_are_fetched_whole_unless_asked_for(page):
    assert page.policy().headers_only_over == 0
    page.large_size.setValue(3)
    assert page.policy().headers_only_over == 3 * 1024 * 1024
    page.large.setChecked(False)
    assert page.policy().headers_only_over == 0


def test_where_mail_goes_is_a_question_of_its_own(page):
    choose(page, "Nothing:")
    choose(page, "Local folders")
    assert page.wants_local_folders
    assert page.policy().keep is Pop3Keep.DELETE
