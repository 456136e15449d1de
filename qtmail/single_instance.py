"""One window for each profile: a later start hands over what it was asked to open."""
