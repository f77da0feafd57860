"""Hashes, HMAC, comparison, key names and Ed25519: what comes out, and what is refused."""

import binascii
import json

from gatecore import ed25519, sign
from gatecore.errors import GateError


def hexed(raw):
    return binascii.hexlify(raw).decode()


print("sha256", hexed(sign.sha256()), hexed(sign.sha256(b"a", b"", b"bc")))
for length in (0, 1, 63, 64, 65, 131):
    print("hmac", length, hexed(sign.hmac_sha256(bytes(range(length)), b"what do ya want for nothing?")))
print("equal", sign.equal(b"", b""), sign.equal(b"ab", b"ab"), sign.equal(b"ab", b"ac"), sign.equal(b"ab", b"abc"))

with open("vectors/ed25519.json") as file:
    vectors = json.load(file)
for case in vectors["good"]:
    secret, message = binascii.unhexlify(case["secret"]), binascii.unhexlify(case["message"])
    signer = ed25519.Signer(secret)
    signature = signer.sign(message)
    print(case["name"], hexed(signer.public), hexed(signer.key_id), hexed(signature))
    print(case["name"], ed25519.public_of(secret) == signer.public, ed25519.verify(signer.public, message, signature))
for case in vectors["bad"]:
    public, message, signature = [binascii.unhexlify(case[part]) for part in ("public", "message", "signature")]
    print(case["name"], ed25519.verify(public, message, signature))
for case in vectors["odd"]:
    public, message, signature = [binascii.unhexlify(case[part]) for part in ("public", "message", "signature")]
    print(case["name"], ed25519.verify(public, message, signature))

job = ed25519.Signer(bytes(range(32))).slices(b"in small steps")
steps = 0
while True:
    try:
        next(job)
        steps += 1
    except StopIteration as end:
        print("steps", steps, hexed(end.value))
        break
try:
    ed25519.Signer(bytes(31))
except GateError as refusal:
    print(refusal)
