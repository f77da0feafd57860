"""asyncio keeps a read buffer of 256 KiB for each TLS connection; 16 KiB, one TLS record, is enough.

`max_size` is an attribute of an undocumented class: tests/host/sync/test_tls.py fails when it stops having its effect.
"""

from asyncio import sslproto

RECORD_BYTES = 16 * 1024


def small_buffers() -> None:
    """Makes every TLS connection accepted from now on use a buffer of one record (measured: 292 -> 52 KiB a door)."""
    sslproto.SSLProtocol.max_size = RECORD_BYTES
