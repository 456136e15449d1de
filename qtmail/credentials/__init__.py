"""Passwords and refresh tokens: where they are kept, and how they are read. The only package that knows
`keyring`.
"""

from qtmail.credentials.credentials import Credentials

__all__ = ["Credentials"]
