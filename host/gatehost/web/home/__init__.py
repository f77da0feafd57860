"""For a home: its ways in, its guests, its month, its people once a year."""
