"""What servers showed is kept, and compared with what they show now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.engine.certificates import changes_since_trusted, tls_trust
from qtmail.protocols.connection import TlsTrust
from qtmail.store.store import Store
from tests.fakes.imap_server import ScriptedServer, transcript
from tests.wire.sessions import connected, trust_in

HOST, PORT = "mail.example.org", 993


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "profile") as opened:
        yield opened


def pem_for(authority: trustme.CA, name: str = HOST) -> str:
    return authority.issue_cert(name).cert_chain_pems[0].bytes().decode()


def test_a_server_that_was_never_trusted(store: Store, authority: trustme.CA):
    (told,) = changes_since_trusted(store, HOST, PORT, pem_for(authority))
    assert "No certificate of this server" in told


def test_the_same_certificate_as_last_time(store: Store, authority: trustme.CA):
    pem = pem_for(authority)
    tls_trust(store).noted(HOST, PORT, pem)
    (told,) = changes_since_trusted(store, HOST, PORT, pem)
    assert "the same certificate as last time" in told


def test_another_certificate_than_last_time(store: Store, authority: trustme.CA):
    tls_trust(store).noted(HOST, PORT, pem_for(authority))
    told = changes_since_trusted(store, HOST, PORT, pem_for(trustme.CA(), "evil.example"))
    assert told[0] == "The server's key is another one than last time."
    assert "It is for evil.example, the last one for mail.example.org." in told


def test_what_is_no_certificate_is_not_compared(store: Store, authority: trustme.CA):
    tls_trust(store).noted(HOST, PORT, pem_for(authority))
    assert changes_since_trusted(store, HOST, PORT, "nonsense") == ()


def test_a_store_that_fails_does_not_keep_mail_from_being_fetched(
    store: Store, authority: trustme.CA, caplog: pytest.LogCaptureFixture
):
    trust = tls_trust(store)
    store.close()
    trust.noted(HOST, PORT, pem_for(authority))
    assert "was not noted" in caplog.text


def test_a_connection_leaves_its_certificate_in_the_store(
    store: Store, authority: trustme.CA, tmp_path: Path
):
    leaf = authority.issue_cert("127.0.0.1")
    trust = TlsTrust(cafile=trust_in(authority, tmp_path).cafile, noted=tls_trust(store).noted)
    script = transcript("TLS\nS: * OK [CAPABILITY IMAP4rev1] ready")
    with (
        ScriptedServer(script, certificate=leaf) as server,
        connected(server, security=Security.TLS, trust=trust),
    ):
        pass
    seen = store.accounts.seen_certificate("127.0.0.1", server.port)
    assert seen is not None
    assert seen[0].split() == leaf.cert_chain_pems[0].bytes().decode().split()
