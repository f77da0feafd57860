"""A chip becomes a template: the network on the chip and on its mirror image, averaged on the unit sphere."""

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused, TemplateRefused
from .face import Template
from .intake import input_kind, input_shape, intake
from .manifest import Model
from .pixels import Words
from .runtime import Network


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
        self._network = Network(model.content(), threads)
        if not self._fits():
            raise ModelRefused("model_mismatch", f"{model.id}: inputs and outputs are not what the manifest says")
        self._together = model.mirror and self._network.resized(2)

    def template(self, chip: Words) -> Template:
        """A chip uint32[side, side] (gateface.pixels) -> float32[D] of unit length."""
        chips = [chip, chip[:, ::-1]] if self._model.mirror else [chip]
        vectors = [unit(vector) for vector in self._vectors(chips)]
        return vectors[0] if len(vectors) == 1 else unit(vectors[0] + vectors[1])

    def _fits(self) -> bool:
        network, model = self._network, self._model
        same = (network.input_shape, network.output_shapes) == (input_shape(model), ((1, model.size),))
        return same and network.input_kind == input_kind(model)

    def _vectors(self, chips: list[Words]) -> list[NDArray[np.float32]]:
        """One row per chip: in one go where the network can, else one after the other. The rows are the same."""
        values = intake(self._model, chips)
        if self._together or len(chips) == 1:
            return list(self._network.run(values)[0])
        return [self._network.run(values[at : at + 1])[0][0] for at in range(len(chips))]
