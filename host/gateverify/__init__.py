"""The second opinion on an export of the access log: `standalone.py`, which needs nothing but Python."""
