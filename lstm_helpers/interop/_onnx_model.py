"""A model of ONNX that is written node by node."""

import numpy as np

from lstm_helpers._arguments import real_array
from lstm_helpers.interop import orders
from lstm_helpers.interop._onnx_graph import INPUTS

OPSET, IR_VERSION = 14, 8  # of 2021; newer programs read it too


class Model:
    """A model with the input X (T, N, D), in which T and N are free.

    Args:
        input_size: D.
        dtype: float32 or float64.
        initial_states: whether the states before step 1 of each node are inputs too.
        lengths: whether sequence_lens (N,) is an input too, the same for all nodes.
    """

    def __init__(self, input_size, dtype, initial_states, lengths):
        self.helper, self.dtype = orders.library("onnx.helper"), dtype
        self.initial_states, self.lengths = initial_states, lengths
        self.inputs, self.outputs, self.stored, self.nodes = {"X": ["T", "N", input_size]}, {}, {}, []
        if lengths:
            self.inputs["sequence_lens"] = ["N"]

    def recurrent(self, node, below, end=""):
        """A recurrent node that sees `below`, with this ending to its names. Its last states are outputs; returns Y."""
        kind, attributes, tensors = node
        states = "hc" if kind == "LSTM" else "h"
        shape = [len(tensors["W"]), "N", attributes["hidden_size"]]  # of a state: its sides first
        given = {"X": below} | {name: name + end for name in tensors}
        given |= {f"initial_{s}": f"initial_{s}{end}" for s in states if self.initial_states}
        given |= {"sequence_lens": "sequence_lens"} if self.lengths else {}
        names = [given.get(role, "") for role in INPUTS[: 1 + max(map(INPUTS.index, given))]]
        results = [f"{name}{end}" for name in ("Y", *[f"Y_{s}" for s in states])]
        self.nodes.append(self.helper.make_node(kind, names, results, name=kind + end, **attributes))
        self.stored |= {name + end: real_array(name, array, dtype=self.dtype) for name, array in tensors.items()}
        self.inputs |= {name: shape for role, name in given.items() if role.startswith("initial")}
        self.outputs |= dict.fromkeys(results[1:], shape)
        return results[0]

    def side_by_side(self, Y, h):
        """Y (T, S, N, H) as h (T, N, S H), the sides of a level next to each other."""
        turned = f"{Y}_turned"
        self.stored["two_axes"] = np.array([0, 0, -1])  # keeps two, and makes one of all others
        self.nodes.append(self.helper.make_node("Transpose", [Y], [turned], perm=[0, 2, 1, 3]))
        self.nodes.append(self.helper.make_node("Reshape", [turned, "two_axes"], [h]))
        return h

    def proto(self, Y):
        """The `onnx.ModelProto`, with the output Y of this shape before all others."""
        numpy_helper = orders.library("onnx.numpy_helper")
        graph = self.helper.make_graph(
            self.nodes,
            f"{Y[-1]} units on {self.inputs['X'][-1]} inputs",
            self._declared(self.inputs),
            self._declared({"Y": Y} | self.outputs),
            [numpy_helper.from_array(array, name) for name, array in self.stored.items()],
        )
        opset = self.helper.make_opsetid("", OPSET)
        return self.helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)

    def _declared(self, shapes):
        types = dict.fromkeys(shapes, self.dtype) | {"sequence_lens": np.dtype("int32")}
        element = self.helper.np_dtype_to_tensor_dtype
        return [self.helper.make_tensor_value_info(n, element(types[n]), shape) for n, shape in shapes.items()]
