"""Transcripts: client says this, server says that, and nothing else was sent."""
