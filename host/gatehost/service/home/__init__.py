"""A home, its people and their ways in: codes, PINs, cards, what papers gave; and that all of it ends together."""
