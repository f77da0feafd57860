"""The face mesh as a unit reads it. Weights keep their 16-bit floats; what is answered is equal to the bit.

It takes pixels as they lie in memory: uint8[1, 192, 192, 4], the fourth byte without weight; its own first operation
makes the 0..1 floats of them, in the time numpy took to begin. The slopes of its PReLUs are given for a whole row of a
map and not for one place of it: XNNPACK goes through what is alike in one call, a row or else 16 to 64 numbers. Depth
is not answered: nobody asks for it, and its third of the last matrix need not be read.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from octets import taking
from parts import packed
from tensorflow.lite.python import schema_py_generated as schema

Array = np.ndarray[Any, np.dtype[Any]]
SIDE, COUNT = 192, 468
PRELU = schema.BuiltinOperator.PRELU


def convert(content: bytes) -> bytes:
    """The same network behind a conversion from bytes, in front of nothing but x and y."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    graph = model.subgraphs[0]
    taken = int(graph.inputs[0])
    first = next(step for step in graph.operators if taken in step.inputs)
    remade(model, graph, int(first.inputs[1]), lambda kernel: np.pad(kernel, [(0, 0)] * 3 + [(0, 1)]))
    for step in graph.operators:
        if model.operatorCodes[step.opcodeIndex].deprecatedBuiltinCode == PRELU:
            across = int(graph.tensors[step.outputs[0]].shape[2])
            remade(model, graph, int(step.inputs[1]), lambda slopes, wide=across: np.tile(slopes, (1, wide, 1)))
    for step in graph.operators:
        if graph.tensors[step.outputs[0]].shape[-1] == 3 * COUNT and len(step.inputs) == 3:
            for at in step.inputs[1:]:
                remade(model, graph, int(at), without_depth)
            graph.tensors[step.outputs[0]].shape = [1, 1, 1, 2 * COUNT]
    graph.tensors[taken].shape = [1, SIDE, SIDE, 4]
    taking(model, graph, taken, 1 / 255)
    return packed(model)


def without_depth(rows: Array) -> Array:
    """Every third row left out."""
    return rows.reshape(COUNT, 3, *rows.shape[1:])[:, :2].reshape(2 * COUNT, *rows.shape[1:])


def remade(model: Any, graph: Any, at: int, change: Callable[[Array], Array]) -> None:
    """A constant float tensor and the 16-bit numbers it is made of, changed."""
    made_by = next(step for step in graph.operators if at in step.outputs)
    source = graph.tensors[int(made_by.inputs[0])]
    buffer = model.buffers[source.buffer]
    halves = np.frombuffer(np.asarray(buffer.data, np.uint8).tobytes(), np.float16)
    changed = np.ascontiguousarray(change(halves.reshape([int(size) for size in source.shape])))
    buffer.data = np.frombuffer(changed.tobytes(), np.uint8)
    source.shape = graph.tensors[at].shape = list(changed.shape)
