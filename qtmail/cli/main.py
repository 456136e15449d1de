"""Runs one command and turns its outcome into an exit status: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from qtmail import log
from qtmail.cli import accounts, doctor, inspect, outbox, reading, send, settings, sync, vault
from qtmail.cli.arguments import command_parser
from qtmail.cli.output import say, told
from qtmail.errors import QtmailError, UsageError

DONE, FAILED, WRONG_USAGE = 0, 1, 2

_COMMANDS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "account": accounts.run,
    "sync": sync.run,
    "folders": reading.folders,
    "list": reading.list_messages,
    "show": reading.show,
    "send": send.run,
    "outbox": outbox.run,
    "inspect": inspect.run,
    "doctor": doctor.run,
    "settings": settings.run,
    "vault": vault.run,
}


def run(argv: Sequence[str]) -> int:
    """Run `qtmail ARGV…` and return the exit status."""
    arguments = command_parser().parse_args(argv)
    log.configure(debug=arguments.debug)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A message may hold what the terminal's encoding cannot write.
            stream.reconfigure(errors="replace")
    try:
        done = _COMMANDS[arguments.command](arguments)
        sys.stdout.flush()
        return DONE if done else FAILED
    except UsageError as error:
        say(f"qtmail: {error}")
        return WRONG_USAGE
    except QtmailError as error:
        say(f"qtmail: {told(error)}")
        if error.detail:
            say(f"  ({error.layer}: {error.detail})")
        return FAILED
    except BrokenPipeError:
        # The reader of our output went away ("| head"): nothing is left to say to it, not even at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
