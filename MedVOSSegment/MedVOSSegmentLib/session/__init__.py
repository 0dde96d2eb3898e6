"""The user's session: one logic a step, the open heart, its edits and results, and the background job."""
