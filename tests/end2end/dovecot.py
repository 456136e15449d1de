"""A private Dovecot 2.3 on free loopback ports, for tests and benchmarks.

It runs from a configuration of its own in a temporary directory, as root or as an ordinary user, and never
touches the system's Dovecot. Mail is put into folders over IMAP itself (MULTIAPPEND with LITERAL+), as any
delivery would be seen by a client: no rights on the storage, the same index updates and notifications.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import trustme
from imapclient import IMAPClient

from tests.end2end import sample_mail
from tests.end2end.command_session import CommandSession
from tests.end2end.processes import (
    LOOPBACK,
    ServerFailed,
    ServerMissing,
    ServerProcess,
    free_ports,
    program,
    public_directory,
)

PASSWORD = "correct-horse"
SPECIAL_FOLDERS = {
    "Drafts": "\\Drafts",
    "Sent": "\\Sent",
    "Archive": "\\Archive",
    "Junk": "\\Junk",
    "Trash": "\\Trash",
}
CAPABILITIES = """
    IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS
    THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED
    I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE
    SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE
"""
"""What Dovecot 2.3 says after sign-in when nothing is left out."""

CONFIGURATION = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
protocols = imap pop3
listen = {host}
default_internal_user = {service_user}
default_internal_group = {service_group}
default_login_user = {login_user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = {mail_format}:{directory}/mail/%u
mail_attribute_dict = file:{directory}/mail/%u.attributes
mail_fsync = never
mail_max_userip_connections = 1000
auth_mechanisms = plain login
auth_failure_delay = 0 secs
auth_username_format = %Ln
imap_id_send = name *
imap_metadata = yes
imap_capability = {capabilities}
ssl = yes
ssl_cert = <{directory}/server.pem
ssl_key = <{directory}/server.pem
ssl_client_ca_file = {directory}/ca.pem
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={directory}/mail/%u.home
}}
namespace inbox {{
  inbox = yes
  separator = /
{special_folders}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 200
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = {pop3s_port}
    ssl = yes
  }}
}}
service pop3 {{
  process_limit = 200
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
protocol lda {{
  postmaster_address = postmaster@example.net
  log_path = {directory}/mail/lda.log
}}
{extra}
"""


@dataclass(frozen=True, slots=True)
class User:
    """Someone with a mailbox on the test server."""

    name: str
    password: str = PASSWORD

    @property
    def address(self) -> str:
        return f"{self.name}@example.net"


class Dovecot:
    """A running server; use it as a context manager or call `stop`.

    Attributes:
        host, imap_port, imaps_port, pop3_port, pop3s_port: where it listens; the certificate is for 127.0.0.1
            and localhost. The ports without an s begin in clear text and offer TLS.
        ca_file: the authority that signed its certificate, as PEM.
        directory: everything it writes.
        process: the master process, its log included.
    """

    host = LOOPBACK

    def __init__(
        self,
        authority: trustme.CA | None = None,
        *,
        without: Iterable[str] = (),
        mail_format: str = "mdbox",
        extra: str = "",
    ) -> None:
        """Start the server and wait until it answers.

        Args:
            authority: who signs the server's certificate; a new one by default.
            without: capabilities it shall not announce ("QRESYNC").
            mail_format: "mdbox" (by far the fastest to fill), "sdbox" or "maildir".
            extra: more configuration, in Dovecot's own language.

        Raises:
            ServerMissing: Dovecot, or the part of it that speaks POP3, is not installed.
            ServerFailed: it is not version 2.3, or did not start; the message holds its log.
        """
        binary = program("dovecot")
        _require_version(binary)
        _require_pop3()
        self.directory = public_directory("dovecot-")
        self.ca_file = self.directory / "ca.pem"
        ports = free_ports(4)
        self.imap_port, self.imaps_port, self.pop3_port, self.pop3s_port = ports
        self._numbers = itertools.count(1)
        self._write_certificate(authority or trustme.CA())
        self.config_file = self._write_configuration(set(without), mail_format, extra)
        self.process = ServerProcess(
            [binary, "-F", "-c", str(self.config_file)], self.directory / "dovecot.log"
        )
        try:
            self.process.wait_for_ports(ports)
        except ServerFailed:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    def __enter__(self) -> Dovecot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server and delete all its mail."""
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def add_user(self, name: str = "") -> User:
        """A user with an empty mailbox; without a name, one that no other test has."""
        return User(name or f"user{next(self._numbers)}-{os.getpid()}")

    def session(self, user: User) -> CommandSession:
        """A connection signed in as this user."""
        return CommandSession(self.imap_port, user.name, user.password)

    def deliver(
        self,
        user: User,
        folder: str,
        raw: bytes,
        flags: Iterable[str] = (),
        date: datetime | None = None,
    ) -> None:
        """Put one message into a folder, named in Unicode, making the folder if need be."""
        self.deliver_all(user, folder, [sample_mail.Mail(raw, tuple(flags), date)])

    def deliver_all(self, user: User, folder: str, mails: Iterable[sample_mail.Mail]) -> None:
        """Put many messages into a folder, in few commands."""
        with self.session(user) as session:
            session.append(folder, mails)

    def fill(
        self, user: User, folder: str, count: int, *, seed: int = 1, size: int = sample_mail.TINY
    ) -> None:
        """Put `count` reproducible messages of about `size` bytes into a folder."""
        self.deliver_all(user, folder, sample_mail.messages(count, seed=seed, size=size))

    def messages(self, user: User, folder: str) -> list[bytes]:
        """All messages of a folder, byte for byte, as another client reads them."""
        with IMAPClient(self.host, self.imap_port, ssl=False) as client:
            client.login(user.name, user.password)
            client.select_folder(folder, readonly=True)
            fetched = client.fetch(client.search(), ["BODY.PEEK[]"])
            return [fetched[uid][b"BODY[]"] for uid in sorted(fetched)]

    def commands(self, user: User, *lines: str) -> list[str]:
        """Sign in, send commands without tags one after another, and return all untagged lines they brought.

        Raises:
            ServerFailed: one was answered with NO or BAD.
        """
        with self.session(user) as session:
            return [line for command in lines for line in session.command(command)]

    def _write_certificate(self, authority: trustme.CA) -> None:
        authority.cert_pem.write_to_path(self.ca_file)
        certificate = authority.issue_cert("localhost", LOOPBACK)
        certificate.private_key_and_cert_chain_pem.write_to_path(self.directory / "server.pem")

    def _write_configuration(self, without: set[str], mail_format: str, extra: str) -> Path:
        accounts = _Accounts.choose(self.directory)
        mail = self.directory / "mail"
        mail.mkdir()
        shutil.chown(mail, accounts.mail_user, accounts.mail_group)
        config_file = self.directory / "dovecot.conf"
        config_file.write_text(
            CONFIGURATION.format(
                directory=self.directory,
                host=self.host,
                service_user=accounts.service_user,
                service_group=accounts.service_group,
                login_user=accounts.login_user,
                mail_user=accounts.mail_user,
                mail_group=accounts.mail_group,
                mail_format=mail_format,
                password=PASSWORD,
                capabilities=" ".join(word for word in CAPABILITIES.split() if word not in without),
                special_folders="\n".join(_special_folders()),
                imap_port=self.imap_port,
                imaps_port=self.imaps_port,
                pop3_port=self.pop3_port,
                pop3s_port=self.pop3s_port,
                extra=extra,
            )
        )
        return config_file


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The system accounts Dovecot's processes run as."""

    service_user: str
    service_group: str
    login_user: str
    mail_user: str
    mail_group: str

    @classmethod
    def choose(cls, directory: Path) -> _Accounts:
        """Root must not own mail (Dovecot refuses uid 0); anyone else runs everything as themselves."""
        if os.geteuid() == 0:
            return cls("dovecot", "dovecot", "dovenull", "nobody", "dovecot")
        me, group = directory.owner(), directory.group()
        return cls(me, group, me, me, group)


def _special_folders() -> Iterator[str]:
    for name, use in SPECIAL_FOLDERS.items():
        yield f"  mailbox {name} {{\n    special_use = {use}\n    auto = subscribe\n  }}"


def _require_version(binary: str) -> None:
    """Version 2.4 reads another configuration language."""
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3."):
        raise ServerFailed(f"these tests are written for Dovecot 2.3; this is {version.strip()}")


def _require_pop3() -> None:
    """Some systems have it in a package of its own, without which Dovecot does not start as configured."""
    command = [program("doveconf"), "-d", "-h", "libexec_dir"]
    directory = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(directory, "pop3").exists():
        raise ServerMissing("Dovecot's POP3 server is not installed; `make prepare` installs it.")
