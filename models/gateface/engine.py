"""The engine: pictures in, faces with templates out, and the nearest enrolled person.

engine = open_engine()
for found in engine.detect(frame): ...           # the detector only: what an idle door spends
face = engine.embed(frame, found)                # adds the template
engine.faces(frame)                              # both at once
engine.match(face.template, gallery)             # the nearest person; whether to open is visit.Visit's matter
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .align import Aligner, Chip
from .detect import Detection, Detector
from .embed import Embedder
from .errors import PictureRefused
from .face import Face, Found, Template
from .gallery import Gallery, Match
from .manifest import SHIPPED, Manifest, read_manifest
from .pixels import Picture
from .quality import Limits, judged

LEAST_SIDE = 32


class Engine:
    """One detector and one embedder. Threads may share it; they take turns in each network."""

    def __init__(self, manifest: Manifest, threads: int = 1, limits: Limits | None = None) -> None:
        self.model = manifest.embedder
        self._detector = Detector(manifest.detector.content(), threads)
        self._embedder = Embedder(manifest.embedder, threads)
        self._aligner = Aligner(manifest.embedder)
        self._limits = limits or Limits()

    @property
    def model_id(self) -> str:
        """The embedder's id, part of every template's identity."""
        return self._embedder.id

    def detect(self, image: NDArray[np.uint8]) -> list[Found]:
        """Faces in uint8[H, W, 3] RGB with their quality, the largest first, without templates."""
        picture = checked(image)
        return [self._judged(picture, detection)[0] for detection in self._detector.detect(picture)]

    def embed(self, image: NDArray[np.uint8], found: Found) -> Face:
        """The same face with its template, and points and quality by a second look; `image` is where it was found.

        Its box stays the first look's: whoever follows a face from frame to frame compares like with like.
        """
        face = self._embedded(checked(image), Detection(found.box, found.landmarks, found.score))
        return replace(face, box=found.box)

    def faces(self, image: NDArray[np.uint8]) -> list[Face]:
        """All faces of a picture with quality and template, the largest first."""
        picture = checked(image)
        return [self._embedded(picture, detection) for detection in self._detector.detect(picture)]

    def match(self, template: Template, gallery: Gallery) -> Match | None:
        """The nearest person and the best of another home; None for an empty gallery.

        TemplateRefused if the gallery is of another model, or the template is not finite, of unit length and size D.
        """
        gallery.require(self.model_id)
        return gallery.nearest(template)

    def _judged(self, picture: Picture, detection: Detection) -> tuple[Found, Chip]:
        chip = self._aligner.chip(picture, detection.landmarks)
        height, width = picture.shape[:2]
        quality = judged(chip, detection.landmarks, (height, width), self._limits)
        return Found(detection.box, detection.landmarks, detection.score, quality), chip

    def _embedded(self, picture: Picture, detection: Detection) -> Face:
        found, chip = self._judged(picture, self._detector.refined(picture, detection))
        template = self._embedder.template(chip.words)
        return Face(found.box, found.landmarks, found.score, found.quality, template)


def open_engine(manifest: Path | None = None, *, threads: int = 1, limits: Limits | None = None) -> Engine:
    """The engine of the shipped models, or of the operator's own manifest. ModelRefused if any hash is unknown."""
    found = read_manifest(manifest or SHIPPED)
    if found.mesh is not None:
        found.mesh.content()  # it runs when the first face is asked for a proof of life: too late to be refused
    return Engine(found, threads, limits)


def checked(image: NDArray[np.uint8]) -> Picture:
    """The same array in C order; PictureRefused unless uint8[H, W, 3] with both sides of at least 32 pixels."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise PictureRefused("wrong_array", "uint8[height, width, 3] RGB expected")
    if min(image.shape[:2]) < LEAST_SIDE:
        raise PictureRefused("too_small", f"both sides must be at least {LEAST_SIDE} pixels")
    return np.ascontiguousarray(image)
