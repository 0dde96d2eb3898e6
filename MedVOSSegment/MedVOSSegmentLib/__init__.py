"""The module's work with the scene and with a second process, without Qt."""
