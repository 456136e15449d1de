from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from qtmail.domain.events import Problem
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import ConnectionFailed, Layer, Retry
from qtmail.ui.accounts.sign_in_prompts import SignInPrompts
from qtmail.ui.activity.problem_bar import ProblemBar
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.window import light_theme

LEFT = Qt.MouseButton.LeftButton
OWN_CLIENT = SignIn(SignInMethod.OAUTH, "microsoft", client_id="mine")
EXPIRED = Problem(1, "Microsoft wants you to sign in again.", layer=Layer.SIGN_IN, retry=Retry.ASK_USER)
LOCKED = Problem(0, "The passwords are locked.", layer=Layer.KEYRING, retry=Retry.ASK_USER, unlock=True)
PERMISSION = Permission("refresh", "access", 1_900_000_000.0)


class Bench:
    def __init__(self, app, qtbot) -> None:
        self.service = FakeMailService([replace(account(), sign_in=OWN_CLIENT)])
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.show()
        self.prompts = SignInPrompts(self.service, light_theme(app), self.window)  # type: ignore[arg-type]
        self.problems = ProblemBar(light_theme(app), self.window)
        self.prompts.follow(self.problems)

    @property
    def dialog(self):
        (dialog,) = [one for one in self.window.findChildren(QDialog) if one.isVisible()]
        return dialog

    @property
    def open(self) -> bool:
        return any(one.isVisible() for one in self.window.findChildren(QDialog))


@pytest.fixture
def bench(qapp, qtbot):
    return Bench(qapp, qtbot)


def test_the_permission_the_provider_gives_is_kept_for_the_account(bench, qtbot):
    bench.problems.sign_in_requested.emit(EXPIRED)
    bench.dialog.panel.device_button.click()
    (search,) = bench.service.sign_ins
    search.answer(PERMISSION)
    assert bench.service.permissions == [(1, PERMISSION, True)]
    assert not bench.open


def test_another_client_id_is_stored_with_the_account(bench):
    bench.prompts.sign_in(EXPIRED)
    bench.dialog.panel.client.id.setText("another")
    bench.dialog.panel.device_button.click()
    bench.service.sign_ins[0].answer(PERMISSION)
    assert bench.service.accounts()[0].sign_in == replace(OWN_CLIENT, client_id="another")


def test_closing_the_dialog_gives_up(bench, qtbot):
    bench.prompts.sign_in(EXPIRED)
    bench.dialog.panel.device_button.click()
    qtbot.keyClick(bench.dialog, Qt.Key.Key_Escape)
    assert bench.service.sign_ins[0].cancelled
    assert bench.service.permissions == []


def test_a_fault_of_the_provider_leaves_the_account_and_another_try(bench):
    bench.prompts.sign_in(EXPIRED)
    bench.dialog.panel.device_button.click()
    bench.service.sign_ins[0].fail(ConnectionFailed("Microsoft does not answer."))
    assert bench.dialog.panel.device_button.isVisible()
    assert [one.id for one in bench.service.accounts()] == [1]


def test_an_account_that_is_gone_is_not_asked_about(bench):
    bench.prompts.sign_in(replace(EXPIRED, account_id=7))
    assert not bench.open


def test_the_file_is_unlocked_and_all_accounts_try_again(bench, qtbot):
    bench.problems.unlock_requested.emit(LOCKED)
    dialog = bench.dialog
    qtbot.keyClicks(dialog.password, "wrong")
    qtbot.mouseClick(dialog.unlock_button, LEFT)
    assert dialog.notices.notice("fault").text() == "This is not the master password. Enter it again."
    assert bench.service.synced == []
    qtbot.keyClicks(dialog.password, bench.service.master_password)
    qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
    assert bench.service.synced == [None]
    assert dialog.password.text() == ""
    assert not bench.open


def test_a_forgotten_master_password_leads_to_a_new_start_after_a_warning(bench, qtbot):
    bench.problems.unlock_requested.emit(LOCKED)
    dialog = bench.dialog
    qtbot.mouseClick(dialog.forgotten_button, LEFT)
    assert not bench.service.vault_forgotten
    notice = dialog.notices.notice("forgotten")
    assert "your mail stays" in notice.text()
    (start_again,) = [one for one in notice.findChildren(QPushButton) if one.text() == "Start again"]
    qtbot.mouseClick(start_again, LEFT)
    assert bench.service.vault_forgotten
    assert bench.service.synced == [None]
    assert not bench.open


def test_the_master_password_is_changed_by_whoever_knows_the_old_one(bench, qtbot):
    bench.prompts.change_master_password()
    dialog = bench.dialog
    qtbot.keyClicks(dialog.old, "wrong")
    for field in (dialog.new.first, dialog.new.second):
        assert not dialog.change_button.isEnabled()
        qtbot.keyClicks(field, "four plain words")
    qtbot.mouseClick(dialog.change_button, LEFT)
    assert "not the master password" in dialog.notices.notice("fault").text()
    assert bench.service.master_password == "open sesame"
    dialog.old.setText("open sesame")
    qtbot.mouseClick(dialog.change_button, LEFT)
    assert bench.service.master_password == "four plain words"
    assert dialog.old.text() == dialog.new.first.text() == ""
    assert not bench.open


def test_without_a_file_for_passwords_there_is_no_master_password_to_change(bench):
    bench.service.master_password = ""
    bench.prompts.change_master_password()
    assert "There is no master password" in bench.dialog.notices.notice("fault").text()
    assert not bench.dialog.old.isEnabled()
