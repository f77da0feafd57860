"""What the host says that others decide: state, orders and calls, the vault's work, a sitting before a door.

One function a frame, given who listens and the frame's fields. A signature the law book refuses is distrusted and the
connection goes on; a frame this unit has no room for ends it (LinkError).
"""

from collections.abc import Callable
from typing import Any, Protocol

from gatecore import events, feedback, frames, intake
from gatecore.errors import GateError, TrustError
from gatecore.records import KEY
from gatecore.sign import key_id
from gatecore.wire import signed_by
from gatecore.witness import numbers
from gateunit.errors import LinkError, StorageError, VaultError
from gateunit.parts import Parts
from gateunit.sitting import Sitting
from gateunit.vault import Vault

CALL_NEWS = (feedback.TALKING, feedback.NO_ANSWER, feedback.DECLINED, feedback.REFUSED, feedback.CALLING)


class Speaker(Protocol):
    """The connection a frame came by."""

    parts: Parts

    def say(self, kind: int, *fields: object) -> None:
        """Queues a frame for the host."""
        ...

    def distrust(self, what: int, code: str) -> None:
        """What was signed is not believed; LinkError when that has happened too often."""
        ...


# --- state, commands, calls -----------------------------------------------------------


def on_state(who: Speaker, header: bytes) -> None:
    """A newer state exists."""
    try:
        who.parts.held.offer(header)
    except TrustError as wrong:
        who.distrust(1, wrong.code)


def on_piece(who: Speaker, digest: bytes, data: bytes) -> None:
    """A piece of state, or of a sealed box."""
    try:
        who.parts.held.piece(digest, data)
    except TrustError as wrong:
        who.distrust(1, wrong.code)


def on_ask(who: Speaker, ticket: int) -> None:
    """The host wants a challenge for one command."""
    who.parts.post(events.Asked(ticket))


def on_command(who: Speaker, data: bytes) -> None:
    """A command goes to the door, which asks the law book itself; a clock order is the policy key's."""
    keys = who.parts.trust.keys
    try:
        ordered = keys is not None and signed_by(data) == key_id(keys.policy)
    except GateError as wrong:
        who.distrust(2, wrong.code)
        return
    if ordered:
        _on_clock(who, data)
    else:
        who.parts.post(events.Ordered(data))


def _on_clock(who: Speaker, data: bytes) -> None:
    try:
        order = who.parts.trust.accept_clock(data, who.parts.time.mono())
        step = who.parts.time.order(order.utc)
    except TrustError as wrong:
        if wrong.code == "purpose":
            _on_epoch(who, data)
        else:
            who.distrust(5, wrong.code)
        return
    who.parts.post(events.Stepped(step, who.parts.time.now().quality))
    who.say(frames.DONE, order.challenge, 1, "")


def _on_epoch(who: Speaker, data: bytes) -> None:
    """An order to change the signing key: the entry that names the new one is the old one's last word."""
    parts = who.parts
    try:
        order = parts.trust.accept_epoch(data, parts.ledger.epoch, parts.time.mono())
    except TrustError as wrong:
        who.distrust(5, wrong.code)
        return
    if parts.ledger.changes or who.parts.changing() is not None:
        who.say(frames.DONE, order.challenge, 0, "pending")
        return
    try:
        public = parts.signer.prepare()
    except StorageError:
        who.say(frames.DONE, order.challenge, 0, "storage")
        return
    parts.ledger.add(events.Log(KEY, [order.epoch, *numbers(public)], None, None), parts.time.now())
    who.say(frames.DONE, order.challenge, 1, "")


def on_call_news(who: Speaker, call: bytes, state: int, reason: int) -> None:
    """What becomes of a call."""
    if state not in CALL_NEWS:
        raise LinkError("field")
    who.parts.post(events.CallNews(call, state, reason))


def on_copy(who: Speaker, data: bytes) -> None:
    """The gate's list."""
    if who.parts.copy is None:
        raise LinkError("kind")
    try:
        who.parts.copy.take(data)
    except TrustError as wrong:
        who.distrust(8, wrong.code)


# --- the vault ------------------------------------------------------------------------


def _vault(who: Speaker) -> Vault:
    if who.parts.vault is None:
        raise LinkError("kind")
    return who.parts.vault


def on_capture(who: Speaker, task: bytes, person: bytes, home: str, name: str) -> None:
    """Somebody is to be enrolled here."""
    try:
        _vault(who).capture(task, person, home, name)
    except VaultError as wrong:
        who.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_FAILED, 0, [])
        who.distrust(6, wrong.code)


def on_capture_stop(who: Speaker, task: bytes) -> None:
    """The desk ended it."""
    _vault(who).stop(task)


def on_seal(who: Speaker, person: bytes, devices: list[Any]) -> None:
    """A person's templates are to be sealed for these devices."""
    if not all(isinstance(device, bytes) and len(device) == 16 for device in devices):
        raise LinkError("field")
    try:
        _vault(who).seal(person, devices)
    except VaultError as wrong:
        who.distrust(6, wrong.code)


def on_forget(who: Speaker, person: bytes) -> None:
    """A person is to be forgotten."""
    _vault(who).forget(person)


def on_photo(who: Speaker, task: bytes, at: int, parts: int, data: bytes) -> None:
    """A part of an uploaded photo."""
    try:
        _vault(who).uploaded(task, at, parts, data)
    except VaultError:  # the capture is over, or parts are missing: the desk is told, nothing is kept
        who.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_READY, 0, [intake.BROKEN_PICTURE])


NOT_TAKEN = {
    "few": intake.FEW_PHOTOS,
    "model": intake.TAKEN_MODEL,
    "unconfirmed": intake.TAKEN_DOOR,
    "used": intake.TAKEN_BEFORE,
}


def on_adopt(who: Speaker, task: bytes, person: bytes, home: str, signed: bytes) -> None:
    """What a door took in a sitting."""
    try:
        _vault(who).adopt(task, person, home, signed)
    except VaultError as wrong:
        reason = NOT_TAKEN.get(wrong.code, intake.TAKEN_BROKEN)
        who.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_FAILED, 0, [reason])
        who.distrust(6, wrong.code)


def on_ask_same(who: Speaker, person: bytes, other: bytes) -> None:
    """The desk asks whether two are one."""
    _vault(who).ask_same(person, other)


def on_allow(who: Speaker, person: bytes) -> None:
    """The office decided that they are two."""
    _vault(who).allow(person)


# --- a sitting before a door ----------------------------------------------------------


def _sitting(who: Speaker) -> Sitting:
    if who.parts.sitting is None:
        raise LinkError("kind")
    return who.parts.sitting


def on_sit(who: Speaker, ticket: bytes, person: bytes, home: str, cert: bytes) -> None:
    """A sitting may begin here."""
    _sitting(who).sit(ticket, person, home, cert)


def on_slip_news(who: Speaker, ticket: bytes, reason: int) -> None:
    """What became of a claim slip."""
    _sitting(who).news(ticket, reason)


HEARD: dict[int, Callable[..., None]] = {
    frames.STATE: on_state,
    frames.PIECE: on_piece,
    frames.ASK: on_ask,
    frames.COMMAND: on_command,
    frames.CALL_NEWS: on_call_news,
    frames.CAPTURE: on_capture,
    frames.CAPTURE_STOP: on_capture_stop,
    frames.SEAL: on_seal,
    frames.FORGET: on_forget,
    frames.PHOTO: on_photo,
    frames.ADOPT: on_adopt,
    frames.ASK_SAME: on_ask_same,
    frames.ALLOW_TWICE: on_allow,
    frames.COPY: on_copy,
    frames.SIT: on_sit,
    frames.SLIP_NEWS: on_slip_news,
}
