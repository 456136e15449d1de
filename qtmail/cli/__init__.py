"""The command line: the same engine without Qt, for scripts, servers and support."""
