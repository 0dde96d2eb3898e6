"""The parts of the panel: each ties widgets of the `.ui` to one logic of the session, and shows its state."""
