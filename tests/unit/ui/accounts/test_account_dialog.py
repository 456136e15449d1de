from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from qtmail.domain.account import Account, Security
from qtmail.domain.diagnosis import Verdict
from qtmail.errors import Layer
from qtmail.ui.accounts.account_dialog import AccountDialog
from tests.fakes.mail_service import FakeMailService
from tests.fakes.window import light_theme


@pytest.fixture
def service(qapp):
    return FakeMailService()


@pytest.fixture
def dialog(qapp, qtbot, service):
    dialog = AccountDialog(service, light_theme(qapp))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def fill_in(dialog: AccountDialog, qtbot) -> None:
    qtbot.keyClicks(dialog.full_name, "Ann Berg")
    qtbot.keyClicks(dialog.address, "ann@berg.example")
    qtbot.keyClicks(dialog.password, "secret")


def test_the_address_suggests_the_servers(dialog, qtbot):
    fill_in(dialog, qtbot)
    account = dialog.account()
    assert account is not None and account.smtp is not None
    assert (account.imap.host, account.imap.port, account.imap.security) == (
        "imap.berg.example",
        993,
        Security.TLS,
    )
    assert (account.smtp.host, account.smtp.port, account.smtp.user) == (
        "smtp.berg.example",
        465,
        "ann@berg.example",
    )
    assert (account.full_name, account.address) == ("Ann Berg", "ann@berg.example")


def test_what_the_user_typed_is_not_suggested_away(dialog, qtbot):
    qtbot.keyClicks(dialog.imap.host, "mail.elsewhere.example")
    fill_in(dialog, qtbot)
    assert dialog.imap.host.text() == "mail.elsewhere.example"
    assert dialog.smtp.host.text() == "smtp.berg.example"


def test_the_port_follows_the_encryption_unless_it_is_the_user_s_own(dialog):
    dialog.imap.security.setCurrentIndex(1)
    assert dialog.imap.port.value() == 143
    dialog.imap.port.setValue(10143)
    dialog.imap.security.setCurrentIndex(0)
    assert dialog.imap.port.value() == 10143


def test_nothing_can_be_added_before_all_is_there(dialog, qtbot):
    assert not dialog.add_button.isEnabled()
    qtbot.keyClicks(dialog.address, "ann@berg.example")
    assert not dialog.add_button.isEnabled()
    qtbot.keyClicks(dialog.password, "secret")
    assert dialog.add_button.isEnabled()
    dialog.imap.host.clear()
    assert not dialog.add_button.isEnabled()


def test_adding_hands_over_account_password_and_whether_to_keep_it(dialog, qtbot):
    fill_in(dialog, qtbot)
    with qtbot.waitSignal(dialog.account_added) as added:
        qtbot.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    account, password, keep = added.args
    assert isinstance(account, Account)
    assert (password, keep) == ("secret", True)


def test_the_test_shows_a_verdict_for_every_step(dialog, qtbot, service):
    fill_in(dialog, qtbot)
    qtbot.mouseClick(dialog.test_button, Qt.MouseButton.LeftButton)
    account, password, done = service.tests[-1]
    assert (account.imap.host, password) == ("imap.berg.example", "secret")
    assert not dialog.test_button.isEnabled()
    done(
        [
            Verdict("", Layer.CONNECTION, True, "The server answers.", seconds=0.05),
            Verdict("", Layer.SIGN_IN, False, "The password was refused.", "Use an app password."),
        ]
    )
    texts = [
        label.text() for label in dialog.verdicts.findChildren(type(dialog.verdicts._grid.itemAt(0).widget()))
    ]
    assert "The password was refused. Use an app password." in texts
    assert "50 ms" in texts
    assert dialog.test_button.isEnabled()


def test_a_late_verdict_of_an_earlier_test_is_not_shown(dialog, qtbot, service):
    fill_in(dialog, qtbot)
    dialog._test()
    dialog._test()
    service.tests[0][2]([Verdict("", Layer.TLS, False, "Old news.")])
    assert not dialog.test_button.isEnabled()
    service.tests[1][2]([Verdict("", Layer.TLS, True, "Fine.")])
    assert dialog.test_button.isEnabled()


def test_a_missing_password_store_is_said_plainly(qapp, qtbot, service):
    service.keyring = "No password store was found."
    dialog = AccountDialog(service, light_theme(qapp))
    qtbot.addWidget(dialog)
    assert not dialog.keyring.isEnabled()
    assert not dialog.keyring.isChecked()
    assert "no password store" in dialog.keyring.text()
    assert dialog.keyring.toolTip() == "No password store was found."
