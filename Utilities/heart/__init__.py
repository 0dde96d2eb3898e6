"""The animated image of the README: a drawn slice, the beating heart that follows from it, and its volume curve."""
