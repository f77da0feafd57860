"""Doors as devices: enrolled, heard, called from, opened from a page."""
