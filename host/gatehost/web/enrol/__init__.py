"""Faces, for the desk and the admin: consent, taking pictures, what doors hold, withdrawal."""
