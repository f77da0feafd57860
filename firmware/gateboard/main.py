"""The entry point: `gateboard.main.main()` is all that the board's own main.py calls."""

SETTINGS = "settings.json"
