import pytest

from qtmail.cli.accounts import parse_server
from qtmail.domain.account import Security, ServerSettings
from qtmail.errors import UsageError

PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}


@pytest.mark.parametrize(
    ("text", "host", "port", "security"),
    [
        ("imap.example.org", "imap.example.org", 993, Security.TLS),
        ("imap.example.org:1993", "imap.example.org", 1993, Security.TLS),
        ("imap.example.org:143", "imap.example.org", 143, Security.STARTTLS),
        ("imap.example.org/starttls", "imap.example.org", 143, Security.STARTTLS),
        ("imap.example.org:10143/none", "imap.example.org", 10143, Security.NONE),
        ("[::1]:993/tls", "::1", 993, Security.TLS),
        ("邮箱.例子:993/TLS", "邮箱.例子", 993, Security.TLS),
    ],
)
def test_servers_are_read(text, host, port, security):
    assert parse_server(text, "ann", PORTS) == ServerSettings(host, port, security, "ann")


@pytest.mark.parametrize(
    "text", ["", "host:0", "host:65536", "host/plain", "two words", "host:993/tls/more", "http://host"]
)
def test_nonsense_is_refused(text):
    with pytest.raises(UsageError):
        parse_server(text, "ann", PORTS)
