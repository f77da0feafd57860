"""Randomness of the process this interpreter runs in; everything else of a board's os is not used."""

import binascii
import js


def urandom(count):
    return binascii.unhexlify(js.bridge.random(count))
