"""The live line tells the right people which parts have changed, and nothing else."""

import aiohttp
import pytest

from gatehost.web.frame import live

from .conftest import Open
from .house import HOME, OTHER_HOME, House
from .texts import WEB


async def changed(socket: aiohttp.ClientWebSocketResponse) -> list[str]:
    """The next parts told."""
    told = await socket.receive_json(timeout=5)
    assert set(told) == {"changed"}
    return list(told["changed"])


async def test_a_home_hears_of_its_own_ring_and_not_of_another_s(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    fang, yang = await browse("wangfang"), await browse("liuyang")
    async with (
        fang.http.ws_connect(house.url + "/live", origin=house.url) as hers,
        yang.http.ws_connect(house.url + "/live", origin=house.url) as his,
    ):
        await house.ring(north, HOME)
        assert await changed(hers) == ["calls"]
        await house.ring(north, OTHER_HOME)  # ends the first call
        assert await changed(his) == ["calls"]
        assert await changed(hers) == ["calls", "visits"]


async def test_nobody_signed_in_hears_nothing(house: House, browse: Open) -> None:
    stranger = await browse("")
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await stranger.http.ws_connect(house.url + "/live", origin=house.url)


async def test_the_line_of_an_ended_session_is_closed(
    house: House, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RECHECK_S", 0.01)
    fang = await browse("wangfang")
    async with fang.http.ws_connect(house.url + "/live", origin=house.url) as line:
        house.later(31 * 86_400_000)
        assert (await line.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        assert line.close_code == live.ENDED


async def test_a_page_that_talks_is_hung_up_on(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    async with fang.http.ws_connect(house.url + "/live", origin=house.url) as line:
        await line.send_str("open the door")
        assert (await line.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


def test_every_kind_of_news_names_parts_that_some_page_has() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (WEB / "templates").rglob("*.html"))
    named = {part for parts in live.PARTS.values() for part in parts}
    assert not [part for part in named if f'data-live="{part}"' not in pages and f'data-live="{part} ' not in pages]
