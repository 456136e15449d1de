"""What brings qtmail onto a machine.

`setup` sets up a checkout and needs nothing but a Python. `build` freezes the program and packs it: what goes
in is in `freeze_contents`, what every Linux package has in common in `linux/tree`, and each kind of package
has a module of its own in `linux`, `windows` and `macos`.
"""
