"""An ONNX model, built node by node."""

import numpy as np

from lstm_helpers._arguments import real_array
from lstm_helpers.interop import orders
from lstm_helpers.interop._onnx_graph import INPUTS

OPSET, IR_VERSION = 14, 8  # of 2021, which newer programs read, too


class Model:
    """A model with the input X (T, N, D), in which T and N are free.

    Args:
        input_size: D.
        dtype: float32 or float64.
        initial_states: True to add inputs for the states of each node before step 1.
        lengths: True to add an input sequence_lens (N,), the same for all nodes.
    """

    def __init__(self, input_size, dtype, initial_states, lengths):
        self.helper, self.dtype = orders.import_library("onnx.helper"), dtype
        self.initial_states, self.lengths = initial_states, lengths
        self.inputs, self.outputs, self.stored, self.nodes = {"X": ["T", "N", input_size]}, {}, {}, []
        if lengths:
            self.inputs["sequence_lens"] = ["N"]

    def recurrent(self, node, below, suffix=""):
        """Add a recurrent node on the value `below`, with this suffix to its names; its last states become outputs.

        Returns the name of Y.
        """
        kind, attributes, tensors = node
        states = "hc" if kind == "LSTM" else "h"
        state_shape = [len(tensors["W"]), "N", attributes["hidden_size"]]
        inputs = {"X": below} | {name: name + suffix for name in tensors}
        if self.initial_states:
            initial = {f"initial_{s}": f"initial_{s}{suffix}" for s in states}
            inputs |= initial
            self.inputs |= dict.fromkeys(initial.values(), state_shape)
        if self.lengths:
            inputs["sequence_lens"] = "sequence_lens"
        names = [inputs.get(role, "") for role in INPUTS[: 1 + max(map(INPUTS.index, inputs))]]
        outputs = [f"{name}{suffix}" for name in ("Y", *[f"Y_{s}" for s in states])]
        self.nodes.append(self.helper.make_node(kind, names, outputs, name=kind + suffix, **attributes))
        self.stored |= {name + suffix: real_array(name, array, dtype=self.dtype) for name, array in tensors.items()}
        self.outputs |= dict.fromkeys(outputs[1:], state_shape)
        return outputs[0]

    def side_by_side(self, Y, h):
        """Add nodes that turn Y (T, S, N, H) into h (T, N, S H). Returns the name h."""
        transposed = f"{Y}_turned"
        self.stored["two_axes"] = np.array([0, 0, -1])  # keep two axes, merge the others
        self.nodes.append(self.helper.make_node("Transpose", [Y], [transposed], perm=[0, 2, 1, 3]))
        self.nodes.append(self.helper.make_node("Reshape", [transposed, "two_axes"], [h]))
        return h

    def proto(self, Y):
        """The `onnx.ModelProto`. Its first output is Y, of this shape."""
        numpy_helper = orders.import_library("onnx.numpy_helper")
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
