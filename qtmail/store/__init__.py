"""What is kept on this computer, in SQLite; the only layer that speaks SQL. Start at store.py."""
