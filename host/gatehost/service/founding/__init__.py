"""How an estate begins: from its file, from lists of homes and cards, or invented, for practice."""
