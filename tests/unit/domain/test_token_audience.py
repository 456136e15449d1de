"""Tokens of a provider are for its own servers."""

from __future__ import annotations

import pytest

from qtmail.domain.oauth import KNOWN_PROVIDERS
from qtmail.domain.token_audience import may_see_tokens
from qtmail.engine.provider_list import ProviderList


@pytest.mark.parametrize("provider", ProviderList().providers, ids=lambda provider: provider.name)
def test_every_server_of_the_provider_list_may_see_its_tokens(provider):
    name = provider.sign_in.provider
    assert all(may_see_tokens(server.settings.host, name) for server in provider.servers)


@pytest.mark.parametrize("provider", KNOWN_PROVIDERS)
@pytest.mark.parametrize(
    "host", ["mail.evil.example", "gmail.com.evil.example", "notgmail.com", "evil-aol.com", ""]
)
def test_no_other_server_may(provider: str, host: str):
    assert not may_see_tokens(host, provider)


@pytest.mark.parametrize("host", ["imap.gmail.com", "IMAP.GMAIL.COM", "imap.gmail.com.", "gmail.com"])
def test_however_its_name_is_written(host: str):
    assert may_see_tokens(host, "google") and not may_see_tokens(host, "microsoft")


def test_of_a_provider_the_user_named_nobody_knows_the_servers():
    assert may_see_tokens("imap.example.org", "https://sso.example.org")
