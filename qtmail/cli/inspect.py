"""`qtmail inspect`: what the reader makes of messages in files."""

from __future__ import annotations

import argparse
from pathlib import Path

from qtmail.cli.output import print_json, say
from qtmail.mime.inspect import inspect


def run(arguments: argparse.Namespace) -> bool:
    """One answer for each file, in order; a file that cannot be read is said, and the others go on."""
    done = True
    for path in arguments.files:
        raw = _read(path)
        if raw is None:
            done = False
            continue
        answer = {"file": str(path), **inspect(raw)}
        if arguments.json:
            print_json(answer)
        else:
            _print(answer)
    return done


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        say(f"qtmail: “{path}” cannot be read: {error.strerror}.")
        return None


def _print(answer: dict[str, object]) -> None:
    for name, value in answer.items():
        match value:
            case list():
                for item in value:
                    print(f"{name}: {item}")
            case None:
                pass
            case _:
                print(f"{name}: {value}")
    print()
