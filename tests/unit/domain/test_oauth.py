from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from qtmail.domain.oauth import KNOWN_PROVIDERS, BrowserStep, DeviceStep, OAuthProvider, Permission


@pytest.mark.parametrize("provider", KNOWN_PROVIDERS.values(), ids=lambda provider: provider.name)
def test_known_providers_are_asked_over_https_and_for_mail(provider: OAuthProvider) -> None:
    for url in (provider.authorization_url, provider.token_url, provider.device_url or provider.token_url):
        assert urlsplit(url).scheme == "https"
        assert urlsplit(url).hostname
    assert provider.scopes
    assert provider.client_id == provider.client_secret == ""


def test_nothing_secret_is_shown() -> None:
    values = (
        Permission("geheim", "geheim", 1.0, "mail", client_secret="geheim"),
        BrowserStep("https://example.org/?state=geheim"),
        DeviceStep("geheim", "https://example.org", 1.0),
        OAuthProvider("x", "X", "https://x", "https://x", client_secret="geheim"),
    )
    for value in values:
        assert "geheim" not in repr(value) + str(value)
