"""A person before a simulated unit, over the same WebSocket as its page: presses keys, shows pictures, watches."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from time import perf_counter
from typing import Any

import aiohttp

from gatesim.errors import StepBroken

Message = dict[str, Any]
MOST_HELD = 2_000
ANSWER_S = 20.0


class Visitor:
    """`async with Visitor(url) as person:`; `view` is what its page shows now, `heard` what was told since `fresh`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self.view: Message = {}
        self.heard: list[tuple[float, Message]] = []

    async def __aenter__(self) -> "Visitor":
        self._socket = await self._client.ws_connect(self._url + "/ws", max_msg_size=0)
        self._task = asyncio.create_task(self._listen())
        await self.until(lambda: bool(self.view), "the unit shows nothing")
        return self

    async def __aexit__(self, *wrong: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._client.close()

    async def _listen(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            told: Message = json.loads(message.data)
            async with self._news:
                self._take(told)
                self._news.notify_all()

    def _take(self, told: Message) -> None:
        if told["kind"] == "frame":
            self._answers.put_nowait(told)
            return
        if told["kind"] == "view":
            self.view = told
        self.heard.append((perf_counter(), told))
        del self.heard[:-MOST_HELD]

    def fresh(self) -> float:
        """Forgets what was heard; the moment to measure from."""
        self.heard.clear()
        return perf_counter()

    async def until(self, holds: Callable[[], bool], what: str, within_s: float = ANSWER_S) -> None:
        """Returns when `holds`; StepBroken(what) when it does not within the time."""
        if not await self.quiet(holds, within_s):
            raise StepBroken(f"{what} (waited {within_s:.0f} s; the screen says {self.says()!r})")

    async def quiet(self, holds: Callable[[], bool], within_s: float) -> bool:
        """Whether `holds` within the time; nothing is broken if not."""
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(holds)
        except TimeoutError:
            return False
        return True

    def says(self) -> str:
        """The English sentence on the screen."""
        return str(self.view.get("text", ["", ""])[1])

    def first(self, kind: str) -> tuple[float, Message] | None:
        """The first message of a kind since `fresh`."""
        return next(((at, told) for at, told in self.heard if told["kind"] == kind), None)

    async def say(self, **message: object) -> None:
        """Sends one message as the page would."""
        await self._sent(json.dumps(message).encode(), text=True)

    async def type(self, keys: str) -> None:
        """Presses keys one after another."""
        for key in keys.replace(" ", ""):
            await self.say(do="key", key=key)

    async def show(self, jpeg: bytes, at: int | None = None) -> str:
        """Shows one frame and waits until the unit has finished with it; why it was refused, or ""."""
        await self._sent(jpeg if at is None else at.to_bytes(8, "big") + jpeg, text=False)
        try:
            answer = await asyncio.wait_for(self._answers.get(), ANSWER_S)
        except TimeoutError:
            raise StepBroken("the unit does not take frames") from None
        return str(answer.get("code", ""))

    async def _sent(self, data: bytes, text: bool) -> None:
        assert self._socket is not None
        try:
            await self._socket.send_frame(data, aiohttp.WSMsgType.TEXT if text else aiohttp.WSMsgType.BINARY)
        except (aiohttp.ClientError, ConnectionError) as wrong:
            raise StepBroken(f"the unit is gone ({wrong})") from wrong
