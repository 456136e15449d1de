"""A person or thing that mail comes from or goes to (RFC 5322 section 3.4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: a display name, already decoded and possibly empty, and an `local@domain` address.

    A group without members (`undisclosed-recipients:;`) is an Address with a name and no address.
    """

    name: str
    address: str

    @property
    def label(self) -> str:
        """What to call this person in a list: the name, or the address where there is none."""
        return self.name or self.address

    def __str__(self) -> str:
        if self.name and self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address
