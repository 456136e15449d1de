"""`qtmail vault create|change|forget`: the file with passwords, for computers without a password store."""

from __future__ import annotations

import argparse

from qtmail.cli.context import open_store
from qtmail.cli.output import say
from qtmail.cli.secret_input import read_new_secret, read_secret
from qtmail.credentials import Credentials


def run(arguments: argparse.Namespace) -> bool:
    with open_store(arguments) as store:
        credentials = Credentials(profile=store.directory)
        match arguments.action:
            case "create":
                credentials.create_vault(read_new_secret("New master password"))
                say("From now on passwords are kept in a file that this master password locks.")
            case "change":
                old = read_secret("Master password")
                credentials.change_master(old, read_new_secret("New master password"))
                say("The file with the passwords is locked with the new master password.")
            case _:
                aside = credentials.forget_vault()
                say(f"The file is kept as {aside.name}." if aside else "There is no file with passwords.")
    return True
