"""Drafts on this computer: the list, their versions, and what is offered after a crash."""
