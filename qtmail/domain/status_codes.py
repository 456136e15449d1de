"""Mail status codes in plain words: what a server, or a delivery report, means by "5.1.1".

The table holds the registered enhanced codes (RFC 3463, RFC 4954, RFC 5248, RFC 6531, RFC 6710, RFC 7293,
RFC 7372, RFC 7505, RFC 8617, RFC 8689) without their first digit, which says for how long, not why: 2 done,
4 for now, 5 for good. RFC 7504's 521 and 556, and the replies of RFC 5321, are in the second table, for
servers that say no more than that.
"""

from __future__ import annotations

import re

_ENHANCED = re.compile(r"([245])\.(\d{1,3}\.\d{1,3})")
_WORDS_LIMIT = 300

_BY_ENHANCED: dict[str, str] = {
    "1.1": "There is no such mailbox at the recipient's server.",
    "1.2": "There is no server that takes mail for that domain.",
    "1.3": "The address is not written as an address must be.",
    "1.4": "The address could mean more than one mailbox.",
    "1.6": "The mailbox has moved, and its new address is not known.",
    "1.7": "The sender's address is not written as an address must be.",
    "1.8": "The sender's domain does not exist or cannot receive mail.",
    "1.9": "The message was handed on to a server that does not keep to the standards.",
    "1.10": "That domain takes no mail at all.",
    "2.1": "The mailbox is switched off and takes no messages.",
    "2.2": "The recipient's mailbox is full.",
    "2.3": "The message is larger than the recipient may receive.",
    "2.4": "The mailing list could not be expanded to its members.",
    "3.1": "The mail server's storage is full.",
    "3.2": "The mail server takes no messages at the moment.",
    "3.3": "The mail server cannot do what this message needs.",
    "3.4": "The message is too big for the mail server.",
    "3.5": "The mail server is not set up correctly.",
    "3.6": "The mail server changed the priority that was asked for.",
    "4.1": "The recipient's server does not answer.",
    "4.2": "The connection to the recipient's server broke.",
    "4.3": "The mail server could not look something up.",
    "4.4": "No way to the recipient's server is known.",
    "4.5": "The mail server is overloaded.",
    "4.6": "The message went round in circles between servers.",
    "4.7": "The message could not be delivered in time and was given up.",
    "5.1": "The mail server did not expect this command.",
    "5.2": "The mail server did not understand a command.",
    "5.3": "The message has more recipients than the server takes at once.",
    "5.4": "The mail server did not understand a part of a command.",
    "5.5": "The two mail servers speak different versions of the protocol.",
    "5.6": "The sign-in was longer than the mail server takes.",
    "6.1": "The recipient's server does not take this kind of content.",
    "6.2": "The message would have to be converted, which is not allowed.",
    "6.3": "The message would have to be converted, which the server cannot do.",
    "6.4": "The message was converted, and something was lost.",
    "6.5": "The message could not be converted.",
    "6.6": "The content of the message could not be fetched.",
    "6.7": "The server does not take addresses with letters beyond a to z here.",
    "6.8": "The server can answer only in an encoding that was not agreed on.",
    "6.9": "The recipient's server does not take header fields with letters beyond a to z.",
    "6.10": "The server can answer only in an encoding that was not agreed on.",
    "7.2": "You may not write to this mailing list.",
    "7.3": "The message would have to lose its protection, which is not possible.",
    "7.4": "The server lacks a protection that the message needs.",
    "7.5": "The server could not decrypt or check the message.",
    "7.6": "The server does not know the encryption that was used.",
    "7.7": "The message was changed on its way.",
    "7.8": "The user name or password is not right.",
    "7.9": "The server does not take this way of signing in.",
    "7.10": "The server takes this only over an encrypted connection.",
    "7.11": "The server takes a password only over an encrypted connection.",
    "7.12": "The password must be changed before mail can be sent.",
    "7.13": "The account is switched off.",
    "7.14": "The server trusts only servers it has an arrangement with.",
    "7.15": "The priority of the message is too low for this server at the moment.",
    "7.16": "The message is too big for its priority.",
    "7.17": "The mailbox has belonged to somebody else since.",
    "7.18": "The domain has belonged to somebody else since.",
    "7.19": "The server cannot tell whether the mailbox still belongs to the same person.",
    "7.20": "The message lacks a valid DKIM signature, which the recipient's server wants.",
    "7.21": "The recipient's server does not accept the message's DKIM signature.",
    "7.22": "The message lacks a DKIM signature of the sender's own domain.",
    "7.23": "The sender's domain does not allow this server to send its mail (SPF).",
    "7.24": "The SPF record of the sender's domain could not be read.",
    "7.25": "The sending server's network address has no proper name.",
    "7.26": "The message failed several checks of where it comes from.",
    "7.27": "The sender's domain takes no mail, so nothing is taken from it.",
    "7.28": "Too many messages came from this sender.",
    "7.29": "The chain of the message's seals (ARC) is broken.",
    "7.30": "A server on the way cannot encrypt as the message demands.",
}

_VAGUE: dict[str, str] = {
    "1.0": "Something is wrong with the address",
    "2.0": "Something is wrong with the mailbox",
    "3.0": "Something is wrong with the mail server",
    "4.0": "Something is wrong with the network or the way to the recipient",
    "5.0": "The servers misunderstood each other",
    "6.0": "Something is wrong with the content of the message",
    "7.0": "The server refuses this for reasons of security",
    "7.1": "The server does not allow this message",
}
"""Codes that say little, so that the server's own words follow."""

_BY_REPLY: dict[int, str] = {
    450: "The mailbox is busy or not available at the moment",
    451: "The mail server had a fault of its own",
    452: "The mail server's storage is full, or there are too many recipients at once",
    500: "The mail server did not understand a command",
    501: "The mail server did not understand a part of a command",
    502: "The mail server does not know this command",
    503: "The mail server did not expect this command",
    521: "This server takes no mail",
    550: "The mailbox does not exist or does not take this message",
    551: "The recipient is at another server",
    552: "The message is too big, or the mailbox is full",
    553: "The server does not take this address",
    554: "The server does not take this message",
    555: "The mail server does not know an option that was used",
    556: "That domain takes no mail at all",
}

_BY_CLASS = {
    "2": "The server took it",
    "4": "The server refuses this for now",
    "5": "The server refuses this",
}


def status_words(code: str, text: str = "") -> str:
    """What a status means, as a sentence for the user.

    Args:
        code: an enhanced status ("5.1.1"), else an SMTP reply code ("550"), or "" where none is known.
        text: the server's own words; they are quoted where the code alone says too little.
    """
    if match := _ENHANCED.fullmatch(code):
        if match[1] == "2":
            return f"{_BY_CLASS['2']}."
        # Numbers may be written with leading zeros, which RFC 3463 section 2 forbids.
        subject, detail = map(int, match[2].split("."))
        if words := _BY_ENHANCED.get(f"{subject}.{detail}"):
            return words
        vague = _VAGUE.get(f"{subject}.{detail}") or _VAGUE.get(f"{subject}.0") or _BY_CLASS[match[1]]
    else:
        vague = _BY_REPLY.get(int(code) if code.isdecimal() else 0) or _BY_CLASS.get(
            code[:1], "The server refuses this"
        )
    return _with_quote(vague, text)


def _with_quote(sentence: str, text: str) -> str:
    shown = " ".join(text.split())
    if len(shown) > _WORDS_LIMIT:
        shown = f"{shown[:_WORDS_LIMIT]}…"
    return f"{sentence}. It said: “{shown}”" if shown else f"{sentence}."
