"""For who looks after doors: what each holds and lacks, what happens there now, and calls that ring from them."""
