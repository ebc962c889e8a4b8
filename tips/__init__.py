"""The door: what residents send, where it happens, what it is about, which incident it belongs to."""
