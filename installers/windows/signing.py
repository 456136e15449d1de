"""Signing programs for Windows, with whatever the machine that builds them has for it.

`QTMAIL_SIGN_COMMAND` is the command line that signs the file whose path is put after it, for example
`signtool sign /a /fd sha256 /td sha256 /tr http://timestamp.example`. It must not begin with a quote, which
Windows' shell would take away; a program whose path has spaces is put on the search path instead. Without it
nothing is signed: such programs work, but Windows warns of them when they were downloaded.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from installers.packaging import BuildFailed


def sign_command() -> str | None:
    """The command line that signs, without the file; None if nothing is to be signed."""
    return os.environ.get("QTMAIL_SIGN_COMMAND") or None


def sign(program: Path) -> None:
    """Sign a program in its place, if that is wanted.

    Raises:
        BuildFailed: the command did not succeed.
    """
    command = sign_command()
    if command is None:
        return
    # By the shell, as makensis does it for what it makes: the command comes as one text.
    done = subprocess.run(f'{command} "{program}"', shell=True, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(
            f"{program.name} could not be signed ({done.returncode}):\n{done.stdout}{done.stderr}"
        )
