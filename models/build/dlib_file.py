"""Reads dlib's serialised face network (`dlib_face_recognition_resnet_model_v1.dat`) into numpy arrays.

Format: dlib/serialize.h and dlib/dnn/layers.h. An integer is one length byte (low four bits: number of bytes,
0x80: negative) and that many little-endian bytes; an old-style float is two integers, mantissa and exponent.
Layers lie in the file from input to output, each after its length-prefixed name.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
LAYER = re.compile(rb"\x01\x05con_4|\x01\x07affine_|\x01\x04fc_2|\x01\x15input_rgb_image_sized")


@dataclass(slots=True)
class Convolution:
    """`weight` float64[out, in, rows, columns], `bias` float64[out]; `padded` means SAME, else VALID."""

    weight: Array
    bias: Array
    stride: int
    padded: bool


@dataclass(slots=True)
class Network:
    """29 convolutions with their affine layers folded in, and the last matrix float64[256, 128]."""

    mean: Array
    convolutions: list[Convolution] = field(default_factory=list)
    last: Array = field(default_factory=lambda: np.empty((0, 0)))


class Reader:
    """A cursor over the file's bytes."""

    def __init__(self, content: bytes, at: int) -> None:
        self.content = content
        self.at = at

    def integer(self) -> int:
        head = self.content[self.at]
        size = head & 0x0F
        value = int.from_bytes(self.content[self.at + 1 : self.at + 1 + size], "little")
        self.at += 1 + size
        return -value if head & 0x80 else value

    def number(self) -> float:
        mantissa = self.integer()
        return float(mantissa * 2.0 ** self.integer())

    def tensor(self) -> Array:
        version = self.integer()
        if version != 2:
            raise ValueError(f"tensor version {version}, 2 expected")
        count = int(np.prod([self.integer() for _ in range(4)]))
        values = np.frombuffer(self.content, "<f4", count, self.at).astype(np.float64)
        self.at += 4 * count
        return values


def read_network(content: bytes) -> Network:
    """The folded network; ValueError unless there are 29 convolutions, 29 affine layers and one matrix."""
    network = Network(np.zeros(3))
    affine = 0
    at = 0
    while found := LAYER.search(content, at):
        reader = Reader(content, found.end())
        name = found.group()[2:]
        if name == b"input_rgb_image_sized":
            network.mean = np.array([reader.number() for _ in range(3)])
        elif name == b"con_4":
            network.convolutions.append(read_convolution(reader))
        elif name == b"affine_":
            fold_affine(network.convolutions[-1], reader.tensor())
            affine += 1
        else:
            outputs, inputs = reader.integer(), reader.integer()
            network.last = reader.tensor().reshape(inputs, outputs)
        at = reader.at
    if (len(network.convolutions), affine, network.last.shape) != (29, 29, (256, 128)):
        raise ValueError("not the 29-layer face network")
    fold_input(network)
    return network


def read_convolution(reader: Reader) -> Convolution:
    """The tensor holds all filters, then all biases; the in-channels follow from its size."""
    values = reader.tensor()
    out, rows, columns, stride, _, pad, _ = (reader.integer() for _ in range(7))
    inner = (values.size - out) // (out * rows * columns)
    return Convolution(values[:-out].reshape(out, inner, rows, columns), values[-out:], stride, pad > 0)


def fold_affine(convolution: Convolution, values: Array) -> None:
    """gamma (w x + b) + beta as one convolution."""
    gamma, beta = np.split(values, 2)
    convolution.weight = convolution.weight * gamma[:, None, None, None]
    convolution.bias = convolution.bias * gamma + beta


def fold_input(network: Network) -> None:
    """(x - mean) / 256 into the first convolution: exact because it has no padding. Raw 0..255 goes in afterwards."""
    first = network.convolutions[0]
    scaled = first.weight / 256.0
    first.bias = first.bias - (scaled * network.mean[None, :, None, None]).sum((1, 2, 3))
    first.weight = scaled
