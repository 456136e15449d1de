"""The account assistant: from a mail address to an account that works, one step after the other."""
