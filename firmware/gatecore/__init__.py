"""The rules of a door: pure, synchronous, without I/O; the same files run on CPython and on MicroPython."""
