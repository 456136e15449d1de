from __future__ import annotations

import hashlib
import ssl

import pytest
import trustme
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from qtmail.domain.events import Problem
from qtmail.ui.accounts.certificate_dialog import CertificateDialog, certificate_facts


@pytest.fixture(scope="module")
def pem() -> str:
    return trustme.CA().issue_cert("mail.example.org", "127.0.0.1").cert_chain_pems[0].bytes().decode()


def dialog_for(pem: str, qtbot) -> CertificateDialog:
    problem = Problem(1, "The certificate is for another server.", certificate=pem)
    dialog = CertificateDialog(problem, "imap.example.org:993", None)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def button(dialog: CertificateDialog, text: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == text)


def test_the_facts_of_a_certificate(pem):
    facts = certificate_facts(pem)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert facts.names == ("mail.example.org", "127.0.0.1")
    assert facts.fingerprint.replace(":", "").lower() == digest
    assert facts.not_before < facts.not_after
    assert not facts.self_signed
    assert "trustme" in facts.issuer


def test_the_fingerprint_and_the_names_are_shown(pem, qapp, qtbot):
    texts = [label.text() for label in dialog_for(pem, qtbot).findChildren(QLabel)]
    assert certificate_facts(pem).fingerprint in [text.replace("\n", "") for text in texts]
    assert "mail.example.org, 127.0.0.1" in texts


def test_enter_does_not_trust(pem, qapp, qtbot):
    dialog = dialog_for(pem, qtbot)
    trusted: list[Problem] = []
    dialog.trusted.connect(trusted.append)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert trusted == []


def test_trusting_takes_a_click_on_the_other_button(pem, qapp, qtbot):
    dialog = dialog_for(pem, qtbot)
    with qtbot.waitSignal(dialog.trusted) as trusted:
        qtbot.mouseClick(button(dialog, "Trust this certificate"), Qt.MouseButton.LeftButton)
    assert trusted.args[0].certificate == pem


def test_what_is_not_a_certificate_cannot_be_trusted(qapp, qtbot):
    dialog = dialog_for("nonsense", qtbot)
    assert not button(dialog, "Trust this certificate").isEnabled()
