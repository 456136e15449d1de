"""What goes into and comes out of an SMTP session: plain values."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.status_codes import status_words


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """What a server said (RFC 5321 section 4.2).

    Attributes:
        code: 200 to 599.
        enhanced: the enhanced status ("5.1.1", RFC 2034), or "" where the server gives none.
        text: the server's words, the lines of a long reply joined by spaces.
        ours: True if the server was never asked, because what it offers already says no; `text` is then a
            sentence of ours.
    """

    code: int
    enhanced: str = ""
    text: str = ""
    ours: bool = False

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def transient(self) -> bool:
        """Trying again later may help.

        That a message has too many recipients is said by old servers as if for good (RFC 5321 section
        4.5.3.1.10), yet the rest of them can follow later.
        """
        return 400 <= self.code < 500 or (self.code == 552 and self.enhanced == "5.5.3")

    @property
    def permanent(self) -> bool:
        return 500 <= self.code < 600 and not self.transient

    @property
    def sentence(self) -> str:
        """What it means, for the user."""
        return self.text if self.ours else status_words(self.enhanced or str(self.code), self.text)

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


@dataclass(frozen=True, slots=True)
class SmtpOffers:
    """What a server says it can do (RFC 5321 section 4.1.1.1).

    Attributes:
        name: what the server calls itself.
        sized: it wants to know the size of a message beforehand (SIZE, RFC 1870).
        size_limit: bytes of the largest message it takes, or None where it sets or tells no limit.
        eight_bit: 8BITMIME (RFC 6152).
        utf8: SMTPUTF8 (RFC 6531).
        pipelining: PIPELINING (RFC 2920).
        chunking: CHUNKING (RFC 3030).
        dsn: delivery reports on request (DSN, RFC 3461).
        starttls: STARTTLS (RFC 3207).
        mechanisms: the ways of signing in (AUTH, RFC 4954), in upper case.
    """

    name: str = ""
    sized: bool = False
    size_limit: int | None = None
    eight_bit: bool = False
    utf8: bool = False
    pipelining: bool = False
    chunking: bool = False
    dsn: bool = False
    starttls: bool = False
    mechanisms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SmtpEnvelope:
    """Who gets a message, and how it is to be treated on the way.

    Attributes:
        sender: where failures are reported (MAIL FROM); "" for a message that must cause no report.
        recipients: addresses in wire form: domains in ASCII unless `smtputf8`.
        size: bytes of the message with CRLF line ends.
        eight_bit: it holds bytes beyond ASCII; refused where the server does not offer 8BITMIME.
        smtputf8: its header or envelope holds addresses beyond ASCII; refused where the server does not offer
            SMTPUTF8.
        envelope_id: comes back in delivery reports (ENVID); up to 100 characters.
        notify: ask for delivery reports, where the server offers DSN.
    """

    sender: str
    recipients: tuple[str, ...]
    size: int
    eight_bit: bool = False
    smtputf8: bool = False
    envelope_id: str = ""
    notify: bool = False


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What the server said of one recipient; `accepted` means nothing unless the message was, too."""

    address: str
    accepted: bool
    reply: SmtpReply


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one message.

    Attributes:
        accepted: the server has taken it for the recipients marked as accepted.
        reply: the reply to the message, or the one that ended the attempt.
        recipients: in the order of the envelope.
    """

    accepted: bool
    reply: SmtpReply
    recipients: tuple[RecipientResult, ...]


@dataclass(frozen=True, slots=True)
class SendTimeouts:
    """Seconds a server may be silent while a message is handed in (RFC 5321 section 4.5.3.2).

    Attributes:
        envelope: after MAIL and RCPT.
        data_start: after DATA.
        data_block: while the message is on its way.
        data_end: after its end; long, because giving up here leaves the outcome unknown.
    """

    envelope: float = 300.0
    data_start: float = 120.0
    data_block: float = 180.0
    data_end: float = 600.0
