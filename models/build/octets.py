"""A network made to take bytes: its own first operation makes floats of them, in the time numpy took to begin."""

from typing import Any

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema


def taking(model: Any, graph: Any, taken: int, scale: float) -> None:
    """`taken`, the float input, is made of bytes of its shape from here on, each worth `scale`."""
    shape = [int(size) for size in graph.tensors[taken].shape]
    graph.tensors.append(octets(shape, scale))
    given = len(graph.tensors) - 1
    graph.operators.insert(0, conversion(model, given, taken))
    graph.inputs, model.signatureDefs = [given], None


def octets(shape: list[int], scale: float) -> Any:
    """The input."""
    made, quantised = schema.TensorT(), schema.QuantizationParametersT()
    quantised.scale, quantised.zeroPoint = [float(np.float32(scale))], [0]
    made.shape, made.type, made.buffer, made.name = shape, schema.TensorType.UINT8, 0, "octets"
    made.quantization = quantised
    return made


def conversion(model: Any, given: int, taken: int) -> Any:
    code, made = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = 2
    model.operatorCodes.append(code)
    made.opcodeIndex, made.inputs, made.outputs = len(model.operatorCodes) - 1, [given], [taken]
    return made
