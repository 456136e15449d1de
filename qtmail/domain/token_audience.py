"""Which mail servers may be shown the tokens of which provider.

A token opens all of a user's mail, for whoever holds it. The user agrees on the provider's own page, which
says nothing of the server the token is then shown to: with a settings file that names Google as the one who
signs in, and a stranger's server as the one to sign in to, the stranger could read the mail at Google.
"""

from __future__ import annotations

from collections.abc import Mapping

_HOMES: Mapping[str, tuple[str, ...]] = {
    "google": ("gmail.com", "googlemail.com", "google.com"),
    "microsoft": ("office365.com", "outlook.com", "office.com", "hotmail.com", "outlook.cn", "office365.us"),
    "yahoo": ("yahoo.com", "yahoo.net", "yahoodns.net"),
    "aol": ("aol.com", "yahoo.com", "verizon.net"),
}
"""The domains of the mail servers of the known providers (`domain.oauth`)."""


def may_see_tokens(host: str, provider: str) -> bool:
    """Whether a mail server is one of the provider's (`SignIn.provider`).

    Of a provider that is known by its metadata alone nobody here knows the servers: the user has registered a
    client of their own there.
    """
    name = host.lower().rstrip(".")
    homes = _HOMES.get(provider)
    return homes is None or any(name == home or name.endswith(f".{home}") for home in homes)
