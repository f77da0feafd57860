"""BlazeFace rebuilt so that it takes pictures of other shapes than 128x128: weights, layers and results are unchanged.

The file in the mediapipe wheel ends in reshapes to fixed sizes. Here the four heads are the outputs as they are (two
score maps, two maps of boxes and points), so one file serves a whole frame of 4:3 and a small close-up (docs/adr/0016).
"""

from typing import Any

import numpy as np
import tensorflow as tf

Array = np.ndarray[Any, np.dtype[np.float32]]
SIDE = 128
DROPPED = ("RESHAPE", "CONCATENATION")


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

    def heads(self, picture: Any) -> list[Any]:
        """Scores 16x16x2 and 8x8x6, then boxes 16x16x32 and 8x8x96, for a picture of 128x128; in proportion else."""
        values = {int(self._file.get_input_details()[0]["index"]): picture}
        for step in self._steps:
            values[step["outputs"][0]] = self._done(step, [int(at) for at in step["inputs"] if at >= 0], values)
        return [values[at] for at in self._ends]

    def _done(self, step: dict[str, Any], at: list[int], values: dict[int, Any]) -> Any:
        name, x = step["op_name"], values[at[0]]
        if name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            stride = self._shapes[at[0]][1] // self._shapes[step["outputs"][0]][1]
            kernel = self._weights[at[1]].transpose(1, 2, 3, 0)
            if name == "CONV_2D":
                return tf.nn.bias_add(tf.nn.conv2d(x, kernel, stride, "SAME"), self._weights[at[2]])
            strides = (1, stride, stride, 1)
            return tf.nn.bias_add(tf.nn.depthwise_conv2d(x, kernel, strides, "SAME"), self._weights[at[2]])
        if name == "ADD":
            return x + values[at[1]]
        if name == "PAD":
            return tf.pad(x, self._file.get_tensor(at[1]))
        simple = {"RELU": tf.nn.relu, "MAX_POOL_2D": lambda y: tf.nn.max_pool2d(y, 2, 2, "SAME")}
        return simple[name](x)


def convert(content: bytes) -> bytes:
    """The same network without its last reshapes; weights again in 16-bit float."""
    graph = Graph(content)

    @tf.function(input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32, name="picture")])
    def detect(picture: Any) -> Any:
        names = ("scores_fine", "scores_coarse", "boxes_fine", "boxes_coarse")
        return [tf.identity(head, name) for head, name in zip(graph.heads(picture), names, strict=True)]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([detect.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())
