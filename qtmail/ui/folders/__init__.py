"""The folder pane."""
