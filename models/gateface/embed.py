"""A chip becomes a template: the network on the chip and on its mirror image, averaged on the unit sphere."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused, TemplateRefused
from .face import Template
from .intake import input_kind, input_shape, intake
from .manifest import Model
from .pixels import Words
from .runtime import Network, tiles


def unit(vector: NDArray[np.float32]) -> Template:
    """Scaled to length one; TemplateRefused where there is no direction to keep."""
    length = float(np.sqrt(vector @ vector))
    if not np.isfinite(length) or length < 1e-6:
        raise TemplateRefused("not_finite", "a template without direction")
    return vector / np.float32(length)


class Embedder:
    """One embedder; `id` belongs to every template it makes."""

    def __init__(self, model: Model, threads: int = 1) -> None:
        self.id = model.id
        self._model = model
        stem = model.beginning(tiles())
        self._parts = [Network(content, threads) for content in (stem, model.content()) if content is not None]
        if not self._fits():
            raise ModelRefused("model_mismatch", f"{model.id}: inputs and outputs are not what the manifest says")
        one = self._parts[-1]
        self._together = model.input == "pairs" or (model.mirror and len(self._parts) == 1 and one.resized(2))

    def template(self, chip: Words) -> Template:
        """A chip uint32[side, side] (gateface.pixels) -> float32[D] of unit length."""
        chips = [chip, chip[:, ::-1]] if self._model.mirror else [chip]
        vectors = [unit(vector) for vector in self._vectors(chips)]
        return vectors[0] if len(vectors) == 1 else unit(vectors[0] + vectors[1])

    def _fits(self) -> bool:
        """Whether the parts take what the manifest says, each what the one before gives, and the last gives vectors."""
        model = self._model
        shapes: list[tuple[tuple[int, ...], ...]] = [(input_shape(model),)]
        for part in self._parts:
            if shapes[-1] != (part.input_shape,):
                return False
            shapes.append(part.output_shapes)
        both = model.mirror or model.input != "pairs"
        ends = shapes[-1] == ((input_shape(model)[0], model.size),)
        return both and ends and self._parts[0].input_kind == input_kind(model)

    def _vectors(self, chips: list[Words]) -> list[NDArray[np.float32]]:
        """One row per chip: in one go where the network can, else one after the other. The rows are the same."""
        values = intake(self._model, chips)
        if self._together or len(chips) == 1:
            return list(self._through(values))
        return [self._through(values[at : at + 1])[0] for at in range(len(chips))]

    def _through(self, values: NDArray[Any]) -> NDArray[np.float32]:
        for part in self._parts:
            values = part.run(values)[0]
        return values
