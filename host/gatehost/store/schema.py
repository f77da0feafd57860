"""Every table of the host."""
