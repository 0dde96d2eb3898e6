"""What the module does with a scene and a second process; free of Qt."""
