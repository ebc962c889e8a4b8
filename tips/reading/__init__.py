"""Read a message: its language, what it is about, whether it is a tip at all, and when it happened."""
