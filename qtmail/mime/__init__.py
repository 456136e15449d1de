"""Reading MIME: bytes in, values out. Never raises for what a message contains."""
