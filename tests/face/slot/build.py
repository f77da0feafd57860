"""Builds `small.tflite`, a second embedder for the tests: `python build.py` with TensorFlow (models/build).

A real network that the runtime loads and runs, of fixed random weights: three convolutions and a matrix. It tells
pictures apart, not people, which is all a test of the slot needs. It takes floats, blue first, and returns 64 numbers.
"""

import os

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}

from pathlib import Path

import numpy as np
import tensorflow as tf

SIDE, SIZE = 112, 64


def main() -> None:
    random = np.random.default_rng(1)
    kernels = [
        random.normal(0, (9 * n) ** -0.5, (3, 3, n, m)).astype(np.float32) for n, m in ((3, 8), (8, 16), (16, 16))
    ]
    last = random.normal(0, 0.1, (7 * 7 * 16, SIZE)).astype(np.float16).astype(np.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32)])
    def embed(x: tf.Tensor) -> tf.Tensor:
        for kernel in kernels:
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 2, "SAME"))
        x = tf.nn.avg_pool2d(x, 2, 2, "VALID")
        return tf.matmul(tf.reshape(x, (1, 7 * 7 * 16)), last)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([embed.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    (Path(__file__).parent / "small.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    main()
