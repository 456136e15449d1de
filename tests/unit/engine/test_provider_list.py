"""The list of providers that the program comes with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from qtmail.domain.account import Security
from qtmail.domain.discovery import FoundSettings, ServerKind, SoughtAddress, Source
from qtmail.domain.oauth import KNOWN_PROVIDERS
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.discovery import sought_address
from qtmail.engine.provider_list import ProviderList
from qtmail.paths import resource

KEYS = {
    "name",
    "domains",
    "exchanges",
    "imap",
    "pop3",
    "smtp",
    "users",
    "oauth",
    "password",
    "app_password",
    "advice",
}
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
USUAL_PORTS = {
    (ServerKind.IMAP, Security.TLS): 993,
    (ServerKind.POP3, Security.TLS): 995,
    (ServerKind.SMTP, Security.TLS): 465,
    (ServerKind.SMTP, Security.STARTTLS): 587,
}
WELL_KNOWN = """
    gmail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.uk aol.com icloud.com fastmail.com
    gmx.de gmx.com web.de mail.ru inbox.ru bk.ru list.ru yandex.ru zoho.com proton.me protonmail.com qq.com
    foxmail.com 163.com 126.com yeah.net vip.163.com sina.com sina.cn sohu.com aliyun.com 139.com 189.cn wo.cn
    t-online.de freenet.de orange.fr free.fr libero.it naver.com daum.net
"""
ENTRIES = json.loads(resource("providers.json").read_text(encoding="utf-8"))["providers"]


@pytest.fixture(scope="module")
def providers() -> ProviderList:
    return ProviderList()


def settings(providers: ProviderList, address: str) -> FoundSettings:
    sought = sought_address(address)
    provider = providers.of_domain(sought.domain)
    assert provider is not None, f"{address} is not known"
    return provider.settings_for(sought)


def servers(found: FoundSettings, kind: ServerKind) -> list[str]:
    return [str(server.settings) for server in found.of_kind(kind)]


# -- the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['name']} {entry['imap'][0]}")
def test_an_entry_is_well_formed(entry: dict[str, Any]):
    assert set(entry) <= KEYS
    assert entry["name"]
    assert entry["domains"] or entry["exchanges"], "nothing leads to it"
    for name in [*entry["domains"], *entry.get("exchanges", [])]:
        assert HOST.fullmatch(name), name
    assert set(entry.get("users", {})) <= set(ServerKind)
    for said in entry.get("advice", []):
        assert set(said) == {"sentence", "url"}
        assert re.fullmatch(r"[A-Z0-9].*\.", said["sentence"]), said["sentence"]
        assert len(said["sentence"]) < 250
        assert urlsplit(said["url"]).scheme == "https"


def test_every_server_is_encrypted_and_on_its_usual_port(providers: ProviderList):
    for provider in providers.providers:
        for server in provider.servers:
            usual = USUAL_PORTS.get((server.kind, server.settings.security))
            bridge = server.settings.host == "127.0.0.1"
            assert bridge or server.settings.port == usual, f"{provider.name}: {server.settings}"
            assert bridge or HOST.fullmatch(server.settings.host)


def test_every_provider_can_read_and_send(providers: ProviderList):
    for provider in providers.providers:
        found = provider.settings_for(SoughtAddress("a@example.org", "a", "example.org"))
        assert found.receives and found.sends, provider.name
        assert all(server.methods for server in found.servers)


def test_everyone_who_gives_out_tokens_is_known():
    assert {entry["oauth"] for entry in ENTRIES if "oauth" in entry} <= set(KNOWN_PROVIDERS)


def test_no_domain_and_no_exchange_is_named_twice():
    for kind in ("domains", "exchanges"):
        names = [name for entry in ENTRIES for name in entry.get(kind, [])]
        assert len(names) == len(set(names))


def test_who_wants_another_secret_than_the_password_says_how_to_get_it():
    assert [entry["name"] for entry in ENTRIES if entry.get("app_password") and not entry.get("advice")] == []


@pytest.mark.parametrize("domain", WELL_KNOWN.split())
def test_providers_that_must_be_known(providers: ProviderList, domain: str):
    assert providers.of_domain(domain)


# -- what it says ----------------------------------------------------------------------------------


def test_gmail(providers: ProviderList):
    found = settings(providers, "Eva@Gmail.com")
    assert (found.source, found.provider) == (Source.PROVIDER_LIST, "Gmail")
    assert found.sign_in == SignIn(SignInMethod.OAUTH, "google")
    assert found.app_password
    assert servers(found, ServerKind.IMAP) == ["imap.gmail.com:993/tls"]
    assert servers(found, ServerKind.SMTP) == ["smtp.gmail.com:465/tls", "smtp.gmail.com:587/starttls"]
    assert found.servers[0].methods == (SignInMethod.OAUTH, SignInMethod.PASSWORD)
    assert found.servers[0].settings.user == "Eva@Gmail.com"


def test_outlook_takes_no_passwords(providers: ProviderList):
    found = settings(providers, "eva@hotmail.co.uk")
    assert found.sign_in == SignIn(SignInMethod.OAUTH, "microsoft")
    assert {server.methods for server in found.servers} == {(SignInMethod.OAUTH,)}


@pytest.mark.parametrize("address", ["1@qq.com", "eva@foxmail.com", "eva@163.com", "eva@yeah.net"])
def test_an_authorisation_code_is_asked_for_in_the_users_words(providers: ProviderList, address: str):
    found = settings(providers, address)
    assert found.app_password
    assert found.sign_in == SignIn()
    assert "授权码" in found.advice[0].sentence


def test_a_user_name_may_differ_by_server(providers: ProviderList):
    found = settings(providers, "eva@icloud.com")
    assert {server.kind: server.settings.user for server in found.servers} == {
        ServerKind.IMAP: "eva",
        ServerKind.SMTP: "eva@icloud.com",
    }


def test_proton_is_on_this_computer(providers: ProviderList):
    found = settings(providers, "eva@pm.me")
    assert servers(found, ServerKind.IMAP) == ["127.0.0.1:1143/starttls"]
    assert "Bridge" in found.advice[0].sentence


# -- own domains -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exchange", "imap"),
    [
        ("aspmx.l.google.com", "imap.gmail.com"),
        ("example-org.mail.protection.outlook.com", "outlook.office365.com"),
        ("mxbiz1.qq.com", "imap.exmail.qq.com"),
        ("mxn.mxhichina.com", "imap.qiye.aliyun.com"),
        ("hzmx01.mxmail.netease.com", "imap.qiye.163.com"),
        ("in1-smtp.messagingengine.com", "imap.fastmail.com"),
        ("mail.protonmail.ch", "127.0.0.1"),
        ("mx.zoho.eu", "imappro.zoho.eu"),
    ],
)
def test_a_provider_is_known_by_its_exchanges(providers: ProviderList, exchange: str, imap: str):
    provider = providers.of_exchanges(["mx.unknown.example", exchange])
    assert provider is not None
    assert provider.servers[0].settings.host == imap


@pytest.mark.parametrize("exchange", ["notgoogle.com", "google.com.example", "com", "", "mx.example.org"])
def test_other_exchanges_are_not(providers: ProviderList, exchange: str):
    assert providers.of_exchanges([exchange]) is None


def test_the_narrowest_suffix_counts(tmp_path: Path):
    entry = {"domains": [], "imap": ["imap.example.net:993/tls"], "smtp": []}
    wide = {**entry, "name": "Wide", "exchanges": ["example.net"]}
    narrow = {**entry, "name": "Narrow", "exchanges": ["biz.example.net"]}
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"providers": [wide, narrow]}))
    provider = ProviderList(path).of_exchanges(["mx1.biz.example.net"])
    assert provider is not None
    assert provider.name == "Narrow"


def test_nothing_is_read_before_it_is_needed(tmp_path: Path):
    missing = ProviderList(tmp_path / "missing.json")
    with pytest.raises(FileNotFoundError):
        missing.of_domain("example.org")
