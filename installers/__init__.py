"""What brings qtmail onto a machine: set-up of a checkout now, packages and installers next to it."""
