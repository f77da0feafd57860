"""A radio that is always in reach, until a test takes it away."""

STA_IF = 0
air = [True]
said = []  # what the radio was told, in order


def country(code):
    said.append(code)


class WLAN:
    def __init__(self, interface):
        self._joined = False

    def active(self, on=True):
        said.append("on")
        return True

    def connect(self, ssid, key):
        self._joined = True

    def isconnected(self):
        return self._joined and air[0]

    def disconnect(self):
        self._joined = False
