"""The parts of the panel: each ties some widgets of the `.ui` to the session, and shows what the session says."""
