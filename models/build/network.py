"""The face network as a TensorFlow function, and its conversion to a full int8 TFLite file.

Departures from dlib's network, all on purpose (docs/adr/0010, 0015): ReLU6 instead of ReLU at the end of blocks 7..13,
strips of a chip in (`cut`), 128 float32 out (not yet of unit length). parts.py arranges the result for the unit.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from dlib_file import Convolution, Network

SIDE = 150
DOWN = (3, 7, 10, 13)  # blocks that halve the picture and, but for the last, double the channels
BLOCKS = 14
CLIPPED_FROM = 7  # the 128- and 256-channel stages


def first(strips: Any, layer: Convolution) -> Any:
    """7x7 with stride 2 over a chip = 4x1 with stride 1 over its strips; what is added to fill up weighs nothing.

    The same products are added, so the quantised result is the same to the bit; kernels that read 64 channels at four
    places are several times as fast as those that read 3 channels at 49.
    """
    out = layer.weight.shape[0]
    kernel = np.zeros((8, 8, 4, out), np.float32)
    kernel[:7, :7, :3] = layer.weight.transpose(2, 3, 1, 0)
    kernel = kernel.reshape(4, 1, 64, out)
    return tf.nn.bias_add(tf.nn.conv2d(strips, tf.constant(kernel), 1, "VALID"), layer.bias.astype(np.float32))


def cut(pictures: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """uint8[n, 150, 150, 3] -> float32[n, 75, 72, 64]: two rows of eight pixels of four bytes each."""
    words = np.pad(pictures, ((0, 0), (0, 0), (0, 0), (0, 1)))
    pairs = words.reshape(-1, SIDE // 2, 2, SIDE, 4)
    cells = [pairs[:, :, :, at : at + 8].reshape(-1, SIDE // 2, 64) for at in range(0, SIDE - 6, 2)]
    return np.stack(cells, 2).astype(np.float32)


def convolve(x: Any, layer: Convolution) -> Any:
    """One convolution with its bias, NHWC."""
    kernel = tf.constant(layer.weight.transpose(2, 3, 1, 0).astype(np.float32))
    padding = "SAME" if layer.padded else "VALID"
    return tf.nn.bias_add(tf.nn.conv2d(x, kernel, layer.stride, padding), layer.bias.astype(np.float32))


def halve(x: Any) -> Any:
    """The mean of 2x2 as a depthwise convolution: equal, and int8 runtimes have a fast kernel for it."""
    quarter = tf.constant(np.full((2, 2, x.shape[3], 1), 0.25, np.float32))
    return tf.nn.depthwise_conv2d(x, quarter, (1, 2, 2, 1), "VALID")


def block(x: Any, layers: Iterator[Convolution], index: int, clipped_from: int) -> Any:
    """Two convolutions and a shortcut. Going down, dlib pads what is missing with zeros at the far ends."""
    y = convolve(tf.nn.relu(convolve(x, next(layers))), next(layers))
    if index in DOWN:
        x = halve(x)
        short, channels = x.shape[1] - y.shape[1], y.shape[3] - x.shape[3]
        if channels:
            x = tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, channels]])
        if short:
            y = tf.pad(y, [[0, 0], [0, short], [0, short], [0, 0]])
    return tf.nn.relu6(x + y) if index >= clipped_from else tf.nn.relu(x + y)


def forward(network: Network, clipped_from: int = CLIPPED_FROM) -> Any:
    """A concrete function float32[1, 75, 72, 64] (0..255) -> float32[1, 128]."""

    @tf.function(input_signature=[tf.TensorSpec((1, SIDE // 2, (SIDE - 6) // 2, 64), tf.float32, name="strips")])
    def embed(strips: Any) -> Any:
        layers = iter(network.convolutions)
        x = tf.nn.relu(first(strips, next(layers)))
        x = tf.nn.max_pool2d(x, 3, 2, "VALID")
        for index in range(BLOCKS):
            x = block(x, layers, index, clipped_from)
        x = tf.reduce_mean(x, (1, 2))
        return tf.matmul(x, tf.constant(network.last.astype(np.float32)))

    return embed.get_concrete_function()


def convert(network: Network, pictures: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """Full int8, per channel, the last matrix included; ranges from `pictures` uint8[n, 150, 150, 3]."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([forward(network)])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = lambda: ([cut(picture[None])] for picture in pictures)
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.float32
    return bytes(converter.convert())
