"""What a text from a resident asks for, decided by tables. Pure."""
