"""Threads, and the one door from them to the GUI thread."""
