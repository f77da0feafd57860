"""The far end of a socket is the bridge of the process this interpreter runs in (board.mjs)."""


class socket:
    def __init__(self):
        self.address = None

    def setblocking(self, flag):
        if flag:
            raise OSError(22)

    def connect(self, address):
        self.address = address
        raise OSError(115)  # begun, as a board says

    def close(self):
        pass


def getaddrinfo(host, port):
    return [(2, 1, 0, "", (host, port))]
