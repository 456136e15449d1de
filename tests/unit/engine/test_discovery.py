"""Finding settings: who is asked, whom we believe, and what nobody is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from qtmail.domain.account import Security
from qtmail.domain.discovery import Discovery, FoundSettings, ServerKind, Source
from qtmail.domain.sign_in import SignInMethod
from qtmail.engine.discovery import Discoverer, sought_address
from qtmail.errors import ConnectionFailed, Layer, QtmailError, Stopped, TlsFailed
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.srv_records import Service
from qtmail.protocols.wake import Wake
from tests.fakes.settings_sources import LIMIT, Names, Pages, Servers, settings_file

ADDRESS = "eva@example.org"
AUTOCONFIG = "autoconfig.example.org"
WELL_KNOWN = "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml"
ISPDB = "https://autoconfig.thunderbird.net/v1.1/"
PASSWORD = (SignInMethod.PASSWORD,)
BOTH = (("imap", "imap.example.org", 993, "SSL"), ("smtp", "smtp.example.org", 465, "SSL"))


class Bench:
    """A search among stand-ins; nobody knows anything until a test says so."""

    def __init__(self, stop: Wake) -> None:
        self.names, self.pages, self.servers, self.stop = Names(), Pages(), Servers(), stop

    def find(self, address: str = ADDRESS, seconds: float = LIMIT) -> Discovery:
        discoverer = Discoverer(TlsTrust(), resolver=self.names, web=self.pages.get, probe=self.servers.probe)
        return discoverer.run(address, self.stop, seconds)

    def announce(self, service: str, host: str, port: int) -> None:
        """Put an SRV record into DNS."""
        self.names.srv[f"{service}._tcp.example.org"] = [Service(0, 1, port, host)]


@pytest.fixture
def bench() -> Iterator[Bench]:
    stop = Wake()
    yield Bench(stop)
    stop.close()


def hosts(found: FoundSettings | None) -> list[str]:
    assert found is not None
    return [f"{server.settings.host}:{server.settings.port}" for server in found.servers]


def source(found: Discovery) -> Source | None:
    return found.best.source if found.best else None


def outcome(found: Discovery, source: Source) -> str:
    return next(attempt.outcome for attempt in found.attempts if attempt.source is source)


# -- who is asked ----------------------------------------------------------------------------------


def test_a_known_provider_is_found_without_asking_anybody(bench: Bench):
    found = bench.find("Eva.Example@GMail.com")
    assert source(found) is Source.PROVIDER_LIST
    assert found.best is not None
    assert found.best.servers[0].settings.user == "Eva.Example@GMail.com"
    assert [(attempt.source, attempt.found) for attempt in found.attempts] == [(Source.PROVIDER_LIST, True)]
    assert (bench.pages.asked, bench.servers.tried) == ([], [])


def test_only_the_domains_own_server_is_told_the_address(bench: Bench):
    bench.find("secret.name@example.org")
    told = [url for url in bench.pages.asked if "secret" in url]
    assert told == [f"https://{AUTOCONFIG}/mail/config-v1.1.xml?emailaddress=secret.name@example.org"]
    assert set(bench.pages.asked) - set(told) == {WELL_KNOWN, f"{ISPDB}example.org"}


def test_everything_is_asked_over_https(bench: Bench):
    bench.find()
    assert bench.pages.asked
    assert all(url.startswith("https://") for url in bench.pages.asked)


def test_an_international_domain_is_asked_for_by_its_a_label(bench: Bench):
    bench.servers.at["imap.xn--bcher-kva.example:993"] = PASSWORD
    found = bench.find("eva@Bücher.example")
    assert found.best is not None
    assert found.best.servers[0].settings.user == "eva@Bücher.example"
    assert bench.pages.asked
    assert all("xn--bcher-kva.example" in url for url in bench.pages.asked)


# -- whom we believe -------------------------------------------------------------------------------


def test_an_own_domain_at_a_known_provider_is_found_by_its_exchanges(bench: Bench):
    bench.names.mx["example.org"] = ["alt1.aspmx.l.google.com", "aspmx.l.google.com"]
    found = bench.find()
    assert found.best is not None
    assert (found.best.source, found.best.provider) == (Source.PROVIDER_LIST, "Google Workspace")
    assert found.best.servers[0].settings.user == ADDRESS
    assert outcome(found, Source.PROVIDER_LIST) == (
        "The mail of example.org is at Google Workspace, as its MX records say."
    )


def test_a_web_hosters_file_does_not_hide_where_the_mail_is(bench: Bench):
    bench.names.mx["example.org"] = ["mxbiz1.qq.com"]
    bench.pages.at[AUTOCONFIG] = settings_file(*BOTH, name="Web Hoster")
    assert bench.find().best.provider == "Tencent Exmail"  # type: ignore[union-attr]


def test_the_providers_own_file(bench: Bench):
    bench.pages.at[AUTOCONFIG] = settings_file(*BOTH)
    found = bench.find()
    assert source(found) is Source.AUTOCONFIG
    assert hosts(found.best) == ["imap.example.org:993", "smtp.example.org:465"]
    assert outcome(found, Source.AUTOCONFIG) == "example.org publishes settings."


def test_the_file_for_all_where_there_is_none_for_each(bench: Bench):
    bench.pages.at[AUTOCONFIG] = ConnectionFailed("No server is known under that name.")
    bench.pages.at[WELL_KNOWN] = settings_file(*BOTH)
    assert source(bench.find()) is Source.AUTOCONFIG


def test_a_welcome_page_instead_of_a_file_is_no_find(bench: Bench):
    bench.pages.at[AUTOCONFIG] = b"<!DOCTYPE html><html><body>Welcome!</body></html>"
    bench.pages.at[f"{ISPDB}example.org"] = settings_file(*BOTH)
    found = bench.find()
    assert source(found) is Source.ISPDB
    assert not found.attempts[1].found


def test_thunderbirds_list_is_asked_for_the_domain_of_the_exchange(bench: Bench):
    bench.names.mx["example.org"] = ["mx1.mail.hoster.example"]
    bench.pages.at[f"{ISPDB}hoster.example"] = settings_file(*BOTH, name="Hoster")
    found = bench.find()
    assert (source(found), found.best and found.best.provider) == (Source.ISPDB, "Hoster")
    listed = [url.removeprefix(ISPDB) for url in bench.pages.asked if url.startswith(ISPDB)]
    assert listed == ["example.org", "mail.hoster.example", "hoster.example"]


def test_what_is_listed_for_an_exchange_is_the_users_to_confirm(bench: Bench):
    """DNS can be forged, and among the providers of the list may be the forger's."""
    bench.names.mx["example.org"] = ["mx.forger.example"]
    theirs = (("imap", "imap.forger.example", 993, "SSL"), ("smtp", "smtp.example.org", 465, "SSL"))
    bench.pages.at[f"{ISPDB}forger.example"] = settings_file(*theirs)
    best = bench.find().best
    assert best is not None and [server.foreign for server in best.servers] == [True, False]
    bench.pages.at[f"{ISPDB}example.org"] = settings_file(*theirs)
    best = bench.find().best
    assert best is not None and not any(server.foreign for server in best.servers)


def test_services_in_dns(bench: Bench):
    bench.announce("_imaps", "imap.example.org", 993)
    bench.announce("_submissions", "smtp.hoster.example", 465)
    found = bench.find()
    assert source(found) is Source.DNS
    assert found.best is not None
    assert [server.foreign for server in found.best.servers] == [False, True]
    assert outcome(found, Source.DNS) == "DNS names imap.example.org, smtp.hoster.example."


def test_usual_names_that_answer(bench: Bench):
    bench.servers.at = {"mail.example.org:993": PASSWORD, "mail.example.org:587": PASSWORD}
    found = bench.find()
    assert source(found) is Source.GUESS
    assert hosts(found.best) == ["mail.example.org:993", "mail.example.org:587"]
    assert outcome(found, Source.GUESS) == "Under the usual names mail.example.org answered."


def test_the_more_trustworthy_source_wins_though_it_is_later(bench: Bench):
    bench.announce("_imaps", "other.example.org", 993)
    bench.announce("_submissions", "other.example.org", 465)
    bench.pages.at[f"{ISPDB}example.org"] = settings_file(*BOTH)
    late = threading.Event()
    get = bench.pages.get
    bench.pages.get = lambda url, **rest: (late.wait(LIMIT), get(url, **rest))[1]  # type: ignore[method-assign]
    timer = threading.Timer(0.2, late.set)
    timer.start()
    found = bench.find()
    timer.join()
    assert [one.source for one in found.settings] == [Source.ISPDB, Source.DNS]


# -- when it is enough -----------------------------------------------------------------------------


def test_nobody_waits_for_guesses_where_a_better_source_has_answered(bench: Bench):
    bench.servers.hanging = lambda server: True
    bench.pages.at[AUTOCONFIG] = settings_file(*BOTH)
    started = time.monotonic()
    found = bench.find()
    assert source(found) is Source.AUTOCONFIG
    assert time.monotonic() - started < LIMIT / 2
    assert outcome(found, Source.GUESS) == "Not needed any more."


def test_what_was_found_in_time_counts(bench: Bench):
    bench.pages.hanging = {AUTOCONFIG, "example.org", "autoconfig.thunderbird.net"}
    bench.servers.hanging = lambda server: True
    bench.announce("_imaps", "imap.example.org", 993)
    bench.announce("_submissions", "smtp.example.org", 465)
    found = bench.find(seconds=0.5)
    assert source(found) is Source.DNS
    assert "within" in outcome(found, Source.AUTOCONFIG)


def test_it_stops_at_once(bench: Bench):
    bench.pages.hanging = {AUTOCONFIG, "example.org", "autoconfig.thunderbird.net"}
    bench.servers.hanging = lambda server: True
    timer = threading.Timer(0.2, bench.stop.set)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        bench.find()
    assert time.monotonic() - started < LIMIT / 2
    timer.join()


# -- what is missing -------------------------------------------------------------------------------


def test_what_the_best_source_lacks_comes_from_the_next(bench: Bench):
    bench.announce("_imaps", "imap.example.org", 993)
    bench.servers.at = {
        "mail.example.org:993": PASSWORD,
        "smtp.example.org:465": PASSWORD,
    }
    best = bench.find().best
    assert best is not None
    assert best.source is Source.DNS
    assert [(server.settings.host, server.source) for server in best.of_kind(ServerKind.IMAP)] == [
        ("imap.example.org", None)
    ]
    assert [(server.settings.host, server.source) for server in best.of_kind(ServerKind.SMTP)] == [
        ("smtp.example.org", Source.GUESS)
    ]


def test_an_encrypted_server_goes_before_one_in_clear_text(bench: Bench):
    clear = (("imap", "old.example.org", 143, "plain"), ("smtp", "smtp.example.org", 465, "SSL"))
    bench.pages.at[AUTOCONFIG] = settings_file(*clear)
    bench.servers.at = {"imap.example.org:993": PASSWORD}
    best = bench.find().best
    assert best is not None
    assert [server.settings.security for server in best.of_kind(ServerKind.IMAP)] == [
        Security.TLS,
        Security.NONE,
    ]


# -- faults ----------------------------------------------------------------------------------------


def test_a_computer_that_is_offline_gets_a_reason_from_each_source(bench: Bench):
    offline = ConnectionFailed("The network is down.", layer=Layer.CONNECTION)
    bench.names.fault = offline
    bench.pages.at = dict.fromkeys((AUTOCONFIG, "example.org", "autoconfig.thunderbird.net"), offline)
    found = bench.find()
    assert found.best is None
    assert [attempt.source for attempt in found.attempts] == [
        Source.PROVIDER_LIST,
        Source.AUTOCONFIG,
        Source.ISPDB,
        Source.DNS,
        Source.GUESS,
    ]
    assert [attempt.outcome for attempt in found.attempts[:4]] == ["The network is down."] * 4
    assert outcome(found, Source.GUESS) == "No server answered under the usual names."


def test_nobody_knows_the_domain(bench: Bench):
    found = bench.find()
    assert found.settings == ()
    assert [attempt.outcome for attempt in found.attempts] == [
        "The mail of example.org is at no provider that this program knows.",
        "example.org publishes no settings.",
        "Thunderbird's list of providers does not have example.org.",
        "DNS names no servers for the users of example.org.",
        "No server answered under the usual names.",
    ]


def test_a_guessed_server_with_a_bad_certificate_is_told_of(bench: Bench):
    bench.servers.at["mail.example.org:993"] = TlsFailed("The certificate of mail.example.org has expired.")
    found = bench.find()
    assert found.best is None
    assert outcome(found, Source.GUESS) == "The certificate of mail.example.org has expired."


def test_broken_dns_does_not_hide_what_the_web_says(bench: Bench):
    bench.names.fault = ConnectionFailed("DNS gave no answer.", layer=Layer.NAME_LOOKUP)
    bench.pages.at[AUTOCONFIG] = settings_file(*BOTH)
    found = bench.find()
    assert source(found) is Source.AUTOCONFIG
    assert outcome(found, Source.PROVIDER_LIST) == "DNS gave no answer."


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "local", "domain"),
    [
        (" eva@example.org ", "eva", "example.org"),
        ("Eva+News@EXAMPLE.org", "Eva+News", "example.org"),
        ('"a@b"@example.org', '"a@b"', "example.org"),
        ("用户@例子.中国", "用户", "xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_an_address_taken_apart(typed: str, local: str, domain: str):
    sought = sought_address(typed)
    assert (sought.typed, sought.local, sought.domain) == (typed.strip(), local, domain)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "eva",
        "@example.org",
        "eva@",
        "eva@exa mple.org",
        "Eva <eva@example.org>",
        "e\nv@example.org",
        "eva@[127.0.0.1]",
    ],
)
def test_what_is_no_address_is_refused(typed: str):
    with pytest.raises(QtmailError) as caught:
        sought_address(typed)
    assert caught.value.layer is Layer.USAGE
