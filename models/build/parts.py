"""Cuts the converted face network into a stem and a trunk, and arranges the stem for the processors it will run on.

Nothing is quantised anew: weights, biases and scales are copied, so every template stays equal to the bit.

stem.tflite    the first layer and the three blocks of 32 channels, chips in pairs of columns (gateface.intake)
stem_tiled     the same, the chip's and its mirror image's channels side by side: 64 channels fill the 8-bit tiles of
               processors that have them (AMX); elsewhere the added zeros would only cost time
trunk.tflite   all that follows
"""

from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

Array = np.ndarray[Any, np.dtype[Any]]
STEM = 11  # operations: a convolution, a pool, three blocks of two convolutions and a sum
CHIPS = 2  # a chip and its mirror image
ROWS, COLUMNS, SIDE, CHANNELS = 72, 72, 35, 32  # of the first layer's output, of the pool's, of both


@dataclass(frozen=True)
class Tensor:
    """One tensor read from a file."""

    shape: tuple[int, ...]
    kind: int
    scale: tuple[float, ...]
    zero: tuple[int, ...]
    values: Array | None


@dataclass
class Graph:
    """A file in the making: `add` tensors and operations, then `content`."""

    model: Any = field(default_factory=schema.ModelT)
    graph: Any = field(default_factory=schema.SubGraphT)

    def __post_init__(self) -> None:
        self.model.version, self.model.description = 3, "kaimen"
        self.model.operatorCodes, self.model.buffers, self.model.subgraphs = [], [schema.BufferT()], [self.graph]
        self.graph.tensors, self.graph.operators = [], []

    def tensor(self, like: Tensor, shape: tuple[int, ...], values: Array | None = None, copies: int = 1) -> int:
        """A tensor of this shape with the kind and scales of `like`, the latter repeated for copied channels."""
        made, quantised = schema.TensorT(), schema.QuantizationParametersT()
        quantised.scale, quantised.zeroPoint = list(like.scale) * copies, list(like.zero) * copies
        made.shape, made.type, made.buffer, made.name = list(shape), like.kind, 0, str(len(self.graph.tensors))
        made.quantization = quantised if like.scale else None
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            made.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def numbers(self, values: list[int]) -> int:
        """An int32 constant."""
        return self.tensor(
            Tensor((), schema.TensorType.INT32, (), (), None), (len(values),), np.array(values, np.int32)
        )

    def operation(self, name: str, inputs: list[int], output: int, kind: int = 0, options: Any = None) -> int:
        """Returns `output`."""
        made, code = schema.OperatorT(), schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
        code.version = {"RESHAPE": 1, "TRANSPOSE": 2, "ADD": 2, "MAX_POOL_2D": 2, "CONV_2D": 3}[name]
        self.model.operatorCodes.append(code)
        made.opcodeIndex, made.inputs, made.outputs = len(self.model.operatorCodes) - 1, inputs, [output]
        made.builtinOptionsType, made.builtinOptions = kind, options
        self.graph.operators.append(made)
        return output

    def reshaped(self, at: int, like: Tensor, shape: tuple[int, ...]) -> int:
        options = schema.ReshapeOptionsT()
        options.newShape = list(shape)
        place, kind = self.numbers(list(shape)), schema.BuiltinOptions.ReshapeOptions
        return self.operation("RESHAPE", [at, place], self.tensor(like, shape), kind, options)

    def content(self, start: int, end: int) -> bytes:
        self.graph.inputs, self.graph.outputs = [start], [end]
        return packed(self.model)


@dataclass(frozen=True)
class Whole:
    """The converted network."""

    model: Any

    @property
    def graph(self) -> Any:
        return self.model.subgraphs[0]

    def tensor(self, at: int) -> Tensor:
        one = self.graph.tensors[at]
        data, kind = self.model.buffers[one.buffer].data, one.type
        names = {
            schema.TensorType.INT8: np.int8,
            schema.TensorType.INT32: np.int32,
            schema.TensorType.FLOAT32: np.float32,
        }
        values = None if data is None else np.asarray(data, np.uint8).tobytes()
        read = None if values is None else np.frombuffer(values, names[kind]).reshape([int(n) for n in one.shape])
        scale, zero = (one.quantization.scale, one.quantization.zeroPoint) if one.quantization else (None, None)
        shape = tuple(int(size) for size in one.shape)
        return Tensor(shape, kind, as_tuple(scale, float), as_tuple(zero, int), read)


def as_tuple(values: Any, kind: Any) -> tuple[Any, ...]:
    return () if values is None else tuple(kind(value) for value in values)


def cut(content: bytes) -> tuple[bytes, bytes, bytes]:
    """stem, tiled stem and trunk of the network `network.convert` made, each for two chips at once."""
    return stem(content, tiled=False), stem(content, tiled=True), trunk(content)


def stem(content: bytes, tiled: bool) -> bytes:
    """int8[2, 75, 36, 64] (gateface.intake) -> int8[2, 35, 35, 32]."""
    whole = Whole(schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0)))
    steps, made = whole.graph.operators[:STEM], Graph()
    first, pool, blocks = steps[0], steps[1], steps[2:]
    chips = made.tensor(whole.tensor(first.inputs[0]), (CHIPS, ROWS + 3, COLUMNS // 2, 64))
    now = whole.tensor(first.outputs[0])
    at = convolved(made, whole, first, chips, paired(whole.tensor(first.inputs[1])), (CHIPS, ROWS, COLUMNS // 2, 64), 2)
    at = made.reshaped(at, now, (CHIPS, ROWS, COLUMNS, CHANNELS))
    shape = (CHIPS, SIDE, SIDE, CHANNELS)
    pooled = made.tensor(now, shape)
    at = made.operation("MAX_POOL_2D", [at], pooled, schema.BuiltinOptions.Pool2DOptions, pool.builtinOptions)
    if tiled:
        at, shape = beside(made, at, now), (1, SIDE, SIDE, CHIPS * CHANNELS)
    for one, other, both in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=True):
        short = at
        for step in (one, other):
            at = convolved(made, whole, step, at, blocked(whole.tensor(step.inputs[1]), tiled), shape, 1 + tiled)
        summed = made.tensor(whole.tensor(both.outputs[0]), shape)
        at = made.operation("ADD", [short, at], summed, schema.BuiltinOptions.AddOptions, both.builtinOptions)
    last = whole.tensor(steps[-1].outputs[0])
    return made.content(chips, after(made, at, last) if tiled else at)


def convolved(made: Graph, whole: Whole, step: Any, at: int, weight: Array, shape: tuple[int, ...], copies: int) -> int:
    """One convolution of the whole network with its weights arranged anew and its outputs in so many copies."""
    kernel, bias, out = (whole.tensor(index) for index in (step.inputs[1], step.inputs[2], step.outputs[0]))
    values = np.tile(np.asarray(bias.values), copies)
    places = made.tensor(kernel, weight.shape, weight, copies), made.tensor(bias, values.shape, values, copies)
    end = made.tensor(out, shape)
    return made.operation("CONV_2D", [at, *places], end, schema.BuiltinOptions.Conv2DOptions, step.builtinOptions)


def paired(strips: Tensor) -> Array:
    """int8[32, 4, 1, 64], two rows of eight pixels of four bytes -> int8[64, 4, 1, 64] for two columns of outputs, two
    rows of nine pixels of three bytes and five that weigh nothing."""
    old = np.asarray(strips.values).reshape(CHANNELS, 4, 2, 8, 4)[..., :7, :3]
    new = np.zeros((2, CHANNELS, 4, 2, 32), np.int8)
    for side in (0, 1):
        new[side, ..., 6 * side : 6 * side + 21] = old.reshape(CHANNELS, 4, 2, 21)
    return new.reshape(2 * CHANNELS, 4, 1, 64)


def blocked(kernel: Tensor, tiled: bool) -> Array:
    """As it is, or once for each chip along the diagonal."""
    old = np.asarray(kernel.values)
    if not tiled:
        return old
    new = np.zeros((CHIPS * CHANNELS, 3, 3, CHIPS * CHANNELS), np.int8)
    for chip in range(CHIPS):
        part = slice(chip * CHANNELS, (chip + 1) * CHANNELS)
        new[part, :, :, part] = old
    return new


def beside(made: Graph, at: int, like: Tensor) -> int:
    """The two chips' channels side by side."""
    at = transposed(made, at, like, [1, 2, 0, 3], (SIDE, SIDE, CHIPS, CHANNELS))
    return made.reshaped(at, like, (1, SIDE, SIDE, CHIPS * CHANNELS))


def after(made: Graph, at: int, like: Tensor) -> int:
    """One chip after the other again."""
    at = made.reshaped(at, like, (SIDE, SIDE, CHIPS, CHANNELS))
    return transposed(made, at, like, [2, 0, 1, 3], (CHIPS, SIDE, SIDE, CHANNELS))


def transposed(made: Graph, at: int, like: Tensor, order: list[int], shape: tuple[int, ...]) -> int:
    kind, options = schema.BuiltinOptions.TransposeOptions, schema.TransposeOptionsT()
    return made.operation("TRANSPOSE", [at, made.numbers(order)], made.tensor(like, shape), kind, options)


def trunk(content: bytes) -> bytes:
    """int8[2, 35, 35, 32] -> float32[2, 128]."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    graph, whole = model.subgraphs[0], Whole(model)
    start = graph.operators[STEM - 1].outputs[0]
    graph.operators = graph.operators[STEM:]
    lone(whole)
    used = sorted({start} | {int(at) for step in graph.operators for at in (*step.inputs, *step.outputs) if at >= 0})
    place = {old: new for new, old in enumerate(used)}
    for step in graph.operators:
        step.inputs, step.outputs = ([place.get(int(at), -1) for at in ends] for ends in (step.inputs, step.outputs))
    graph.inputs, graph.outputs = [place[start]], [place[int(at)] for at in graph.outputs]
    tensors = [graph.tensors[old] for old in used]
    buffers = [schema.BufferT()]
    for number, tensor in enumerate(tensors):
        held = model.buffers[tensor.buffer]
        if held.data is None:
            tensor.shape, tensor.shapeSignature = [CHIPS, *tensor.shape[1:]], None
        buffers.append(held)
        tensor.buffer, tensor.name = (0 if held.data is None else len(buffers) - 1), str(number)
    graph.tensors, model.buffers = tensors, buffers
    model.metadata, model.metadataBuffer, model.signatureDefs, graph.name = None, None, None, None
    return packed(model)


def lone(whole: Whole) -> None:
    """A 3x3 convolution of a single place reads nothing but its middle: the other eight ninths of the weights go."""
    for step in whole.graph.operators:
        if len(step.inputs) < 2:
            continue
        source, kernel = whole.tensor(step.inputs[0]), whole.tensor(step.inputs[1])
        if source.shape[1:3] == (1, 1) and kernel.shape[1:3] == (3, 3):
            middle = np.ascontiguousarray(np.asarray(kernel.values)[:, 1:2, 1:2])
            tensor = whole.graph.tensors[step.inputs[1]]
            tensor.shape = list(middle.shape)
            whole.model.buffers[tensor.buffer].data = np.frombuffer(middle.tobytes(), np.uint8)


def packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
