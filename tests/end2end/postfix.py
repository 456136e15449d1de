"""A private Postfix on free loopback ports that delivers into a test's Dovecot; only root can start it.

Everything lives in a temporary directory: configuration, queue, log. Nothing it accepts leaves the machine:
mail for example.net goes to Dovecot's delivery agent, mail for any other domain is refused.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

import trustme

from tests.end2end.dovecot import Dovecot
from tests.end2end.processes import (
    LOOPBACK,
    ServerFailed,
    ServerMissing,
    ServerProcess,
    free_ports,
    program,
    public_directory,
)

DELIVERY_AGENTS = ("/usr/lib/dovecot/dovecot-lda", "/usr/libexec/dovecot/dovecot-lda")
SIZE_LIMIT = 60_000_000
"""Bytes of the largest message it takes, announced by SIZE (RFC 1870)."""

MAIN = """\
compatibility_level = 3.6
config_directory = {directory}
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/postfix.log
maillog_file_prefixes = {directory}
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = localhost
mydomain = example.net
mydestination =
mynetworks =
local_recipient_maps =
local_transport = error:no local mail here
virtual_mailbox_domains = example.net
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
default_transport = error:no mail leaves this machine
message_size_limit = {size_limit}
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_chain_files = {directory}/server.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth_socket}
smtputf8_enable = yes
{extra}
"""

MASTER = """\
{smtp_port}        inet  n - n - -     smtpd
{submission_port}  inet  n - n - -     smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
{submissions_port} inet  n - n - -     smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
cleanup   unix  n - n - 0     cleanup
qmgr      unix  n - n 300 1   qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - -     trivial-rewrite
bounce    unix  - - n - 0     bounce
defer     unix  - - n - 0     bounce
trace     unix  - - n - 0     bounce
verify    unix  - - n - 1     verify
proxymap  unix  - - n - -     proxymap
error     unix  - - n - -     error
retry     unix  - - n - -     error
anvil     unix  - - n - 1     anvil
scache    unix  - - n - 1     scache
postlog   unix-dgram n - n - 1 postlogd
dovecot   unix  - n n - -     pipe
  flags=ODR user=nobody:dovecot
  argv={agent} -c {dovecot_config} -f ${{sender}} -a ${{original_recipient}} -d ${{user}}
"""


class Postfix:
    """A running server; use it as a context manager or call `stop`.

    Attributes:
        host: where it listens; the certificate is for 127.0.0.1 and localhost.
        smtp_port: takes mail for example.net from anyone, with STARTTLS on offer (like port 25).
        submission_port: STARTTLS, then AUTH as a user of Dovecot (like 587).
        submissions_port: the same with TLS from the first byte (like 465).
    """

    host = LOOPBACK

    def __init__(self, dovecot: Dovecot, authority: trustme.CA, *, extra: str = "") -> None:
        """Start the server and wait until it answers.

        Args:
            extra: more lines of main.cf.

        Raises:
            ServerMissing: Postfix or Dovecot's delivery agent is not installed.
            ServerFailed: it did not start; the message holds its log.
        """
        self._binary = program("postfix")
        agent = _delivery_agent()
        self.directory = public_directory("postfix-")
        self.ca_file = dovecot.ca_file
        self.smtp_port, self.submission_port, self.submissions_port = free_ports(3)
        self._write_certificate(authority)
        self._write_configuration(dovecot, agent, extra)
        self.process = ServerProcess(self._master_command(), self.directory / "postfix.log")
        try:
            self.process.wait_for_ports([self.smtp_port, self.submission_port, self.submissions_port])
        except ServerFailed:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    def __enter__(self) -> Postfix:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server and forget its queue."""
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _master_command(self) -> list[str]:
        """`postfix start-fg` without the shell around it, which would outlive or orphan the daemons."""
        options = ["-c", str(self.directory)]
        subprocess.run([self._binary, *options, "check"], check=True, capture_output=True)  # makes the queue
        asked = [program("postconf"), *options, "-h", "daemon_directory"]
        place = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
        return [str(Path(place, "master")), *options, "-s"]

    def _write_certificate(self, authority: trustme.CA) -> None:
        path = self.directory / "server.pem"
        authority.issue_cert("localhost", LOOPBACK).private_key_and_cert_chain_pem.write_to_path(path)
        path.chmod(0o600)

    def _write_configuration(self, dovecot: Dovecot, agent: Path, extra: str) -> None:
        for name in ("queue", "data"):
            (self.directory / name).mkdir()
        shutil.chown(self.directory / "data", "postfix")
        main = MAIN.format(
            directory=self.directory,
            host=self.host,
            size_limit=SIZE_LIMIT,
            auth_socket=dovecot.directory / "run" / "auth-client",
            extra=extra,
        )
        master = MASTER.format(
            smtp_port=self.smtp_port,
            submission_port=self.submission_port,
            submissions_port=self.submissions_port,
            agent=agent,
            dovecot_config=dovecot.config_file,
        )
        (self.directory / "main.cf").write_text(main)
        (self.directory / "master.cf").write_text(master)


def _delivery_agent() -> Path:
    for name in DELIVERY_AGENTS:
        if os.access(name, os.X_OK):
            return Path(name)
    raise ServerMissing("Dovecot's delivery agent is not installed")
