"""Enrolment of a face, at the desk or before a door: from the appointment to what the vault sealed."""
