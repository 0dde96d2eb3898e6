"""Draw the images of the tutorial: drive the module as a user does, and keep images of its views."""
