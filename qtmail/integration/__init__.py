"""qtmail and the system it runs on: what starts at sign-in, who answers mailto: links. Knows no Qt."""
