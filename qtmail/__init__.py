"""qtmail: a desktop mail client people can trust with their mail."""

__version__ = "0.1.0"
