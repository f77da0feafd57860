"""A chip becomes a template: the int8 network on the chip and on its mirror image, averaged on the unit sphere."""

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused, TemplateRefused
from .face import Template
from .manifest import Model
from .pixels import Picture
from .runtime import Network


def unit(vector: NDArray[np.float32]) -> Template:
    """Scaled to length one; TemplateRefused where there is no direction to keep."""
    length = float(np.sqrt(vector @ vector))
    if not np.isfinite(length) or length < 1e-6:
        raise TemplateRefused("not_finite", "a template without direction")
    return vector / np.float32(length)


class Embedder:
    """One embedder; `id` belongs to every template it makes."""

    def __init__(self, model: Model, network: Network) -> None:
        expected = (1, model.side, model.side, 3), ((1, model.size),)
        if (network.input_shape, network.output_shapes) != expected:
            raise ModelRefused("model_mismatch", f"{model.id}: inputs and outputs are not what the manifest says")
        self.id = model.id
        self._mirror = model.mirror
        self._network = network

    def template(self, chip: Picture) -> Template:
        """uint8[side, side, 3] -> float32[D] of unit length."""
        straight = self._vector(chip)
        if not self._mirror:
            return straight
        return unit(straight + self._vector(np.ascontiguousarray(chip[:, ::-1])))

    def _vector(self, chip: Picture) -> Template:
        return unit(self._network.run(chip[None])[0][0])
