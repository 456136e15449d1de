"""Plain frozen values that every layer may speak of. No I/O, no Qt, no SQL."""
