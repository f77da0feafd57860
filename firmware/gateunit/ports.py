"""What a unit needs of the world, in the core's own words: each port has one to five methods.

Real adapters lie beside this file; fakes with timed history are in gatesim.ports. One contract test runs over both.
Times are ms of the unit's own `Clock.mono`. Only `Journal`, `Records`, `Camera` and `Clock` are ever awaited.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gatecore.events import Told

Picture = NDArray[np.uint8]  # [H, W, 3] RGB
Box = tuple[float, float, float, float]  # left, top, right, bottom
Random = Callable[[int], bytes]


class Clock(Protocol):
    """Powered-on time, and the battery clock if there is one."""

    def mono(self) -> int:
        """ms since the unit started; never goes back."""

    async def sleep(self, ms: int) -> None:
        """Returns when `ms` have passed."""

    def battery(self) -> int | None:
        """utc in ms by the battery clock; None without one."""


class Lock(Protocol):
    """The lock's output. Both calls return at once."""

    def unlock(self, ms: int) -> None:
        """Open for `ms`, at most the output's `max_on_ms`; a running pulse is only ever made longer."""

    def release(self, on: bool) -> None:
        """Hold open (fire) until told otherwise; the end of it locks, whatever pulse was running."""

    def close(self) -> None:
        """To the shutdown level; may be called twice."""


class Keypad(Protocol):
    """A matrix of keys."""

    def read(self) -> int:
        """What is down now: bit n is gatecore.keypad.KEYS[n]. Not debounced."""


@dataclass(frozen=True, slots=True)
class Levels:
    """One reading of the wired inputs; True means what the name says, whatever the wire's level is."""

    leaf_open: bool = False
    exit: bool = False
    fire: bool = False
    tamper: bool = False


class Inputs(Protocol):
    """Contact, exit button, fire line and tamper switch."""

    def read(self) -> Levels:
        """The levels now. Not debounced."""


class Camera(Protocol):
    """A source of pictures."""

    @property
    def works(self) -> bool:
        """False while pictures should come and do not; the camera tries again by itself."""

    def frames(self) -> AsyncIterator[tuple[int, Picture]]:
        """(mono ms, picture), the newest each time; frames nobody took are dropped."""

    def close(self) -> None:
        """Ends `frames`; may be called twice."""


class Infrared(Protocol):
    """A second eye in near infrared beside the camera, where there is one: screens are dark to it. It can say that
    something is no face; nothing it says proves that something is one."""

    def sees(self, box: Box, mono: int) -> bool | None:
        """Whether a face is there in infrared too: `box` in shares of the camera's picture at `mono`. None: it cannot
        tell, as its picture is old or dark. May take some ms."""

    def forget(self) -> None:
        """The visitor has gone: his picture is kept nowhere. Called where `sees` is, never beside it."""

    def close(self) -> None:
        """Lets go of it; may be called twice."""


class Reader(Protocol):
    """A card reader, perhaps with keys of its own."""

    @property
    def works(self) -> bool:
        """False while it does not answer, where that can be known; it is tried again by itself."""

    def read(self) -> Told | None:
        """The oldest thing read and not taken yet: gatecore.cards.CardRead or gatecore.events.Key; None for nothing."""

    def close(self) -> None:
        """Lets go of it; may be called twice."""


class Screen(Protocol):
    """What the person before the door sees and hears; light and sound follow from the state (gatecore.feedback)."""

    def show(self, state: int, reason: int, number: int) -> None:
        """A feedback state, why, and minutes to wait where that is told."""

    def digits(self, title: str, six: str) -> None:
        """Six digits a person compares, under a title (a place or what they are for); "" takes them away."""


class Journal(Protocol):
    """The log's frames, in order. What `append` returned from survives a power cut; what it raised on is gone."""

    async def append(self, frames: Sequence[bytes]) -> None:
        """Frames at the end, all of them on storage when this returns; StorageError if none are."""

    def read(self, first: int, count: int) -> list[bytes]:
        """Up to `count` durable frames from position `first`; 0 is the oldest kept."""

    def stored(self) -> bytes:
        """Everything that lies there, a torn tail too."""

    def truncate(self, length: int) -> None:
        """Cuts what follows the first `length` bytes of `stored`: the end of a whole frame."""

    async def drop(self, count: int) -> None:
        """Forgets the oldest `count` frames."""


class Records(Protocol):
    """Small named records."""

    async def write(self, name: str, data: bytes | None) -> None:
        """All or nothing, durable when this returns; None removes it. StorageError leaves the old one."""

    def load(self, name: str) -> bytes | None:
        """The record, or None if there is none."""

    def names(self, prefix: str) -> list[str]:
        """The records whose names begin so, in order."""


class Store(Journal, Records, Protocol):
    """All that a unit keeps."""

    @property
    def writable(self) -> bool:
        """False on a card that takes nothing any more: what happens now will be forgotten at the next start."""

    def close(self) -> None:
        """Waits for what was begun; may be called twice."""


class Link(Protocol):
    """The way to the host. Everything said while it is down is dropped, except the log, which is fetched again."""

    def say(self, kind: int, *fields: object) -> None:
        """Queues one frame (gatecore.frames); its kind decides its rank: command before call before bulk."""

    async def run(self) -> None:
        """Dials, talks and dials again until cancelled."""


class Signer(Protocol):
    """The unit's Ed25519 key."""

    @property
    def public(self) -> bytes:
        """32 bytes."""

    @property
    def key_id(self) -> bytes:
        """gatecore.sign.key_id of `public`: the device's name."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032)."""


class ChangingSigner(Signer, Protocol):
    """The key of the present epoch and, while a change is under way, the one after it."""

    def prepare(self) -> bytes:
        """The next key's public half; the secret is on storage when this returns. StorageError leaves all as it was."""

    def next_public(self) -> bytes | None:
        """The next key, if one is prepared."""

    def advance(self) -> None:
        """The next key is the present one from now on, and the former secret is gone."""

    def next_signer(self) -> Signer | None:
        """The next key, to greet a host that knows it already."""


class KeyStore(Protocol):
    """The unit's two secrets, made at the first start and never given away."""

    def signer(self) -> ChangingSigner:
        """The signing key."""

    def first(self) -> bytes:
        """The public half of the first signing key: the one the device is named by for ever."""

    def box_public(self) -> bytes:
        """The X25519 public key faces are sealed to; 32 bytes."""

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed to the box key (HPKE, RFC 9180); SealError if it was not, or under another `info`."""
