"""The seam to the two packages that run TFLite files: `ai_edge_litert`, else `tflite_runtime`."""

import importlib
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused

PACKAGES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")


def interpreter_module() -> ModuleType:
    """The first runtime installed; ModelRefused if there is none. (tflite_runtime is about nine times slower.)"""
    for name in PACKAGES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ModelRefused("runtime_missing", f"none of {', '.join(PACKAGES)} is installed")


def tiles(cpu: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor multiplies 8-bit matrices in tiles (Intel AMX), as Linux tells it."""
    try:
        lines = cpu.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("flags") and " amx_int8" in line for line in lines)


class Network:
    """One loaded model. Calls from several threads take turns: an interpreter has one set of buffers."""

    def __init__(self, content: bytes, threads: int = 1, shape: Sequence[int] | None = None) -> None:
        """`shape` asks for another input size than the file's; the caller checks `input_shape` and `output_shapes`."""
        try:
            self._interpreter = interpreter_module().Interpreter(model_content=content, num_threads=threads)
            if shape is not None:
                self._interpreter.resize_tensor_input(self._interpreter.get_input_details()[0]["index"], list(shape))
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelRefused("weights_unknown", f"the runtime does not read this model: {error}") from error
        self._lock = threading.Lock()
        self._described()

    @property
    def input_shape(self) -> tuple[int, ...]:
        return tuple(int(size) for size in self._input["shape"])

    @property
    def input_kind(self) -> str:
        """The numpy name of the numbers taken."""
        return str(np.dtype(self._input["dtype"]).name)

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(int(size) for size in output["shape"]) for output in self._outputs)

    def resized(self, batch: int) -> bool:
        """Makes the network take `batch` inputs at once; False, and all as before, where its graph does not allow."""
        shape, rows = self._input["shape"], self.output_shapes
        with self._lock:
            try:
                self._reshape([batch, *shape[1:]])
            except (ValueError, RuntimeError):
                self._reshape(shape)
                return False
            if list(self.output_shapes) != [(batch, *row[1:]) for row in rows]:
                self._reshape(shape)
                return False
        return True

    def _reshape(self, shape: Sequence[int]) -> None:
        self._interpreter.resize_tensor_input(self._input["index"], [int(size) for size in shape], strict=False)
        self._interpreter.allocate_tensors()
        self._described()

    def _described(self) -> None:
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = self._interpreter.get_output_details()

    def run(self, values: NDArray[Any]) -> list[NDArray[np.float32]]:
        """All outputs, in the model's order, as arrays of the caller's own."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], values)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(output["index"]) for output in self._outputs]
