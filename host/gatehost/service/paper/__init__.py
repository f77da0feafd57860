"""Papers: their kinds as declared, what must hold, what a move brings about, what stands on them and lies with them."""
