"""Spell checking without Qt: finding dictionaries, choosing the words to check, checking them."""
