"""Papers, for everybody who has to do with one: lists, forms, steps, prints, what is sent with them, the archive."""
