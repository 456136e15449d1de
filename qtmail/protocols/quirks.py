"""What particular servers do wrong, in one table: the only place that names a provider."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirks:
    """How to treat one server differently from what its capabilities promise.

    Attributes:
        trust_vanished: False if its VANISHED answers must not be believed; QRESYNC is then left unused.
        sign_in_advice: what to tell a user whose password this provider refuses.
        files_sent_mail: True if the provider puts what was sent over its SMTP server into Sent by itself.
    """

    trust_vanished: bool = True
    sign_in_advice: str = ""
    files_sent_mail: bool = False


_APP_PASSWORD = (
    "This provider wants an app password, made in its account settings on the web, instead of the usual one."
)
_BROWSER = (
    "This provider takes no password from mail programs: choose in the account's settings to sign in in the "
    "browser."
)
_AUTHORISATION_CODE = (
    "This provider wants an authorisation code (授权码), made in its web mail's settings under POP3/IMAP, "
    "instead of the password. IMAP or POP3 must be switched on there, too."
)

_BY_HOST: tuple[tuple[str, Quirks], ...] = (
    # Sends VANISHED for messages that are still there: believing it shows mail as deleted.
    (
        r"(imap|pop|smtp)\.mail\.me\.com|(.*\.)?icloud\.com",
        Quirks(trust_vanished=False, sign_in_advice=_APP_PASSWORD),
    ),
    (r"(.*\.)?(163|126|yeah)\.(com|net)|(.*\.)?qiye\.163\.com", Quirks(sign_in_advice=_AUTHORISATION_CODE)),
    (r"(.*\.)?(qq|foxmail|exmail\.qq)\.com", Quirks(sign_in_advice=_AUTHORISATION_CODE)),
    (r"(imap|pop|smtp)\.(gmail|googlemail)\.com", Quirks(sign_in_advice=_APP_PASSWORD, files_sent_mail=True)),
    (
        r"outlook\.office(365)?\.com|partner\.outlook\.cn|imap-mail\.outlook\.com",
        Quirks(sign_in_advice=_BROWSER, files_sent_mail=True),
    ),
    (r"(imap|pop|smtp)\.(mail\.yahoo\.(com|co\.jp)|aol\.com)", Quirks(sign_in_advice=_APP_PASSWORD)),
)


def quirks_for(host: str) -> Quirks:
    """The known quirks of a server, by its host name."""
    name = host.lower().rstrip(".")
    return next((quirks for pattern, quirks in _BY_HOST if re.fullmatch(pattern, name)), Quirks())
