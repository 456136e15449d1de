"""The message list: a table drawn as cards or columns, and the filter above it."""
