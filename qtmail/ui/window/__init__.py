"""The main window and what joins its parts: actions, commands, reading, remembered state."""
