"""The outbox: what is on its way out, where it stands, and what the user can do about it."""
