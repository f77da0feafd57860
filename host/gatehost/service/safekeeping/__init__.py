"""Backups: made, checked, brought back, and what ended since ends again."""
