"""`network` of the board on the desk: a radio without any network in reach."""

STA_IF, AP_IF = 0, 1


class WLAN:
    IF_STA = 0

    def __init__(self, interface=STA_IF):
        pass

    def active(self, on=None):
        return True

    def config(self, *names, **values):
        return 0

    def connect(self, *words):
        pass

    def disconnect(self):
        pass

    def isconnected(self):
        return False

    def status(self, *words):
        return 0

    def ifconfig(self):
        return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")


def country(code=None):
    return "CN"
