"""The undocumented attribute that keeps ten thousand doors in memory still has its effect."""

from asyncio import sslproto

import aiohttp
import pytest
from tests.host.device import Played
from tests.host.house import House

from gatehost.sync.tls import RECORD_BYTES


async def test_a_tls_connection_holds_one_record(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[sslproto.SSLProtocol] = []
    start = sslproto.SSLProtocol.connection_made

    def noted(self: sslproto.SSLProtocol, transport: object) -> None:
        made.append(self)
        start(self, transport)

    monkeypatch.setattr(sslproto.SSLProtocol, "connection_made", noted)
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        assert made
        assert {len(protocol._ssl_buffer) for protocol in made} == {RECORD_BYTES}


async def test_only_the_estates_authority_is_believed(house: House) -> None:
    device = Played(await house.claim("b12-door"))
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await client.get(f"{device.claim.url}/device/v1/authority")
    assert (await device.post("enrolled", b"")) == (403, b"malformed")
