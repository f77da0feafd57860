"""TLS ends in the bridge, which verifies the host against the authority the board names, and nothing else."""

import binascii
import js

PROTOCOL_TLS_CLIENT, CERT_REQUIRED = 16, 2


class SSLContext:
    def __init__(self, protocol):
        self.verify_mode = 0
        self._authority = b""

    def load_verify_locations(self, cadata=None):
        self._authority = cadata

    def wrap_socket(self, plain, server_hostname=None, do_handshake_on_connect=True):
        if do_handshake_on_connect or self.verify_mode != CERT_REQUIRED or not self._authority:
            raise ValueError("not as a board must")
        authority = binascii.b2a_base64(self._authority).strip().decode()
        return Stream(js.bridge.open(plain.address[0], plain.address[1], authority, server_hostname))


class Stream:
    def __init__(self, number):
        self._number = number

    def read(self, count):
        text = js.bridge.read(self._number, count)
        if text == "wait":
            return None
        if text == "broken":
            raise OSError(104)
        return binascii.unhexlify(text)

    def write(self, data):
        return js.bridge.write(self._number, binascii.hexlify(data).decode())

    def close(self):
        js.bridge.close(self._number)
