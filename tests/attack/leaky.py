"""A front-desk unit that tells: `python -m tests.attack.leaky '{"out": DIR, "sealed": true}' door ARG ...`.

It writes down the templates it makes and every byte it hands to its link (before TLS). With `sealed` false the vault's
sealing of templates is switched off: what leaves is the templates in each of the forms the search looks for.
"""

import base64
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from gateface import unpacked
from gatesim import door
from gateunit import vault


def forms(packed: bytes) -> dict[str, bytes]:
    """A template as it could lie somewhere: float32, int8, base64 and hex of the latter."""
    return {
        "raw": unpacked(packed).tobytes(),
        "int8": packed,
        "base64": base64.b64encode(packed),
        "hex": packed.hex().encode(),
    }


def main(words: Sequence[str]) -> int:
    """Switches the taps on and is a door."""
    order: dict[str, Any] = json.loads(words[0])
    out = Path(order["out"])
    seal, send = vault.seal_templates, aiohttp.ClientWebSocketResponse.send_bytes

    def seal_templates(photos: list[bytes], *rest: Any) -> bytes:
        with (out / "templates").open("a", encoding="ascii") as told:
            told.writelines(photo.hex() + "\n" for photo in photos)
        if order["sealed"]:
            return seal(photos, *rest)
        return b"".join(form for photo in photos for form in forms(photo).values())

    async def send_bytes(self: Any, data: bytes, *rest: Any) -> None:
        with (out / "traffic").open("ab") as told:
            told.write(data)
        await send(self, data, *rest)

    vault.seal_templates = seal_templates
    aiohttp.ClientWebSocketResponse.send_bytes = send_bytes  # type: ignore[method-assign]
    return door.main(words[2:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
