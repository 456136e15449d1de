"""What is going on: status bar, activity panel, problem strips."""
