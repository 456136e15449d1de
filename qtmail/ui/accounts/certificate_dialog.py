"""Shows the certificate of a server that could not prove who it is, and lets the user vouch for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.events import Problem
from qtmail.ui.shared.dates import full_date

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a person can check about a certificate.

    Attributes:
        names: the host names and addresses it is for.
        owner, issuer: who it belongs to and who says so.
        fingerprint: SHA-256 over the certificate, as pairs of hexadecimal digits with colons.
        self_signed: whether only its owner vouches for it.
    """

    names: tuple[str, ...]
    owner: str
    issuer: str
    not_before: datetime
    not_after: datetime
    fingerprint: str
    self_signed: bool


def certificate_facts(pem: str) -> CertificateFacts:
    """Read a certificate in PEM. Raises ValueError if it is none."""
    # cryptography takes 60 ms to import, and hardly anyone ever opens this dialog.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    certificate = x509.load_pem_x509_certificate(pem.encode())
    digits = certificate.fingerprint(SHA256()).hex().upper()
    return CertificateFacts(
        names=_names(certificate),
        owner=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        fingerprint=":".join(digits[at : at + 2] for at in range(0, len(digits), 2)),
        self_signed=certificate.subject == certificate.issuer,
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


class CertificateDialog(QDialog):
    """The facts, and two buttons: not to trust it, which is the default, and to trust it.

    Signals:
        trusted: the user vouches for this certificate on this server; carries the Problem.
    """

    trusted = Signal(object)

    def __init__(self, problem: Problem, server: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem = problem
        self.setWindowTitle(self.tr("Certificate of {server}").format(server=server))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(14)
        layout.addWidget(_paragraph(problem.sentence, bold=True))
        try:
            facts = certificate_facts(problem.certificate)
        except ValueError:
            layout.addWidget(_paragraph(self.tr("What the server showed is not a certificate.")))
            facts = None
        if facts is not None:
            layout.addLayout(self._form(facts))
            layout.addWidget(self._warning(server))
        layout.addWidget(self._buttons(can_trust=facts is not None))
        self.setMinimumWidth(560)

    def _form(self, facts: CertificateFacts) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        issuer = self.tr("itself (nobody else vouches for it)") if facts.self_signed else facts.issuer
        fingerprint = _value(_in_rows(facts.fingerprint))
        fingerprint.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for title, value in (
            (self.tr("For"), _value(", ".join(facts.names) or self.tr("no host name"))),
            (self.tr("Belongs to"), _value(facts.owner or self.tr("nobody named"))),
            (self.tr("Issued by"), _value(issuer)),
            (self.tr("Valid from"), _value(full_date(facts.not_before))),
            (self.tr("Valid until"), _value(full_date(facts.not_after))),
            (self.tr("SHA-256"), fingerprint),
        ):
            label = QLabel(title)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            value.setAccessibleName(f"{title}: {value.text()}")
            form.addRow(label, value)
        return form

    def _warning(self, server: str) -> QLabel:
        return _paragraph(
            self.tr(
                "Trust it only if whoever runs {server} told you this fingerprint. Otherwise someone on the "
                "line may be pretending to be your server, and would learn your password. If you trust it, "
                "that holds for this server and this certificate only."
            ).format(server=server)
        )

    def _buttons(self, *, can_trust: bool) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        trust = QPushButton(self.tr("Trust this certificate"))
        trust.setAutoDefault(False)
        trust.setEnabled(can_trust)
        trust.clicked.connect(lambda _checked: self._trust())
        refuse = QPushButton(self.tr("Do not trust it"))
        refuse.setDefault(True)
        refuse.clicked.connect(lambda _checked: self.reject())
        buttons.addButton(trust, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(refuse, QDialogButtonBox.ButtonRole.RejectRole)
        refuse.setFocus()
        return buttons

    def _trust(self) -> None:
        self.trusted.emit(self._problem)
        self.accept()


def _in_rows(fingerprint: str) -> str:
    """Half the digits in each of two lines, so that they can be compared with what is on paper."""
    half = len(fingerprint) // 2 + 1
    return f"{fingerprint[:half]}\n{fingerprint[half:]}"


def _paragraph(text: str, *, bold: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    font = label.font()
    font.setBold(bold)
    label.setFont(font)
    return label


def _value(text: str) -> QLabel:
    label = _paragraph(text)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
