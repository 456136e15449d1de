"""The composer: the window a message is written in, and its parts."""
