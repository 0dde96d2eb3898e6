"""The engine's command line in a second process, with everything handed over by file."""
