"""What the user prefers of the program as a whole; the accounts have settings of their own."""
