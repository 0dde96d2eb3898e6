"""The MRML scene: cines and hearts as nodes, in the desktop application and without it."""
