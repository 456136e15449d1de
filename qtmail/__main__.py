"""`qtmail` and `python -m qtmail`: a command, or the window."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qtmail.cli.arguments import COMMANDS, window_parser
from qtmail.errors import QtmailError, UsageError
from qtmail.integration.arguments import as_paths_and_links, is_mail_link
from qtmail.paths import default_profile_directory
from qtmail.single_instance import Wanted, claim


def main(argv: Sequence[str] | None = None) -> int:
    """Run qtmail and return the exit status: 0 done, 1 failed, 2 wrong usage."""
    give_streams()
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        print("qtmail: stopped", file=sys.stderr)  # noqa: T201
        return 1


def give_streams() -> None:
    """A program without a console has no standard streams (Windows: qtmail.exe, pythonw.exe), and whoever
    writes to one would fail.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - stays open


def _run(arguments: Sequence[str]) -> int:
    if _is_command(arguments):
        from qtmail.cli.main import run  # noqa: PLC0415 - the window starts without loading the commands

        return run(arguments)
    parser = window_parser()
    options = parser.parse_args(arguments)
    try:
        options.open = as_paths_and_links(options.open)
    except UsageError as error:
        parser.error(str(error))
    for word in options.open:
        if not _may_be_opened(word):
            parser.error(f"“{word}” is neither a command nor a file")
    return _open_window(options)


def _open_window(options: argparse.Namespace) -> int:
    """Open the window; or let the one that has the profile already open what is wanted."""
    own_profile = options.self_test is not None or (options.demo and options.profile is None)
    claimed = None
    with _no_garbage():
        if not own_profile:
            # Before Qt is loaded: who only hands something over is done in the meantime.
            wanted = Wanted.from_words(options.open, front=not options.tray)
            try:
                claimed = claim(options.profile or default_profile_directory(), wanted)
            except QtmailError as error:
                from qtmail.start_faults import tell_at_start  # noqa: PLC0415 - loads Qt

                return tell_at_start(error)
            if claimed is None:
                return 0
        from qtmail.app import run_window  # noqa: PLC0415 - commands run where there is no Qt

    return run_window(options, claimed)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """While modules are loaded nothing is thrown away, and what they hold stays: to look through it again and
    again takes 50 ms of the start, and later more of each frame in which the collector runs.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _may_be_opened(word: str) -> bool:
    """Whether it is an address to write to or looks like a file; that a file is not there is said in the
    window.
    """
    # Path.exists raises OSError for a name that is too long.
    return is_mail_link(word) or any(sign in word for sign in "./\\") or os.path.exists(word)  # noqa: PTH110


def _is_command(arguments: Sequence[str]) -> bool:
    """Whether the first word that is not an option, or an option's value, is a command. After “--” there are
    only files, whatever they are called.
    """
    words = iter(arguments)
    for word in words:
        if word == "--":
            return False
        if word == "--profile":
            next(words, None)
        elif not word.startswith("-"):
            return word in COMMANDS
    return False


if __name__ == "__main__":
    sys.exit(main())
