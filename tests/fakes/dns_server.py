"""A small DNS server on loopback, over UDP, with the records a test puts into it."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

PATIENCE = 10.0


class DnsServer:
    """Answers SRV and MX questions; a name without records does not exist.

    Attributes:
        records: by name and kind ("_imaps._tcp.example.org", "SRV"), each as in a zone file.
        failing: names that are answered with "server failure".
        silent: nothing is answered any more.
        asked: every name and kind asked for.
    """

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.failing: set[str] = set()
        self.silent = False
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._leaving = False
        self._thread = threading.Thread(target=self._serve, name="DNS server", daemon=True)

    def __enter__(self) -> DnsServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
            caller.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, peer = self._socket.recvfrom(4096)
            if self._leaving:
                return
            question = dns.message.from_wire(data)
            name = question.question[0].name.to_text().rstrip(".").lower()
            kind = dns.rdatatype.to_text(question.question[0].rdtype)
            self.asked.append((name, kind))
            if not self.silent:
                with contextlib.suppress(OSError):
                    self._socket.sendto(self._answer(question, name, kind).to_wire(), peer)

    def _answer(self, question: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        answer = dns.message.make_response(question, recursion_available=True)
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif texts := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *texts))
        elif not any(owner == name for owner, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
