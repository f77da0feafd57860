"""An embedder of the operator's own: a real network, small, with floors as `kaimen face adopt` would write them."""

import hashlib
from pathlib import Path

from tests.face.test_slot import MANIFEST, SMALL

FLOORS = """
[embedder.floors]
search = [0.99]
home = [0.98]
crowd = [0.95]
crowd_size = 100
margin = 0.05
several = 0.0
people = 300
"""


def own_model(folder: Path, floors: str = FLOORS, altered: bytes = b"") -> Path:
    """Weights and manifest in `folder`; `altered` is put behind the weights the manifest names."""
    content = SMALL.read_bytes()
    (folder / "small.tflite").write_bytes(content + altered)
    path = folder / "adopted.toml"
    path.write_text(MANIFEST.format(sha256=hashlib.sha256(content).hexdigest()) + floors, encoding="utf-8")
    return path
