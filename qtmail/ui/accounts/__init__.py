"""The dialogs about accounts: adding one, its password, its certificate."""
