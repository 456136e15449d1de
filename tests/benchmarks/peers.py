"""The same work done by other programs, to know how good a figure is on this machine."""

from __future__ import annotations

import ssl
import subprocess
import time
from pathlib import Path

from imapclient import IMAPClient

from tests.end2end.dovecot import Dovecot, User
from tests.end2end.processes import program

ENVELOPE_BATCH = 500
MBSYNC_CONFIGURATION = """\
IMAPAccount test
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca_file}

IMAPStore remote
Account test

MaildirStore local
Path {directory}/mail/
Inbox {directory}/mail/INBOX

Channel all
Far :remote:
Near :local:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


def imapclient_envelopes(server: Dovecot, user: User, count: int) -> float:
    """Seconds a plain imapclient loop needs for the inbox's envelopes and flags, after signing in."""
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with IMAPClient(server.host, server.imaps_port, ssl_context=context) as client:
        client.login(user.name, user.password)
        started = time.perf_counter()
        client.select_folder("INBOX", readonly=True)
        uids = client.search()
        fetched = 0
        for start in range(0, len(uids), ENVELOPE_BATCH):
            batch = uids[start : start + ENVELOPE_BATCH]
            fetched += len(client.fetch(batch, ["ENVELOPE", "FLAGS", "INTERNALDATE", "RFC822.SIZE"]))
        seconds = time.perf_counter() - started
    if fetched != count:
        raise AssertionError(f"imapclient fetched {fetched} of {count} envelopes")
    return seconds


def mbsync(server: Dovecot, user: User, directory: Path, count: int) -> float:
    """Seconds that `mbsync` needs to copy the inbox, process start included.

    Raises:
        ServerMissing: it is not installed.
    """
    (directory / "mail").mkdir(parents=True)
    configuration = directory / "mbsyncrc"
    configuration.write_text(
        MBSYNC_CONFIGURATION.format(
            port=server.imaps_port,
            user=user.name,
            password=user.password,
            ca_file=server.ca_file,
            directory=directory,
        )
    )
    command = [program("mbsync"), "--quiet", "--config", str(configuration), "all"]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - started
    copied = sum(1 for place in ("new", "cur") for _ in (directory / "mail" / "INBOX" / place).iterdir())
    if copied != count:
        raise AssertionError(f"mbsync copied {copied} of {count} messages")
    return seconds
