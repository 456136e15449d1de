"""The reading pane: header, notices, text or locked-down HTML, attachments."""
