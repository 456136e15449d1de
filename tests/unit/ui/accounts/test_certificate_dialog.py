"""What a person can check of a certificate, and that trusting it takes a decision."""

from __future__ import annotations

import pytest
import trustme
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from qtmail.domain.events import Problem
from qtmail.protocols.certificates import fingerprint
from qtmail.ui.accounts.certificate_dialog import CertificateDialog

SERVER = "imap.example.org:993"
TRUST = f"Trust this certificate for {SERVER}"


@pytest.fixture(scope="module")
def issuer() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def pem(issuer: trustme.CA) -> str:
    return issuer.issue_cert("mail.example.org", "127.0.0.1").cert_chain_pems[0].bytes().decode()


def dialog_for(pem: str, qtbot, changes: tuple[str, ...] = ()) -> CertificateDialog:
    problem = Problem(1, "The certificate is for another server.", certificate=pem)
    dialog = CertificateDialog(problem, SERVER, None, changes=changes)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def texts(dialog: CertificateDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def button(dialog: CertificateDialog, text: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == text)


def test_what_a_person_can_check_is_shown(pem, qapp, qtbot):
    shown = texts(dialog_for(pem, qtbot))
    assert fingerprint(pem) in [text.replace("\n", "").replace(":", "").lower() for text in shown]
    assert "mail.example.org, 127.0.0.1" in shown
    assert any("trustme" in text for text in shown)
    assert "ECDSA, secp256r1; signed with SHA256" in shown


def test_a_certificate_that_only_its_owner_vouches_for(issuer, qapp, qtbot):
    shown = texts(dialog_for(issuer.cert_pem.bytes().decode(), qtbot))
    assert "itself (nobody else vouches for it)" in shown
    assert "no host name" in shown


def test_what_changed_is_shown(pem, qapp, qtbot):
    changes = (
        "The server's key is another one than last time.",
        "It was issued by CN=A, the last one by CN=B.",
    )
    shown = texts(dialog_for(pem, qtbot, changes))
    assert set(changes) < set(shown)
    assert "Compared with last time" in shown
    assert "Compared with last time" not in texts(dialog_for(pem, qtbot))


def test_enter_does_not_trust(pem, qapp, qtbot):
    dialog = dialog_for(pem, qtbot)
    trusted: list[Problem] = []
    dialog.trusted.connect(trusted.append)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert trusted == []


def test_trusting_takes_a_click_on_the_button_that_says_what_is_trusted(pem, qapp, qtbot):
    dialog = dialog_for(pem, qtbot)
    with qtbot.waitSignal(dialog.trusted) as trusted:
        qtbot.mouseClick(button(dialog, TRUST), Qt.MouseButton.LeftButton)
    assert trusted.args[0].certificate == pem


def test_what_is_not_a_certificate_cannot_be_trusted(qapp, qtbot):
    assert not button(dialog_for("nonsense", qtbot), TRUST).isEnabled()
