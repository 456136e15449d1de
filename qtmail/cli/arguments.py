"""The command line's grammar. It is public: what is documented here stays."""

from __future__ import annotations

import argparse
from pathlib import Path

import qtmail

SECURITIES = ("tls", "starttls", "none")
COMMANDS = (
    "account", "sync", "folders", "list", "show", "send", "outbox", "inspect", "doctor", "settings", "vault",
)  # fmt: skip


def command_parser() -> argparse.ArgumentParser:
    """The grammar of `qtmail COMMAND …`."""
    parser = argparse.ArgumentParser(prog="qtmail", description="Commands that need no window.")
    _common(parser, default=None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _account(commands)
    _sync(commands)
    _reading(commands)
    _sending(commands)
    _support(commands)
    _settings(commands)
    return parser


def window_parser() -> argparse.ArgumentParser:
    """The grammar of `qtmail` without a command: the window."""
    parser = argparse.ArgumentParser(
        prog="qtmail",
        description="A desktop mail client people can trust with their mail.",
        epilog=f"Commands: {', '.join(COMMANDS)}. “qtmail COMMAND --help” explains each.",
    )
    _common(parser, default=None)
    parser.add_argument("--offline", action="store_true", help="do not connect to any server")
    parser.add_argument(
        "--demo", action="store_true", help="try qtmail on a mailbox of samples; nothing leaves this computer"
    )
    parser.add_argument(
        "--tray", action="store_true", help="start in the notification area, without opening the window"
    )
    parser.add_argument(
        "--self-test",
        nargs="?",
        const=Path("build/self-test"),
        type=Path,
        metavar="DIR",
        help="run through the main job without a display and write screenshots to DIR",
    )
    parser.add_argument("--version", action="version", version=f"qtmail {qtmail.__version__}")
    parser.add_argument(
        "open", nargs="*", metavar="FILE.eml | mailto:…", help="messages to show, or addresses to write to"
    )
    return parser


def _common(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument("--profile", type=Path, metavar="DIR", default=default, help="keep everything in DIR")
    parser.add_argument(
        "--debug", action="store_true", default=default or False, help="log details to standard error"
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    # The same options after the command; SUPPRESS keeps what was given before it.
    _common(parser, default=argparse.SUPPRESS)
    return parser


def _json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")


def _password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _account(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    account = _command(commands, "account", "Add, list, remove or test accounts.")
    actions = account.add_subparsers(
        dest="action",
        required=True,
        metavar="add|list|password|enable|disable|remove|test|sign-in|discover",
    )
    _account_add(actions)
    _json(_command(actions, "list", "List the accounts."))
    _account_changes(actions)
    test = _command(actions, "test", "Try the account's servers step by step.")
    test.add_argument("account", metavar="ACCOUNT")
    _password(test)
    _json(test)
    _account_sign_in(actions)
    discover = _command(actions, "discover", "Find out about the servers behind an address.")
    discover.add_argument("address", metavar="ADDRESS")
    _json(discover)


def _account_add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = _command(actions, "add", "Add an account; its password goes into the system's password store.")
    add.add_argument("--email", required=True, metavar="ADDRESS")
    add.add_argument("--name", help="what to call the account (default: the address)")
    add.add_argument("--full-name", default="", help="the name others see")
    add.add_argument("--user", help="the name to sign in with (default: the address)")
    add.add_argument("--imap", metavar="HOST[:PORT][/tls|starttls|none]", help="default: imap.DOMAIN:993/tls")
    add.add_argument("--no-imap", action="store_true", help="the account only sends")
    _pop3(add)
    _sign_in(add)
    add.add_argument(
        "--smtp", metavar="HOST[:PORT][/tls|starttls|none]", help="the server mail is handed in to"
    )
    add.add_argument(
        "--bodies", choices=("none", "recent", "all"), default="recent", help="which bodies to keep here"
    )
    _password(add)
    _json(add)


def _account_changes(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, text in (
        ("password", "Keep another password; it is asked for, or read from standard input."),
        ("enable", "Ask the account's servers again."),
        ("disable", "Let the account rest: its mail stays, and no server is asked."),
    ):
        _command(actions, name, text).add_argument("account", metavar="ACCOUNT")
    remove = _command(actions, "remove", "Forget an account; mail on the server is not touched.")
    remove.add_argument("account", metavar="ACCOUNT")
    remove.add_argument(
        "--drop-unsent", action="store_true", help="also if mail waits in its outbox; drafts of it stay"
    )
    mail = remove.add_mutually_exclusive_group()
    mail.add_argument(
        "--keep-mail", action="store_true", help="move mail that is only here to the local folders"
    )
    mail.add_argument("--delete-mail", action="store_true", help="delete mail that is only here, for good")


def _account_sign_in(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sign_in = _command(actions, "sign-in", "Sign in at the account's provider, in the browser.")
    sign_in.add_argument("account", metavar="ACCOUNT")
    sign_in.add_argument("--device", action="store_true", help="by a code that is typed on another device")
    sign_in.add_argument(
        "--client-secret-stdin",
        action="store_true",
        help="read the secret of one's own client from standard input",
    )


def _pop3(add: argparse.ArgumentParser) -> None:
    add.add_argument(
        "--pop3", metavar="HOST[:PORT][/tls|starttls|none]", help="fetch mail by POP3 and keep it here"
    )
    add.add_argument(
        "--keep",
        metavar="delete|keep|days:N|until-deleted|newest:N|newest:NMB",
        help="what stays on the POP3 server of the mail that is safely here (default: keep)",
    )
    add.add_argument(
        "--headers-only-over",
        type=int,
        default=0,
        metavar="MB",
        help="of larger messages fetch the header only, until they are asked for",
    )
    add.add_argument("--apop", action="store_true", help="sign in to the POP3 server with APOP")


def _sign_in(add: argparse.ArgumentParser) -> None:
    add.add_argument(
        "--oauth",
        default="",
        metavar="PROVIDER",
        help="sign in in the browser: google, microsoft, yahoo, aol, or an issuer's https:// address",
    )
    add.add_argument("--client-id", default="", metavar="ID", help="one's own client id at that provider")
    add.add_argument(
        "--certificate", type=Path, metavar="FILE.pem", help="sign in with this client certificate"
    )


def _sync(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sync = _command(commands, "sync", "Bring the mail on this computer in step with the server.")
    sync.add_argument("account", nargs="?", metavar="ACCOUNT")
    sync.add_argument("--folder", metavar="PATH", help="only this folder")
    sync.add_argument(
        "--bodies",
        choices=("none", "recent", "all"),
        help="which bodies to keep (default: as the account says)",
    )
    _password(sync)
    _json(sync)


def _reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    folders = _command(commands, "folders", "List the folders and how many messages they hold.")
    folders.add_argument("account", nargs="?", metavar="ACCOUNT")
    _json(folders)
    listing = _command(commands, "list", "List the messages of a folder, newest first.")
    listing.add_argument(
        "account", nargs="?", metavar="ACCOUNT", help="may be left out where there is but one"
    )
    listing.add_argument("--folder", default="INBOX", metavar="PATH")
    listing.add_argument("--limit", type=int, default=50, metavar="N")
    listing.add_argument("--unread", action="store_true")
    listing.add_argument("--flagged", action="store_true")
    _json(listing)
    show = _command(commands, "show", "Show one message, by the id that “list” prints.")
    show.add_argument("message", type=int, metavar="ID")
    show.add_argument("--source", action="store_true", help="print the message as it is on the wire")
    _password(show)
    _json(show)


def _sending(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    send = _command(commands, "send", "Send a message: a file as it is, or one made from the options.")
    send.add_argument(
        "file", nargs="?", type=Path, metavar="FILE.eml", help="a whole message; “-” reads standard input"
    )
    send.add_argument("--from", dest="sender", metavar="ADDRESS", help="the account or identity to send from")
    for name, text in (("to", "recipients"), ("cc", "for information"), ("bcc", "blind copies")):
        send.add_argument(f"--{name}", action="append", default=[], metavar="ADDRESSES", help=text)
    send.add_argument("--subject", default="", metavar="TEXT")
    send.add_argument("--body", default="", metavar="TEXT", help="the text of the message")
    send.add_argument(
        "--body-file", type=Path, metavar="FILE", help="a UTF-8 file that holds the text; “-”: standard input"
    )
    send.add_argument("--attach", action="append", default=[], type=Path, metavar="FILE")
    send.add_argument("--at", metavar="TIME", help="send then: 2026-05-03T14:05, 14:05, or +90m, +2h, +1d")
    send.add_argument("--queue", action="store_true", help="put it into the outbox and do not connect now")
    _password(send)
    _json(send)
    outbox = _command(commands, "outbox", "Look at mail that waits to be sent, and decide on it.")
    actions = outbox.add_subparsers(dest="action", required=True, metavar="list|retry|cancel|flush")
    listing = _command(actions, "list", "List what is in the outbox, and where it stands.")
    retry = _command(actions, "retry", "Try messages again now.")
    retry.add_argument("items", nargs="+", type=int, metavar="ID")
    _password(retry)
    cancel = _command(actions, "cancel", "Take messages back before they are sent.")
    cancel.add_argument("items", nargs="+", type=int, metavar="ID")
    flush = _command(actions, "flush", "Send what is due, and file what was sent.")
    flush.add_argument("account", nargs="?", metavar="ACCOUNT")
    _password(flush)
    for parser in (listing, retry, cancel, flush):
        _json(parser)


def _support(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    inspect = _command(commands, "inspect", "Show what the reader makes of messages in files.")
    inspect.add_argument("files", nargs="+", type=Path, metavar="FILE.eml")
    _json(inspect)
    doctor = _command(commands, "doctor", "Check this computer and the accounts' servers, layer by layer.")
    doctor.add_argument("account", nargs="?", metavar="ACCOUNT")
    _password(doctor)
    output = doctor.add_mutually_exclusive_group()
    _json(output)
    output.add_argument(
        "--report",
        action="store_true",
        help="print a report to send to others: without secrets, user names and folder names",
    )


def _settings(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    settings = _command(commands, "settings", "Take all settings to another computer, in one file.")
    actions = settings.add_subparsers(dest="action", required=True, metavar="export|import")
    export = _command(actions, "export", "Write accounts, identities and templates into a file; no mail.")
    take = _command(actions, "import", "Add what a file holds and is not here yet; nothing is changed.")
    for parser in (export, take):
        parser.add_argument("file", type=Path, metavar="FILE")
    export.add_argument(
        "--with-passwords",
        action="store_true",
        help="also the passwords, sealed with a passphrase: asked for, or read from standard input",
    )
    take.add_argument(
        "--with-passwords",
        action="store_true",
        help="also the passwords; their passphrase is asked for, or read from standard input",
    )
    take.add_argument(
        "--with-exemptions",
        action="store_true",
        help="also accept the certificates, and allow the passwords in clear text, that the file names",
    )
    take.add_argument("--dry-run", action="store_true", help="only show what the file holds")
    _json(take)
    vault = _command(commands, "vault", "Keep passwords in a file, where there is no password store.")
    actions = vault.add_subparsers(dest="action", required=True, metavar="create|change|forget")
    _command(actions, "create", "Make it; its master password is asked for, or read from standard input.")
    _command(actions, "change", "Lock it with another master password: the old one, then the new one.")
    _command(actions, "forget", "Start again without it; it is kept under another name.")
