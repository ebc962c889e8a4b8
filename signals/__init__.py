"""Signals: identifiers that two reports share, and where each was seen."""
