"""For the guard: one box for everything, who comes in, goes out, is inside; the shift; plates."""
