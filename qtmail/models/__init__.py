"""Qt item models over the store; they read and never write."""
