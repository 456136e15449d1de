"""One message from MAIL to the reply that decides about it (RFC 5321 section 3.3).

    MAIL ─> RCPT … ─┬─> DATA ─> message ──────────> "." ─────────> 250
                    └─> BDAT … (RFC 3030) ──┤    └─> BDAT … LAST ─> 250
                                        before_end

Everything before `before_end` can be tried again: the server has not got the whole message and must not
deliver it. After it only the reply tells. So before it is called, every reply that is due has been read, at
least one recipient is accepted, all bytes but the end are with the system, and the line was not seen to be
broken; what remains to be sent is so little that it hardly ever gets lost on its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress

from qtmail.errors import ConnectionFailed, HandedOver, ProtocolViolation, QtmailError, Stopped
from qtmail.protocols.smtp_data import checked, chunks, dot_stuffed
from qtmail.protocols.smtp_dialogue import SmtpDialogue
from qtmail.protocols.smtp_syntax import check_envelope, mail_command, recipient_command
from qtmail.protocols.smtp_values import RecipientResult, SendResult, SendTimeouts, SmtpEnvelope, SmtpReply

CHUNK_SIZE = 512 * 1024
"""Bytes in one BDAT chunk."""
CHUNKS_IN_FLIGHT = 4
"""Chunks that may be unanswered where the server takes commands in bursts: a refusal comes soon enough."""
LAST_CHUNK_SIZE = 12 * 1024
"""Bytes in the last chunk at most: what leaves in the first flight of a connection (RFC 6928), so that the
line can hardly break while it is half-way."""

_GO_ON = 354

BeforeEnd = Callable[[tuple[RecipientResult, ...]], None]
"""Told what the server said of each recipient."""


def send(
    dialogue: SmtpDialogue,
    envelope: SmtpEnvelope,
    message: Iterable[bytes],
    before_end: BeforeEnd,
    timeouts: SendTimeouts,
) -> SendResult:
    """Hand a message in; see `SmtpSession.send`."""
    check_envelope(envelope)
    if (refusal := _not_offered(envelope, dialogue)) is not None:
        return _refused_by_all(envelope, refusal)
    kind = _ChunkTransaction if dialogue.offers.chunking else _DataTransaction
    return kind(dialogue, envelope, timeouts).send(message, before_end)


def _not_offered(envelope: SmtpEnvelope, dialogue: SmtpDialogue) -> SmtpReply | None:
    """What the server would say to a message that it cannot take, without asking it."""
    offers, host = dialogue.offers, dialogue.host
    if offers.size_limit is not None and envelope.size > offers.size_limit:
        size, limit = _sizes(envelope.size, offers.size_limit)
        too_big = f"The message has {size}, and {host} takes at most {limit}."
        return SmtpReply(552, "5.3.4", too_big, ours=True)
    if envelope.smtputf8 and not offers.utf8:
        addresses = (envelope.sender, *envelope.recipients)
        which = next((one for one in addresses if not one.isascii()), "one in its header")
        lacks = f"{host} does not take internationalised addresses, and the message has {which}."
        return SmtpReply(553, "5.6.7", lacks, ours=True)
    if envelope.eight_bit and not offers.eight_bit:
        return SmtpReply(554, "5.6.3", f"{host} takes only messages coded in 7 bits.", ours=True)
    return None


def _sizes(size: int, limit: int) -> tuple[str, str]:
    """Both in MB (1,048,576 bytes), unless that would hide the difference."""
    shown, shown_limit = (f"{number / (1 << 20):.1f} MB" for number in (size, limit))
    return (shown, shown_limit) if shown != shown_limit else (f"{size:,} bytes", f"{limit:,} bytes")


def _refused_by_all(envelope: SmtpEnvelope, reply: SmtpReply) -> SendResult:
    recipients = tuple(RecipientResult(address, False, reply) for address in envelope.recipients)
    return SendResult(False, reply, recipients)


class _Transaction(ABC):
    def __init__(self, dialogue: SmtpDialogue, envelope: SmtpEnvelope, timeouts: SendTimeouts) -> None:
        self._dialogue = dialogue
        self._envelope = envelope
        self._timeouts = timeouts
        self._recipients: tuple[RecipientResult, ...] = ()
        self._somebody = False  # the server would deliver to one of them

    @abstractmethod
    def send(self, message: Iterable[bytes], before_end: BeforeEnd) -> SendResult: ...

    # -- the envelope ------------------------------------------------------------------------------

    def _announce(self, *more: bytes) -> tuple[SmtpReply | None, list[SmtpReply]]:
        """Say MAIL and RCPT, and where the server takes bursts `more` with them (RFC 2920).

        Returns the reply that refuses the message, or None if there is a recipient for it, and the replies
        to `more`, which are missing where the commands have not been sent.
        """
        envelope, offers = self._envelope, self._dialogue.offers
        commands = [mail_command(envelope, offers)]
        commands += [recipient_command(address, envelope, offers) for address in envelope.recipients]
        with self._dialogue.patience(self._timeouts.envelope):
            replies = self._burst([*commands, *more]) if offers.pipelining else self._one_by_one(commands)
        mail, to, rest = replies[0], replies[1 : len(commands)], replies[len(commands) :]
        for reply in (mail, *to):
            if reply.code < 400 and not reply.positive:
                raise self._dialogue.unexpected(reply, "MAIL or RCPT")
        self._somebody = any(reply.positive for reply in to)
        if not mail.positive:
            self._recipients = _refused_by_all(envelope, mail).recipients
            return mail, rest
        self._recipients = tuple(
            RecipientResult(address, reply.positive, reply)
            for address, reply in zip(envelope.recipients, to, strict=True)
        )
        return self._refusal_of_recipients(), rest

    def _burst(self, commands: list[bytes]) -> list[SmtpReply]:
        for command in commands:
            self._dialogue.submit(command)
        return [self._dialogue.reply() for _ in commands]

    def _one_by_one(self, commands: list[bytes]) -> list[SmtpReply]:
        replies = [self._dialogue.ask(commands[0])]
        if replies[0].positive:
            replies += [self._dialogue.ask(command) for command in commands[1:]]
        return replies

    def _refusal_of_recipients(self) -> SmtpReply | None:
        """If all are refused, the reply that stands for them: one that leaves hope, where there is one."""
        if self._somebody:
            return None
        replies = [recipient.reply for recipient in self._recipients]
        return next((reply for reply in replies if reply.transient), replies[0])

    # -- the end -----------------------------------------------------------------------------------

    def _finish(self, end: bytes, before_end: BeforeEnd) -> SendResult:
        """Hand the message over: send what completes it, and read the reply that decides."""
        if self._dialogue.stream.line_waits():
            return self._interrupted()
        before_end(self._recipients)
        try:
            with self._dialogue.patience(self._timeouts.data_end):
                self._dialogue.stream.write(end)
                reply = self._dialogue.final_reply()
            if reply.code < 400 and not reply.positive:
                raise self._dialogue.unexpected(reply, "the message")
        except (ConnectionFailed, ProtocolViolation) as error:
            raise HandedOver(
                f"The message was handed over, but the connection to {self._dialogue.host} broke before "
                "the server said whether it takes it.",
                advice="Find out whether it arrived before you send it again.",
                detail=" ".join(part for part in (error.sentence, error.detail) if part),
            ) from error
        return self._result(reply)

    def _interrupted(self) -> SendResult:
        """The server has spoken before it heard the end: it refuses, or is about to hang up."""
        reply = self._dialogue.final_reply()
        self._dialogue.stream.close()  # whatever follows would be taken for the rest of the message
        if reply.code < 400:
            raise self._dialogue.unexpected(reply, "half a message")
        return self._result(reply)

    def _result(self, reply: SmtpReply) -> SendResult:
        return SendResult(reply.positive, reply, self._recipients)

    def _refused(self, reply: SmtpReply) -> SendResult:
        """The result of a transaction that ends before its message; the session can go on."""
        self._reset()
        return SendResult(False, reply, self._recipients)

    def _reset(self) -> None:
        """Forget the transaction on the server; if that fails the line is closed, and the result stands."""
        with suppress(QtmailError, Stopped):
            if not self._dialogue.ask(b"RSET").positive:
                self._dialogue.stream.close()


class _DataTransaction(_Transaction):
    """The message between DATA and a line with a dot."""

    def send(self, message: Iterable[bytes], before_end: BeforeEnd) -> SendResult:
        refusal, replies = self._announce(b"DATA")
        if refusal is not None:
            if replies and replies[0].code == _GO_ON:
                self._end_without_message()
            return self._refused(refusal)
        data = replies[0] if replies else self._begin()
        if data.code < 400 and data.code != _GO_ON:
            raise self._dialogue.unexpected(data, "DATA")
        if data.code != _GO_ON:
            return self._refused(data)
        try:
            early = self._upload(message)
            return early or self._finish(b".\r\n", before_end)
        except BaseException:
            # The only way not to end a message that has begun (RFC 5321 section 4.1.1.4).
            self._dialogue.stream.close()
            raise

    def _end_without_message(self) -> None:
        """DATA travelled with the envelope, and the server waits for a message although it shall get none.

        Where there is nobody to deliver it to, an empty one does no harm (RFC 2920 section 3.1). Should the
        server have refused the sender and taken a recipient, only hanging up is safe.
        """
        if self._somebody:
            self._dialogue.stream.close()
        with suppress(QtmailError, Stopped):
            self._dialogue.ask(b".")

    def _begin(self) -> SmtpReply:
        with self._dialogue.patience(self._timeouts.data_start):
            return self._dialogue.ask(b"DATA")

    def _upload(self, message: Iterable[bytes]) -> SendResult | None:
        """Send all but the end; a result only if the server refuses before it has heard the end."""
        stream = self._dialogue.stream
        sent = 0
        with self._dialogue.patience(self._timeouts.data_block):
            for piece in dot_stuffed(checked(message)):
                stream.write(piece)
                stream.flush()
                sent += len(piece)
                if stream.line_waits():
                    return self._interrupted()
        self._dialogue.log.note(f"sent {sent:,} bytes of message")
        return None


class _ChunkTransaction(_Transaction):
    """The message in chunks of announced length (BDAT, RFC 3030): nothing in it can be taken for its end."""

    def __init__(self, dialogue: SmtpDialogue, envelope: SmtpEnvelope, timeouts: SendTimeouts) -> None:
        super().__init__(dialogue, envelope, timeouts)
        self._unanswered = 0

    def send(self, message: Iterable[bytes], before_end: BeforeEnd) -> SendResult:
        refusal, _ = self._announce()
        if refusal is not None:
            return self._refused(refusal)
        try:
            return self._send_chunks(message, before_end)
        except (ConnectionFailed, ProtocolViolation, Stopped):
            self._dialogue.stream.close()  # it is, unless one of them came from the message
            raise
        except BaseException:
            self._abandon()
            raise

    def _send_chunks(self, message: Iterable[bytes], before_end: BeforeEnd) -> SendResult:
        in_flight = CHUNKS_IN_FLIGHT if self._dialogue.offers.pipelining else 1
        with self._dialogue.patience(self._timeouts.data_block):
            for chunk, last in chunks(checked(message), CHUNK_SIZE, LAST_CHUNK_SIZE):
                if (refusal := self._await_replies(0 if last else in_flight - 1)) is not None:
                    return self._refused(refusal)
                command = b"BDAT %d LAST" % len(chunk) if last else b"BDAT %d" % len(chunk)
                self._dialogue.log.sent(command)
                data = command + b"\r\n" + chunk
                if last:
                    break
                self._dialogue.stream.write(data)
                self._dialogue.stream.flush()
                self._unanswered += 1
        return self._finish(data, before_end)

    def _await_replies(self, leave: int) -> SmtpReply | None:
        """Read replies to chunks until so many are left; once one refuses, all of them, and return that."""
        refusal = None
        while self._unanswered > leave:
            reply = self._dialogue.reply()
            self._unanswered -= 1
            if reply.code < 400 and not reply.positive:
                raise self._dialogue.unexpected(reply, "BDAT")
            if refusal is None and not reply.positive:
                refusal, leave = reply, 0
        return refusal

    def _abandon(self) -> None:
        """Forget the chunks that were sent: the message, or `before_end`, failed on this side."""
        with suppress(QtmailError, Stopped):
            self._await_replies(0)
        self._reset()
