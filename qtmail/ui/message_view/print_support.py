"""What stands above a message on paper."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QCoreApplication, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

from qtmail.domain.address import Address
from qtmail.domain.message import Envelope
from qtmail.ui.shared.dates import full_date

PAGE_MARGIN = 18.0
"""Millimetres."""


def print_header(envelope: Envelope) -> str:
    """Markup of the header fields a printed message begins with, in styles of its own."""
    translate = QCoreApplication.translate
    rows = [
        (translate("Print", "From"), _people(envelope.from_)),
        (translate("Print", "To"), _people(envelope.to)),
        (translate("Print", "Cc"), _people(envelope.cc)),
        (translate("Print", "Date"), full_date(envelope.date) if envelope.date else ""),
    ]
    cells = "".join(
        f'<tr><td style="color:#555;padding:1px 14px 1px 0;vertical-align:top">{escape(name)}</td>'
        f'<td style="color:#000;padding:1px 0">{escape(value)}</td></tr>'
        for name, value in rows
        if value
    )
    subject = envelope.subject or translate("Print", "(no subject)")
    return (
        f'<p style="font-size:16pt;font-weight:600;color:#000;margin:0 0 8px 0">{escape(subject)}</p>'
        f'<table cellspacing="0" style="font-size:9pt">{cells}</table><hr>'
    )


def page_layout() -> QPageLayout:
    """A4 upright, with margins; for PDF files, where no printer says what paper it has."""
    margins = QMarginsF(PAGE_MARGIN, PAGE_MARGIN, PAGE_MARGIN, PAGE_MARGIN)
    size = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)


def pdf_writer(path: str, title: str) -> QPdfWriter:
    writer = QPdfWriter(path)
    writer.setPageLayout(page_layout())
    writer.setTitle(title)
    return writer


def _people(addresses: Iterable[Address]) -> str:
    return ", ".join(str(address) for address in addresses)
