"""Ports for processes that are told theirs, where no connection and no other worker's process comes between."""

import os
import random
import socket

FIRST = 20_000  # Linux lends 32,768 and up to outgoing connections (ip_local_port_range)
OF_A_WORKER = 1_500


def free_ports(count: int = 1) -> int:
    """The first of `count` neighbouring ports nobody listens on now."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8
    start = FIRST + OF_A_WORKER * worker
    for first in random.sample(range(start, start + OF_A_WORKER - count), k=200):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise RuntimeError("no free ports")
