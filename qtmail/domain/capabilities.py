"""What can be done with the mail of an account. The window and the command line offer that, and ask nobody
what kind of account it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an account's way to its mail can do.

    Attributes:
        announces: the server tells of new mail by itself; otherwise it is asked at intervals.
        moves: messages can be moved to another folder of the account, archived, and deleted.
        own_folders: folders can be made, renamed and removed.
        downloads: a message may be here with its header only, until the user asks for the rest or has it
            deleted on the server unread.
        folder_policies: each folder can have its own rule what is kept here and how often it is looked at.
        special_folders: the user may say which folder is for what.
        receives: there is a server to ask for new mail.
        sends: there is a server to hand mail in to.
    """

    announces: bool = False
    moves: bool = False
    own_folders: bool = False
    downloads: bool = False
    folder_policies: bool = False
    special_folders: bool = False
    receives: bool = False
    sends: bool = False
