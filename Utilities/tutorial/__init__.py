"""Draws the pictures of the tutorial: the module is driven as a user drives it, and what its views show is kept."""
