"""`qtmail` and `python -m qtmail`: a command, or the window."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qtmail.cli.arguments import COMMANDS, window_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run qtmail and return the exit status: 0 done, 1 failed, 2 wrong usage."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        print("qtmail: stopped", file=sys.stderr)  # noqa: T201
        return 1


def _run(arguments: Sequence[str]) -> int:
    if _is_command(arguments):
        from qtmail.cli.main import run  # noqa: PLC0415 - the window starts without loading the commands

        return run(arguments)
    parser = window_parser()
    options = parser.parse_args(arguments)
    for word in options.open:
        if not _may_be_opened(word):
            parser.error(f"“{word}” is neither a command nor a file")
    with _no_garbage():
        from qtmail.app import run_window  # noqa: PLC0415 - commands run where there is no Qt

    return run_window(options)


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
    return word.lower().startswith("mailto:") or any(sign in word for sign in "./\\") or Path(word).exists()


def _is_command(arguments: Sequence[str]) -> bool:
    """Whether the first word that is not an option, or an option's value, is a command."""
    words = iter(arguments)
    for word in words:
        if word == "--profile":
            next(words, None)
        elif not word.startswith("-"):
            return word in COMMANDS
    return False


if __name__ == "__main__":
    sys.exit(main())
