"""What all parts of the window use: the two looks, icons, dates, sizes, strips, layouts."""
