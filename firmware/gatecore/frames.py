"""What a device and the host say to each other over the link: CBOR [kind, id, [field, ...]], every kind with its shape.

The device dials out; the first frame each way is NONCE, then the device says HELLO and the host says HOST. Frames carry
signed records as bytes; a frame itself is believed only for what the transport can vouch for: who is at the other end.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import RecordError
from gatecore.records import BYTES, LIST, OR_NULL, TEXT, UINT, fits
from gatecore.wire import decode, encode

if TYPE_CHECKING:
    from typing import Any

# both ways
NONCE, PING, PONG, REFUSED = 1, 2, 3, 4
# from the device
HELLO, BATCH, STATUS, CALL, SNAPSHOT, HANGUP, ALERT, CHALLENGE, DONE, WANT = 16, 17, 18, 19, 20, 21, 22, 23, 24, 25
CAPTURE_NEWS, SEALED, CONFIRMED, FORGOTTEN, WITNESSED, COSIGNED = 26, 27, 28, 29, 30, 31
PROMISE, SLIP, TAKEN, SAME, KEEP = 32, 33, 34, 35, 36
# from the host
HOST, ACK, STATE, PIECE, ASK, COMMAND, CALL_NEWS, SLOW = 48, 49, 50, 51, 52, 53, 54, 55
CAPTURE, CAPTURE_STOP, SEAL, FORGET, LOG, RECEIPT = 56, 57, 58, 59, 60, 61
PHOTO, SIT, SLIP_NEWS, ADOPT, ASK_SAME, ALLOW_TWICE, COPY = 64, 65, 66, 67, 68, 69, 70

SHAPES: "dict[int, tuple[int, ...]]" = {
    NONCE: (16,),
    PING: (),
    PONG: (),
    REFUSED: (TEXT,),
    HELLO: (BYTES,),  # COSE_Sign1 of records.Hello
    BATCH: (UINT, LIST, LIST, BYTES),  # first seq, entries, private halves or null, seal
    STATUS: (UINT, UINT, UINT, UINT, UINT, TEXT),  # seq, generation, version, time quality, storage ok, software
    CALL: (16, TEXT),  # call, home
    SNAPSHOT: (16, BYTES),  # call, JPEG
    HANGUP: (16,),
    ALERT: (UINT, TEXT),  # events.ALERT_*, home or ""
    CHALLENGE: (UINT, 16),  # ticket, challenge
    DONE: (16, UINT, TEXT),  # challenge, 1 carried out, why not
    WANT: (32,),  # SHA-256 of a chunk or of sealed templates
    CAPTURE_NEWS: (16, UINT, UINT, LIST),  # task, intake.CAPTURE_* step, photos so far, feedback reasons
    SEALED: (16, TEXT, UINT, BYTES, LIST),  # person, model, photos, sealed templates, [[device, sealed key], ...]
    CONFIRMED: (16,),  # a door's box key was confirmed by a person before the vault
    FORGOTTEN: (16,),  # person
    WITNESSED: (BYTES, TEXT),  # the note taken last or empty; why the one just sent was not
    COSIGNED: (UINT, UINT, UINT, 64),  # generation, size, time in s, signature
    # way in force (intake.WAY_*), why (gateface.Closed), people, those who need more photos, look-alikes,
    # [promised, of the worst group, estimated or null: strangers per million], model id
    PROMISE: (UINT, LIST, UINT, LIST, LIST, LIST, TEXT),
    SLIP: (16, TEXT),  # ticket, the digits typed before a door: a sitting there under a claim slip
    TAKEN: (16, BYTES),  # ticket, COSE_Sign1 of gateunit.sitting.Taken: templates sealed to the vault alone
    SAME: (16, 16, UINT),  # person, other person, intake.SAME_*: what the vault says of the two
    KEEP: (UINT, UINT),  # generation and number of the gate's copy held, 0 and 0 for none: from now on send newer ones
    HOST: (BYTES,),  # COSE_Sign1 of records.HostHello; also the answer to a later NONCE: the time
    ACK: (UINT, 16, UINT + OR_NULL),  # durable up to seq; what the next seal echoes; that entry's leaf
    STATE: (BYTES,),  # COSE_Sign1 of records.StateHeader
    PIECE: (32, BYTES),  # what WANT asked for; empty if there is no such piece any more
    ASK: (UINT,),  # ticket: give me a challenge
    COMMAND: (BYTES,),  # COSE_Sign1 of records.Command, ClockOrder or EpochOrder
    CALL_NEWS: (16, UINT, UINT),  # call, feedback state, reason
    SLOW: (UINT,),  # wait this many ms before the next batch
    CAPTURE: (16, 16, TEXT, TEXT),  # task, person, home, what the desk calls the person on its screen
    CAPTURE_STOP: (16,),
    SEAL: (16, LIST),  # person, [device, ...]: seal this person's key to these doors too
    LOG: (BYTES,),  # COSE_Sign1 of records.Cert of kind host: the key of the present log
    RECEIPT: (BYTES, UINT, LIST, UINT, UINT, LIST),  # note, from size, consistency, seq, index, inclusion
    FORGET: (16,),  # person: forget the key, and with it every template
    PHOTO: (16, UINT, UINT, BYTES),  # task, part, parts, bytes: an uploaded photo for the desk unit to judge
    SIT: (16, 16, TEXT, BYTES),  # ticket, person, home, the vault's certificate
    SLIP_NEWS: (16, UINT),  # ticket, capture reason: why there is no sitting, or how it ended
    ADOPT: (16, 16, TEXT, BYTES),  # task, person, home, what TAKEN carried
    ASK_SAME: (16, 16),  # person whose capture was refused as enrolled twice, the person somebody takes it for
    COPY: (BYTES,),  # COSE_Sign1 of gatecopy.Copy
    ALLOW_TWICE: (16,),  # person: the office decided that these are two people who look alike
}

MAX_BATCH = 64
MAX_SNAPSHOT = 256 * 1024
HEARTBEAT_MS = 30_000
ALIVE_MS = 60_000  # without a frame for this long the other end is gone


def pack(kind: int, number: int, *fields: "Any") -> bytes:
    """One frame; RecordError if the fields are not of its shape."""
    _check(kind, fields)
    return encode([kind, number, list(fields)])


def unpack(data: bytes) -> "tuple[int, int, list[Any]]":
    """(kind, id, fields) of one frame; WireError or RecordError for anything else."""
    value = decode(data)
    if not isinstance(value, list) or len(value) != 3 or not fits(value[0], UINT) or not fits(value[1], UINT):
        raise RecordError("frame")
    if not isinstance(value[2], list):
        raise RecordError("frame")
    _check(value[0], value[2])
    return value[0], value[1], value[2]


def _check(kind: int, fields: "Any") -> None:
    shape = SHAPES.get(kind)
    if shape is None:
        raise RecordError("kind")
    if len(fields) != len(shape):
        raise RecordError("fields")
    for value, kind_of_field in zip(fields, shape):
        if not fits(value, kind_of_field):
            raise RecordError("field")
