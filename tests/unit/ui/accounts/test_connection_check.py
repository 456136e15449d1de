from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from qtmail.domain.diagnosis import Verdict
from qtmail.errors import Layer
from qtmail.ui.accounts.connection_check import ConnectionCheck
from qtmail.ui.accounts.verdict_list import layer_title
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.window import light_theme

LEFT = Qt.MouseButton.LeftButton
IMAP, SMTP = "imap.personal.example:993", "smtp.personal.example:465"
ANSWERS = Verdict(IMAP, Layer.CONNECTION, True, "Port 993 answers.", seconds=0.034)
REFUSED = Verdict(
    SMTP,
    Layer.SIGN_IN,
    False,
    "It did not accept the user name me.",
    "Check both.",
    "535 me@home.example",
)
SOUND = Verdict("", Layer.STORE, True, "The local databases are sound.", seconds=1.5)


@pytest.fixture
def service():
    return FakeMailService([account()])


@pytest.fixture
def dialog(service, qapp, qtbot):
    dialog = ConnectionCheck(service, account(), light_theme(qapp))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def answer(service, *servers: Verdict, computer: Verdict = SOUND) -> None:
    service.checks.pop()[1](list(servers))
    service.computer_checks.pop()([computer])


def texts(dialog) -> list[str]:
    """What is shown of the steps, row by row."""
    layout = dialog.verdicts.layout()
    widgets = [layout.itemAt(at).widget() for at in range(layout.count())]
    return [label.text() for label in widgets if isinstance(label, QLabel)]


def test_it_waits_with_something_to_see(dialog):
    assert dialog.waiting.isVisible()
    assert dialog.summary.text() == "Asking the servers…"
    assert not dialog.copy_button.isEnabled() and not dialog.again_button.isEnabled()


def test_what_the_servers_said_is_shown_while_this_computer_is_looked_at(dialog, service):
    service.checks.pop()[1]([ANSWERS])
    assert "Port 993 answers." in texts(dialog)
    assert dialog.waiting.isVisible()
    assert dialog.summary.text() == "Asking the servers…"


def test_it_says_first_whether_all_works(dialog, service):
    answer(service, ANSWERS)
    assert dialog.summary.text() == "Everything works."
    assert not dialog.waiting.isVisible()


def test_each_server_has_its_steps_with_advice_where_one_failed(dialog, service):
    answer(service, ANSWERS, REFUSED)
    assert dialog.summary.text() == "What failed: Sign-in."
    shown = texts(dialog)
    assert shown.index(IMAP) < shown.index("Port 993 answers.") < shown.index(SMTP)
    assert "It did not accept the user name me. Check both." in shown
    assert shown.index(SMTP) < shown.index("This computer") < shown.index("The local databases are sound.")
    assert {"34 ms", "1.5 s"} <= set(shown)


def test_it_is_done_again_from_the_start(dialog, service, qtbot):
    answer(service, REFUSED)
    qtbot.mouseClick(dialog.again_button, LEFT)
    assert dialog.waiting.isVisible()
    assert IMAP not in texts(dialog) and SMTP not in texts(dialog)
    answer(service, ANSWERS)
    assert dialog.summary.text() == "Everything works."


def test_the_report_is_copied_without_the_user_s_name(dialog, service, qtbot):
    answer(service, ANSWERS, REFUSED)
    qtbot.mouseClick(dialog.copy_button, LEFT)
    report = QGuiApplication.clipboard().text()
    assert f"[ok] {IMAP} connection (34 ms): Port 993 answers." in report
    assert "PySide6" in report
    assert "did not accept the user name m…." in report and "535 m…@home.example" in report
    assert "me@" not in report
    assert dialog.copy_button.text() == "&Copied"


def test_an_account_that_was_changed_is_tried_as_it_stands(service, qapp, qtbot):
    changed = account(name="Changed")
    dialog = ConnectionCheck(service, changed, light_theme(qapp), saved=False)
    qtbot.addWidget(dialog)
    assert service.checks == []
    (tested, secret, done) = service.tests[0]
    assert (tested, secret) == (changed, None)
    done([ANSWERS])
    assert "Port 993 answers." in texts(dialog)


@pytest.mark.parametrize("layer", Layer)
def test_every_layer_has_a_title(layer: Layer):
    assert layer_title(layer)


def test_what_failed_is_in_sight_however_much_worked(dialog, service, qtbot):
    answer(service, *[ANSWERS] * 40, REFUSED)
    fault = dialog.verdicts.first_fault
    assert "did not accept" in fault.text()
    qtbot.waitUntil(lambda: not fault.visibleRegion().isEmpty())


def test_a_remark_is_neither_a_fault_nor_a_success(dialog, service):
    none = Verdict("", Layer.KEYRING, True, "There is no password store.", "They are asked for.", remark=True)
    answer(service, ANSWERS, computer=none)
    assert dialog.summary.text() == "Everything works."
    assert "There is no password store. They are asked for." in texts(dialog)
    marks = dialog.verdicts.findChildren(QLabel)
    assert "a remark" in [mark.accessibleName() for mark in marks]
