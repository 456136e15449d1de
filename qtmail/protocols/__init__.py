"""The ways to a server: IMAP sessions, their wire format and their failures. The only place that opens
sockets.
"""
