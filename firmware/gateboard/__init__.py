"""The MicroPython shell of a door (Pico W, Pico 2 W, ESP32): pins, flash, network, the loop. Nothing here decides."""
