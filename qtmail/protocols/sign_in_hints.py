"""What a server's own words, where it refuses a sign-in, tell the user to do."""

from __future__ import annotations

import re

_HINTS: tuple[tuple[str, str], ...] = (
    (
        r"app(lication)?[- ]?(specific )?password|authori[sz]ation code|授权码|授權碼",
        "The server asks for an app password or authorisation code (授权码) instead of the usual password; "
        "it is made in the account's settings on the web.",
    ),
    (
        r"web ?browser|weblogin|webalert",
        "Sign in once on the provider's web page; it wants to ask something.",
    ),
    (
        r"basic ?auth\w* (is|has been) (disabled|blocked)",
        "The provider takes no password from mail programs: choose in the account's settings to sign in in "
        "the browser.",
    ),
    (
        r"imap.*(disabled|not enabled|关闭|未开启)|not enabled for imap",
        "Switch IMAP on in the account's settings on the web.",
    ),
    (
        r"pop3?.*(disabled|not enabled|关闭|未开启)|not enabled for pop",
        "Switch POP3 on in the account's settings on the web.",
    ),
    (
        r"(smtp|client ?auth|basic ?auth).*(disabled|not enabled|关闭|未开启)",
        "Switch sending by mail programs (SMTP) on in the account's settings on the web.",
    ),
    (
        r"unsafe login",
        "The provider distrusts this program: switch IMAP on in its web mail and use an authorisation "
        "code (授权码).",
    ),
)


def hint_in(said: str) -> str:
    """The advice that the server's words call for, or ""."""
    return next((hint for words, hint in _HINTS if re.search(words, said, re.IGNORECASE)), "")
