"""A unit that tells: `python -m tests.attack.leaky '{"out": DIR, "open": []}' door ARG ...`.

It writes down the templates it makes or learns and every byte it hands to its link (before TLS). `open` says
whose sealing is switched off: the "vault"'s of templates, a "door"'s of what it has learned or of what it took at a
"sitting". What then lies and leaves is the templates in each of the forms the search looks for.
"""

import base64
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from gatecore.wire import decode, encode
from gateface import unpacked
from gatesim import door
from gateunit import kept, learned, taken


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
    seal, send = taken.seal, aiohttp.ClientWebSocketResponse.send_bytes

    def tapped(where: str, seal: Callable[..., bytes]) -> Callable[..., bytes]:
        def sealing(photos: list[bytes], *rest: Any) -> bytes:
            with (out / f"templates-{where}").open("a", encoding="ascii") as told:
                told.writelines(photo.hex() + "\n" for photo in photos)
            if where not in order["open"]:
                return seal(photos, *rest)
            return b"".join(form for photo in photos for form in forms(photo).values())

        return sealing

    async def send_bytes(self: Any, data: bytes, *rest: Any) -> None:
        with (out / "traffic").open("ab") as told:
            told.write(data)
        await send(self, data, *rest)

    kept.seal_templates = tapped("vault", kept.seal_templates)
    learned.seal_learned = tapped("door", learned.seal_learned)
    sitting = tapped("sitting", lambda photos, *rest: seal(encode(photos), *rest))
    taken.seal = lambda photos, *rest: sitting(decode(photos), *rest)  # type: ignore[assignment]
    aiohttp.ClientWebSocketResponse.send_bytes = send_bytes  # type: ignore[method-assign]
    return door.main(words[2:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
