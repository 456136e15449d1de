"""Widgets. They know models, workers, mime and domain, and nothing of servers or SQL."""
