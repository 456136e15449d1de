"""The settings of all accounts in one dialog: a list on the left, pages for the chosen one on the right."""
