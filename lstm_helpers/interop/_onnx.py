"""Weights to and from the nodes of ONNX."""

import sys
from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import brief, kind_of, real_array, refuse, short_traceback, switch
from lstm_helpers.interop import orders
from lstm_helpers.layers._weights import float_dtype

ACTIVATIONS = {"RNN": ["Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]}
PLAIN = {"direction": "forward", "layout": 0}
INPUTS = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
OPSET, IR_VERSION = 14, 8  # of 2021; newer programs read it too


class OnnxNode(NamedTuple):
    """A node of ONNX as plain data.

    Attributes:
        op_type: `RNN`, `LSTM` or `GRU`.
        attributes: by name: hidden_size, linear_before_reset, input_forget, ...
        tensors: arrays by name: W (1, G H, D), R (1, G H, H), B (1, 2 G H), and P (1, 3 H) where there are peepholes.
    """

    op_type: str
    attributes: dict
    tensors: dict


@short_traceback
def onnx_node(layer):
    """A layer as a node of ONNX, in plain data.

    The order of the gates is i o f c for an LSTM, z r h for a GRU, where c and h are our g and n; of the peepholes, i o
    f. B holds the biases for x, which are ours, and then those for h_prev: 0, except for a GRU's b_hn. Coupled gates
    become `input_forget`, with both W_i = -W_f and W_f, so that a program that ignores it computes the same.

    Raises:
        TypeError: `layer` is not an RNN, LSTM or GRU.
        ValueError: ONNX has no such layer: one without a forget gate.
    """
    W_x, W_h, b_x, b_h = orders.take_apart(layer, "ONNX")
    kind, attributes = orders.kind_of(layer), {"hidden_size": layer.hidden_size}
    tensors = {"W": W_x[None], "R": W_h[None], "B": np.concatenate([b_x, b_h])[None]}
    if kind == "GRU":
        attributes["linear_before_reset"] = int(layer.reset_after)
    if kind == "LSTM" and layer.coupled:
        attributes["input_forget"] = 1
    if kind == "LSTM" and layer.peepholes:
        tensors["P"] = orders.peepholes(layer, "ONNX")[None]
    return OnnxNode(kind, attributes, {name: np.ascontiguousarray(a) for name, a in tensors.items()})


@short_traceback
def to_onnx(layer, *, initial_states=False, dtype=None):
    """A layer as an ONNX model of one node, an `onnx.ModelProto`.

    Its input is X (T, N, D); its outputs are Y (T, 1, N, H), Y_h and, for an LSTM, Y_c, both (1, N, H). T and N are
    free. It raises what `onnx_node` raises.

    Args:
        layer: an `RNN`, `LSTM` or `GRU`.
        initial_states: whether the states before step 1, initial_h and initial_c, (1, N, H), are inputs too; otherwise
            they are 0.
        dtype: float32 or float64; the layer's own if None. onnxruntime computes these nodes in float32 only.
    """
    kind, attributes, tensors = onnx_node(layer)
    dtype = layer.dtype if dtype is None else float_dtype(dtype)
    initial_states = switch("initial_states", initial_states)
    helper, numpy_helper = orders.library("onnx.helper"), orders.library("onnx.numpy_helper")
    tensors = {name: real_array(name, array, dtype=dtype) for name, array in tensors.items()}
    D, H, states = layer.input_size, layer.hidden_size, ["h", "c"] if kind == "LSTM" else ["h"]
    ends = [f"initial_{s}" for s in states] if initial_states else []
    names = [name if name in ["X", *tensors, *ends] else "" for name in INPUTS]
    while not names[-1]:
        names.pop()
    shapes = {"X": ["T", "N", D]} | {name: [1, "N", H] for name in ends}
    results = {"Y": ["T", 1, "N", H]} | {f"Y_{s}": [1, "N", H] for s in states}
    element = helper.np_dtype_to_tensor_dtype(dtype)
    graph = helper.make_graph(
        [helper.make_node(kind, names, list(results), name=kind, **attributes)],
        f"a layer of {H} units on {D} inputs",
        *([helper.make_tensor_value_info(n, element, s) for n, s in ends.items()] for ends in (shapes, results)),
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


@short_traceback
def from_onnx(source, node=None):
    """A new `RNN`, `LSTM` or `GRU` of ours with the weights of a node of ONNX, in their dtype.

    It computes what the node computes. If the states before step 1 are inputs of the model, give them to `forward`; if
    they are constants, they must be 0. Anything else, or a node that computes something our layers do not, raises
    `TypeError` or `ValueError`.

    Args:
        source: an `onnx.ModelProto`, or an `OnnxNode`. A missing B is 0, as in ONNX.
        node: the name of the node, or of one of its outputs, if the model has more than one RNN, LSTM or GRU.
    """
    onnx = sys.modules.get("onnx")  # anyone with a model of ONNX's has imported it
    if node is not None and not (isinstance(node, str) and node):
        refuse(ValueError, f"node must be the name of a node or of one of its outputs, got {brief(node)}")
    if onnx is not None and isinstance(source, onnx.ModelProto):
        source = _node_of(source.graph, node, onnx)
    elif not (isinstance(source, tuple) and len(source) == 3):
        refuse(TypeError, f"source must be an onnx.ModelProto or an OnnxNode, got {kind_of(source)}")
    elif node is not None:
        refuse(ValueError, f"node must be left out: an OnnxNode is one node, got {node!r}")
    kind, attributes, tensors = source
    if not (isinstance(kind, str) and isinstance(attributes, dict) and isinstance(tensors, dict)):
        refuse(TypeError, f"source must be an onnx.ModelProto or an OnnxNode, got {brief(source)}")
    _must_be_ours(kind, attributes, tensors)
    arrays = {name: orders.given(name, array) for name, array in tensors.items()}
    orders.of_one_dtype(arrays)
    gates, shape = len(orders.ORDERS["ONNX"][kind]), arrays["R"].shape
    H = shape[-1] if shape else 0
    GH = gates * H
    _must_have_shapes(arrays, {"R": (1, GH, H), "W": (1, GH, "D"), "B": (1, 2 * GH), "P": (1, 3 * H)})
    if attributes.get("hidden_size", H) != H:
        refuse(ValueError, f"hidden_size must be {H}, as R has it, got {attributes['hidden_size']}")
    b_x, b_h = np.split(arrays.get("B", np.zeros((1, 2 * GH), arrays["R"].dtype))[0], 2)
    p = arrays["P"][0] if "P" in arrays else None
    options = {"reset_after": bool(attributes.get("linear_before_reset", 0))} if kind == "GRU" else {}
    options |= {"coupled": bool(attributes.get("input_forget", 0))} if kind == "LSTM" else {}
    return orders.put_together("ONNX", kind, arrays["W"][0], arrays["R"][0], b_x, b_h, p, **options)


def _node_of(graph, name, onnx):
    """The node of that name, or the only one there is, as plain data."""
    found = [n for n in graph.node if n.op_type in ACTIVATIONS and n.domain in ("", "ai.onnx")]
    names = ", ".join(_called(n) for n in found) or "none"
    found = [n for n in found if name is None or name in (n.name, *n.output)]
    if len(found) != 1:
        which = "one RNN, LSTM or GRU" if name is None else f"one RNN, LSTM or GRU for node={name!r}"
        refuse(ValueError, f"source must have {which}; it has {names}" + ("; give node" if len(found) > 1 else ""))
    value = onnx.helper.get_attribute_value
    fixed = {tensor.name: tensor for tensor in graph.initializer}
    constants = [other for other in graph.node if other.op_type == "Constant"]
    fixed |= {other.output[0]: value(a) for other in constants for a in other.attribute if a.name == "value"}
    tensors = {}
    for role, given in zip(INPUTS, found[0].input, strict=False):
        if given and role in "WRBP":
            if given not in fixed:
                refuse(ValueError, f"source must hold {role} as an initializer; {given!r} is not one")
            tensors[role] = onnx.numpy_helper.to_array(fixed[given])
        elif given and role == "sequence_lens":
            refuse(ValueError, f"source must have no sequence_lens, got {given!r}: forward takes them, as lengths")
        elif given in fixed and role.startswith("initial") and onnx.numpy_helper.to_array(fixed[given]).any():
            refuse(ValueError, f"source must have no constant {role} other than 0, got {given!r}: give it to forward")
    return OnnxNode(found[0].op_type, {a.name: value(a) for a in found[0].attribute}, tensors)


def _called(node):
    """The names by which a node can be chosen: its own, or those of its outputs if it has none."""
    return repr(node.name) if node.name else " or ".join(repr(name) for name in node.output if name)


def _must_be_ours(kind, attributes, tensors):
    """Refuse a node that computes something our layers do not."""
    if kind not in ACTIVATIONS:
        refuse(ValueError, f"source must be an RNN, LSTM or GRU, got {kind!r}")
    may = ["B", "P"] if kind == "LSTM" else ["B"]
    if not {"W", "R"} <= set(tensors) <= {"W", "R", *may}:
        got = ", ".join(tensors) or "nothing"
        refuse(ValueError, f"source must hold W and R, and may hold {' and '.join(may)}, got {got}")
    found = {name: _text(value) for name, value in attributes.items()}
    plain = {**PLAIN, "activations": ACTIVATIONS[kind]}
    if [name.lower() for name in found.get("activations", [])] == [name.lower() for name in ACTIVATIONS[kind]]:
        found["activations"] = ACTIVATIONS[kind]  # upper and lower case are the same to ONNX
    orders.must_be_plain(kind, plain, found)
    if "clip" in found:
        refuse(ValueError, f"source must be a plain {kind} without clip, got clip={found['clip']:g}")


def _text(value):
    """An attribute of a node, with text where ONNX holds bytes."""
    if isinstance(value, bytes):
        return value.decode()
    return [_text(one) for one in value] if isinstance(value, (list, tuple)) else value


def _must_have_shapes(arrays, shapes):
    for name, wanted in shapes.items():
        shape = arrays[name].shape if name in arrays else wanted
        if len(shape) != len(wanted) or any(w not in ("D", s) for w, s in zip(wanted, shape, strict=True)):
            text = ", ".join(map(str, wanted))
            refuse(ValueError, f"{name} must have shape ({text}), got shape {shape}")
