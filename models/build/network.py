"""The face network as a TensorFlow function, and its conversion to a full int8 TFLite file.

Departures from dlib's network, all on purpose (docs/adr/0010): ReLU6 instead of ReLU at the end of blocks 7..13,
raw uint8 RGB in, 128 float32 out (not yet of unit length).
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
    """A concrete function float32[1, 150, 150, 3] (0..255 RGB) -> float32[1, 128]."""

    @tf.function(input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32, name="chip")])
    def embed(chip: Any) -> Any:
        layers = iter(network.convolutions)
        x = tf.nn.relu(convolve(chip, next(layers)))
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
    converter.representative_dataset = lambda: ([picture[None].astype(np.float32)] for picture in pictures)
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32
    return bytes(converter.convert())
