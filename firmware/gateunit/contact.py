"""First contact (docs/protocol.md section 6): a claim file becomes an identity, and the claim is wiped.

Whoever answers must hold the estate key the claim names, and a person must have compared six digits on both screens.
"""

import contextlib
import logging
import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from gatecore import enrol
from gatecore.clock import Now
from gatecore.enrol import Claim, Enrol, Enrolled
from gatecore.errors import GateError
from gatecore.sign import equal, key_id, sha256
from gatecore.trust import Trust
from gatecore.wire import open_sign1
from gateunit.errors import ContactError, SettingsError
from gateunit.identity import Identity
from gateunit.link import authority_context
from gateunit.ports import Clock, KeyStore, Random, Screen
from gateunit.signer import verify

POLL_MS = 2_000
MOST_BYTES = 64 * 1024
ANSWER_S = 15

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contact:
    """What first contact needs."""

    claim: Claim
    keys: KeyStore
    trust: Trust
    clock: Clock
    screen: Screen
    random: Random
    model: str
    retry_ms: int = POLL_MS

    async def make(self) -> Identity:
        """Asks until a person has confirmed; ContactError when the host refuses, and trying again is of no use."""
        asked = self._request()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S)) as client:
            authority = await self._until_there(lambda: self._authority(client))
            context = _context(authority)
            await self._until_there(lambda: self._post(client, context, "enrol", asked))
            self.screen.digits(self.claim.slot, enrol.digits(asked, self.claim.estate))
            try:
                answer = await self._answer(client, context, asked)
            finally:
                self.screen.digits("", "")
        return self._believed(answer, asked, authority)

    def _request(self) -> Enrol:
        public, box = self.keys.signer().public, self.keys.box_public()
        return enrol.request(self.claim, public, box, self.random(16), self.model)

    async def _until_there(self, ask: Callable[[], Awaitable[bytes]]) -> bytes:
        """A host that is not there yet is asked again."""
        while True:
            try:
                return await ask()
            except (OSError, aiohttp.ClientError, TimeoutError):
                await self.clock.sleep(self.retry_ms)

    async def _authority(self, client: aiohttp.ClientSession) -> bytes:
        """The estate's TLS authority: fetched from anybody, believed by its fingerprint."""
        url = self._url("authority")
        async with client.get(url, ssl=False, allow_redirects=False) as answer:
            data = await _whole(answer.content)
        if answer.status != 200 or not equal(sha256(data), self.claim.authority):
            raise ContactError("another host answers at the claim's address: ask the office for a new claim")
        return data

    async def _post(self, client: aiohttp.ClientSession, context: ssl.SSLContext, path: str, asked: Enrol) -> bytes:
        """The answer's body; empty while a person has not confirmed yet."""
        url = self._url(path)
        async with client.post(url, data=asked.to_wire(), ssl=context, allow_redirects=False) as answer:
            data = await _whole(answer.content)
        if answer.status == 403:
            raise ContactError(f"the host refused this claim ({_printable(data)}): ask the office for a new one")
        if answer.status == 202:
            return b""
        if answer.status != 200:
            raise aiohttp.ClientError(str(answer.status))
        return data

    async def _answer(self, client: aiohttp.ClientSession, context: ssl.SSLContext, asked: Enrol) -> bytes:
        while True:
            answer = await self._until_there(lambda: self._post(client, context, "enrolled", asked))
            if answer:
                return answer
            await self.clock.sleep(self.retry_ms)

    def _believed(self, answer: bytes, asked: Enrol, authority: bytes) -> Identity:
        try:
            enrol.accept(answer, asked, self.trust, verify)
            told = Enrolled.from_wire(open_sign1(answer, key_id(self.claim.estate), self.claim.estate, verify))
        except GateError as wrong:
            raise ContactError(f"the answer is not the estate's ({wrong.code}): ask the office") from wrong
        return Identity(self.claim.url, authority, self.claim.estate, told.cert, told.keys)

    def _url(self, path: str) -> str:
        return f"{self.claim.url.rstrip('/')}/device/v1/{path}"


class ClaimFile:
    """The claim a unit was given, if it is nobody yet; at a unit that is somebody already the file is wiped."""

    def __init__(self, path: Path | None, identity: Identity | None) -> None:
        self._path = path
        self.claim: Claim | None = None
        if path is None or not path.exists():
            return
        if identity is not None:
            self.wipe()
        else:
            self.claim = read_claim(path)

    async def used(
        self,
        keys: KeyStore,
        trust: Trust,
        clock: Clock,
        screen: Screen,
        random: Random,
        model: str,
        retry_ms: int,
        now: Now,
    ) -> Identity | None:
        """Who the unit is by its claim; None where there is no claim, or it is of no use and was wiped."""
        if self.claim is None:
            return None
        if now.utc is not None and now.utc >= self.claim.until * 1000:  # even a floor proves that it has ended
            log.error("the claim has ended: ask the office for a new one")
            self.wipe()
            return None
        try:
            return await Contact(self.claim, keys, trust, clock, screen, random, model, retry_ms).make()
        except ContactError as wrong:
            log.error("%s", wrong)
            self.wipe()
            return None

    def wipe(self) -> None:
        """Nothing of the claim stays on storage."""
        if self._path is not None:
            wipe(self._path)


def _context(authority: bytes) -> ssl.SSLContext:
    try:
        return authority_context(authority)
    except (ValueError, ssl.SSLError) as wrong:
        raise ContactError("the claim's authority is no certificate: ask the office for a new claim") from wrong


async def _whole(content: aiohttp.StreamReader) -> bytes:
    data = b""
    while len(data) <= MOST_BYTES:
        more = await content.read(MOST_BYTES)
        if not more:
            return data
        data += more
    raise aiohttp.ClientError("long")


def _printable(data: bytes) -> str:
    return "".join(char for char in data[:80].decode(errors="replace") if char.isprintable())


def read_claim(path: Path) -> Claim:
    """The claim in a file; SettingsError if it is none."""
    try:
        claim: Claim = Claim.from_wire(path.read_bytes())
    except OSError as wrong:
        raise SettingsError(f"{path}: {wrong.strerror}") from wrong
    except GateError as wrong:
        raise SettingsError(f"{path}: this is no claim ({wrong.code}): fetch it from the host again") from wrong
    if not claim.url.startswith("https://"):
        raise SettingsError(f"{path}: the claim's address does not begin with https://")
    return claim


def wipe(path: Path) -> None:
    """Overwrites and removes a claim that is used up, so that a stolen card does not hold it."""
    with contextlib.suppress(OSError):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
