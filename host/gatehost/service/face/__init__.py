"""A person's face from consent to its end: what is signed, what doors hold of it, and that it is gone."""
