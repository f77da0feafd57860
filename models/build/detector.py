"""BlazeFace rebuilt so that it takes pictures of other shapes than 128x128, in less time: results are unchanged.

The file in the mediapipe wheel ends in reshapes to fixed sizes. Here the four heads are the outputs as they are (two
score maps, two maps of boxes and points), so one file serves a whole frame of 4:3 and a small close-up (docs/adr/0016).
The picture comes in cells of 2x2 pixels, so that the first layer reads 9 places of 12 numbers and not 25 of 3, and the
large maps have room for the channels that are added later (docs/adr/0142). It takes bytes (octets.py).
"""

from typing import Any

import numpy as np
import tensorflow as tf
from octets import taking
from parts import packed
from tensorflow.lite.python import schema_py_generated as schema

Array = np.ndarray[Any, np.dtype[np.float32]]
SIDE = 128
DROPPED = ("RESHAPE", "CONCATENATION")
WIDTHS = {64: 32, 32: 48}  # channels of all maps of that side, zeros among them: whole vectors, no copies to add them


class Graph:
    """The operations and constants of a TFLite file of 16-bit weights."""

    def __init__(self, content: bytes) -> None:
        plain = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        self._file = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=plain)
        self._file.allocate_tensors()
        self._shapes = {t["index"]: tuple(int(n) for n in t["shape"]) for t in self._file.get_tensor_details()}
        steps = self._file._get_ops_details()
        self._weights = {
            step["outputs"][0]: self._file.get_tensor(step["inputs"][0]).astype(np.float32)
            for step in steps
            if step["op_name"] == "DEQUANTIZE"
        }
        self._steps = [step for step in steps if step["op_name"] not in ("DEQUANTIZE", *DROPPED)]
        self._ends = [step["inputs"][0] for step in steps if step["op_name"] == "RESHAPE"]

    def heads(self, cells: Any) -> list[Any]:
        """Scores 16x16x2 and 8x8x6, then boxes 16x16x32 and 8x8x96, for 64x64 cells of 2x2; in proportion else."""
        values = {int(self._file.get_input_details()[0]["index"]): cells}
        for step in self._steps:
            values[step["outputs"][0]] = self._done(step, [int(at) for at in step["inputs"] if at >= 0], values)
        return [values[at] for at in self._ends]

    def _done(self, step: dict[str, Any], at: list[int], values: dict[int, Any]) -> Any:
        name, x = step["op_name"], values[at[0]]
        _, side, _, channels = self._shapes[step["outputs"][0]]
        stride, width = self._shapes[at[0]][1] // side, WIDTHS.get(side, channels)
        if name == "CONV_2D":
            kernel, bias = self._weights[at[1]].transpose(1, 2, 3, 0), wider(self._weights[at[2]], width)
            if len(values) == 1:
                kernel, stride = in_cells(kernel), 1
            return tf.nn.bias_add(tf.nn.conv2d(x, wider(kernel, x.shape[3], width), stride, "SAME"), bias)
        if name == "DEPTHWISE_CONV_2D":
            kernel = wider(self._weights[at[1]].transpose(1, 2, 3, 0), x.shape[3], 1)
            strides, bias = (1, stride, stride, 1), wider(self._weights[at[2]], x.shape[3])
            return tf.nn.bias_add(tf.nn.depthwise_conv2d(x, kernel, strides, "SAME"), bias)
        if name == "ADD":
            return x + values[at[1]]
        if name == "PAD":
            return x if x.shape[3] == width else tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, width - x.shape[3]]])
        simple = {"RELU": tf.nn.relu, "MAX_POOL_2D": lambda y: tf.nn.max_pool2d(y, 2, 2, "SAME")}
        return simple[name](x)


def wider(values: Array, *sizes: int) -> Array:
    """Zeros at the ends of the last axes until they have these sizes."""
    before = values.ndim - len(sizes)
    return np.pad(values, [(0, 0)] * before + [(0, size - values.shape[before + at]) for at, size in enumerate(sizes)])


def in_cells(kernel: Array) -> Array:
    """A 5x5 kernel of stride 2 over pixels (first row and column added by "SAME": one) -> 3x3 over cells of 2x2."""
    grown = np.zeros((6, 6, *kernel.shape[2:]), np.float32)
    grown[1:, 1:] = kernel
    rows = grown.reshape(3, 2, 3, 2, *kernel.shape[2:]).transpose(0, 2, 1, 3, 4, 5)
    return np.ascontiguousarray(rows.reshape(3, 3, 4 * kernel.shape[2], kernel.shape[3]))


def convert(content: bytes) -> bytes:
    """The same network without its last reshapes, bytes in; weights again in 16-bit float."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(converted(Graph(content)), 0))
    graph = model.subgraphs[0]
    taking(model, graph, int(graph.inputs[0]), 1 / 127.5)
    return packed(model)


def converted(graph: Graph) -> bytes:
    """The network that takes cells of 0..2."""

    @tf.function(input_signature=[tf.TensorSpec((1, SIDE // 2, SIDE // 2, 12), tf.float32, name="cells")])
    def detect(cells: Any) -> Any:
        names = ("scores_fine", "scores_coarse", "boxes_fine", "boxes_coarse")
        return [tf.identity(head, name) for head, name in zip(graph.heads(cells - 1), names, strict=True)]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([detect.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())
