"""What a check of an account's connection found, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.errors import Layer


@dataclass(frozen=True, slots=True)
class Quota:
    """How full a mailbox is; both in bytes."""

    used: int
    limit: int

    @property
    def share(self) -> float:
        """How much of it is used, from 0.0 on; a limit of nothing is always reached."""
        return self.used / self.limit if self.limit else 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one step.

    Attributes:
        server: which server was asked ("imap.example.org:993"), or "" for this computer.
        layer: what was tried.
        ok: whether it worked.
        sentence: what was found, for the user.
        advice: what to do, where it did not work.
        detail: the technical cause, without secrets.
        certificate: PEM text of the certificate the server showed, where the fault is about it.
        seconds: how long it took.
        remark: nothing is wrong, and something is worth knowing; with an advice where one can do otherwise.
    """

    server: str
    layer: Layer
    ok: bool
    sentence: str
    advice: str = ""
    detail: str = ""
    certificate: str = ""
    seconds: float = 0.0
    remark: bool = False
