"""The ports on which mail servers usually wait, by how the line is encrypted (RFC 8314 sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Mapping

from qtmail.domain.account import Security

IMAP_PORTS: Mapping[Security, int] = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
POP3_PORTS: Mapping[Security, int] = {Security.TLS: 995, Security.STARTTLS: 110, Security.NONE: 110}
SMTP_PORTS: Mapping[Security, int] = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
