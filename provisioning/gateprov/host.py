"""The host's device port, as the board would speak to it: the laptop is a wire between the two (docs/adr/0070).

Requests, answers and frames pass through here as bytes. The board signs and verifies; the laptop only checks that the
address answers with the authority the claim names, so that it does not carry a claim's proof to a stranger.
"""

import asyncio
import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from gatecore.enrol import Claim
from gatecore.frames import REFUSED, unpack
from gatecore.sign import equal, sha256
from gateprov.errors import HostError

ANSWER_S = 10.0
QUIET_S = 0.2
GOODBYE_S = 0.1
MOST_BYTES = 64 * 1024
REASONS = {
    "used": "this claim has been used: revoke the device that used it, or make a new claim",
    "ended": "this claim has ended: make a new one",
    "claim": "the host does not know this claim; was a newer one made for the same door? Use that",
    "key": "the host has seen this board's key before: wipe the board (--fresh) and run this again",
    "refused": "a person refused this board on the host, or revoked it: make a new claim and use --fresh",
    "malformed": "host and board do not speak the same version: update both",
}
STRANGERS = ("unknown", "revoked")  # what the host calls a key it does not let in
Frames = Callable[[bytes | None], list[bytes]]


@dataclass(frozen=True, slots=True)
class Host:
    """The host a claim names. `url` is where this laptop reaches it; the board gets the claim's own address."""

    claim: Claim
    url: str
    authority: bytes
    tls: ssl.SSLContext

    def post(self, path: str, body: bytes) -> bytes | None:
        """The answer's body, None for "not yet"; HostError when the host refuses or is not there."""
        status, data = _ask(self.url, "POST", path, body, self.tls)
        if status == 202:
            return None
        if status == 403:
            code = "".join(char for char in data[:40].decode(errors="replace") if char.isprintable())
            raise HostError(f"{self.url}: {REASONS.get(code, f'refused ({code}): make a new claim')}")
        if status != 200:
            raise HostError(f"{self.url}: answered {status} instead of speaking our protocol; is --host right?")
        return data

    def carry(self, frames: Frames, enough: Callable[[], bool], timeout: float) -> None:
        """Opens the link and carries frames: `frames(received)` gives those to send, None is asked while it is quiet.

        Ends when `enough()`; HostError after `timeout` seconds or when the host closes first."""
        asyncio.run(self._carry(frames, enough, timeout))

    async def _carry(self, frames: Frames, enough: Callable[[], bool], timeout: float) -> None:
        url = f"{self.url.rstrip('/')}/device/v1/link"
        try:
            async with (
                asyncio.timeout(timeout),
                aiohttp.ClientSession() as client,
                client.ws_connect(url, ssl=self.tls, max_msg_size=MOST_BYTES) as socket,
            ):
                await _until(socket, frames, enough)
        except TimeoutError as wrong:
            raise HostError(f"{self.url}: the entry was not acknowledged in {timeout:.0f} s; run this again") from wrong
        except (aiohttp.ClientError, OSError) as wrong:
            raise HostError(_away(self.url)) from wrong
        finally:
            await asyncio.sleep(GOODBYE_S)  # TLS closes behind the client's back


async def _until(socket: aiohttp.ClientWebSocketResponse, frames: Frames, enough: Callable[[], bool]) -> None:
    received: bytes | None = None
    while not enough():
        for frame in frames(received):
            await socket.send_bytes(frame)
        try:
            message = await socket.receive(QUIET_S)
        except TimeoutError:
            received = None
            continue
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise HostError("the host ended the link; its page of the door says why")
        received = _not_refused(bytes(message.data))


def _not_refused(data: bytes) -> bytes:
    """The frame; HostError with the host's word if it is a refusal."""
    kind, _, fields = unpack(data)
    if kind == REFUSED and fields[0] in STRANGERS:
        raise HostError(f"the host does not let this board in ({fields[0]}): --fresh makes it a new device")
    if kind == REFUSED:
        raise HostError(f"the host refused the link ({fields[0]}); look at the door's page, and run this again")
    return data


def reach(claim: Claim, url: str | None = None) -> Host:
    """The claim's host, once its authority is the one the claim names."""
    address = url or claim.url
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    status, authority = _ask(address, "GET", "authority", None, anybody)
    if status != 200 or not equal(sha256(authority), claim.authority):
        raise HostError(f"{address}: another host answers there than the claim names; make a new claim, or see --host")
    try:
        pem = ssl.DER_cert_to_PEM_cert(authority)
        known = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        known.load_verify_locations(cadata=pem)
    except (ValueError, ssl.SSLError) as wrong:
        raise HostError(f"{address}: its authority is no certificate; make a new claim") from wrong
    return Host(claim, address, authority, known)


def _ask(url: str, method: str, path: str, body: bytes | None, tls: ssl.SSLContext) -> tuple[int, bytes]:
    """(status, body) of one request on a connection of its own."""
    place = urlsplit(url)
    if place.scheme != "https" or not place.hostname:
        raise HostError(f"{url}: must begin with https:// and name the host's device port (--host)")
    try:
        connection = http.client.HTTPSConnection(place.hostname, place.port or 443, timeout=ANSWER_S, context=tls)
        try:
            connection.request(method, f"{place.path.rstrip('/')}/device/v1/{path}", body)
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as wrong:
        raise HostError(
            f"{url}: the host's certificate is not for this address; add it to device_url or use --host"
        ) from wrong
    except (OSError, http.client.HTTPException, ValueError) as wrong:
        raise HostError(_away(url)) from wrong


def _away(url: str) -> str:
    return f"{url}: the host does not answer; is this laptop in the doors' network? --host names another address"
