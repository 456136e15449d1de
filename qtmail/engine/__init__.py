"""Joins protocols and store: what is synchronised when. Blocking, stoppable, and without Qt."""
