"""Weights to and from the nodes of ONNX."""

import sys
from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import brief, kind_of, real_array, refuse, short_traceback, switch
from lstm_helpers.interop import orders
from lstm_helpers.layers._weights import float_dtype

ACTIVATIONS = {"RNN": ["Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]}
INPUTS = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
OPSET, IR_VERSION = 14, 8  # of 2021: what is newer reads it too


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
    """A layer as a node of ONNX, in plain data; ONNX is not needed.

    The gates are in the order i o f c of an LSTM, z r h of a GRU, c and h being our g and n; the peepholes i o f. B
    holds the biases for x, which are ours, and then those for h_prev: 0, except for a GRU's b_hn. Coupled gates are
    `input_forget`, with W_i = -W_f and W_f both written down, so that who overlooks it computes the same.

    Raises:
        TypeError: `layer` is no RNN, LSTM or GRU.
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

    Its inputs are X (T, N, D), and with `initial_states` initial_h and, of an LSTM, initial_c, (1, N, H). Its outputs
    are Y (T, 1, N, H), Y_h and, of an LSTM, Y_c, (1, N, H). T and N are free.

    Args:
        layer: an `RNN`, `LSTM` or `GRU`. Raises what `onnx_node` raises.
        initial_states: whether the states before step 1 are inputs; they are 0 else.
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
    """A new layer of ours with the weights of a node of ONNX.

    Args:
        source: an `onnx.ModelProto`, or an `OnnxNode`. B may be missing, and is 0 then, as ONNX has it.
        node: the name of the node, or of one of its outputs, if the model has more than one RNN, LSTM or GRU.

    Returns:
        An `RNN`, `LSTM` or `GRU`, in the dtype of the weights. It computes what the node computes, where the states
        before step 1, if they are inputs of the model, are handed to `forward`. States that are constants of the model
        must be 0, as ours are if none are given.

    Raises:
        TypeError, ValueError: `source` is something else, or computes something else than our layers do.
    """
    onnx = sys.modules.get("onnx")  # who has a model of it has imported it
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
    orders.of_one_dtype(**arrays)
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
                refuse(ValueError, f"source must hold {role} as an initializer, {given!r} is none")
            tensors[role] = onnx.numpy_helper.to_array(fixed[given])
        elif given and role == "sequence_lens":
            refuse(ValueError, f"source must have no sequence_lens, got {given!r}: our layers run all steps")
        elif given in fixed and role.startswith("initial") and onnx.numpy_helper.to_array(fixed[given]).any():
            refuse(ValueError, f"source must not have a constant {role} but 0, got {given!r}: give it to forward")
    return OnnxNode(found[0].op_type, {a.name: value(a) for a in found[0].attribute}, tensors)


def _called(node):
    """What a node can be chosen by: its name, or its outputs where it has none."""
    return repr(node.name) if node.name else " or ".join(repr(name) for name in node.output if name)


def _must_be_ours(kind, attributes, tensors):
    """Refuse a node that computes something else than our layers do."""
    if kind not in ACTIVATIONS:
        refuse(ValueError, f"source must be an RNN, LSTM or GRU, got {kind!r}")
    if not {"W", "R"} <= set(tensors) <= ({"W", "R", "B", "P"} if kind == "LSTM" else {"W", "R", "B"}):
        wanted = "W and R, and may hold B and P" if kind == "LSTM" else "W and R, and may hold B"
        refuse(ValueError, f"source must hold {wanted}, got {', '.join(tensors) or 'nothing'}")
    text = {name: _text(value) for name, value in attributes.items()}
    if text.get("direction", "forward") != "forward":
        refuse(ValueError, f"source must be a plain {kind} with direction='forward', got {text['direction']!r}")
    if text.get("layout", 0) != 0:
        refuse(ValueError, f"source must be a plain {kind} with layout=0, (T, N, D), got layout={text['layout']!r}")
    activations, plain = text.get("activations", ACTIVATIONS[kind]), ACTIVATIONS[kind]
    if [a.lower() for a in activations] != [a.lower() for a in plain]:
        refuse(ValueError, f"source must be a plain {kind} with activations={plain}, got {activations}")
    if "clip" in text:
        refuse(ValueError, f"source must be a plain {kind} without clip, got clip={text['clip']:g}")


def _text(value):
    """Attributes of ONNX hold bytes."""
    if isinstance(value, bytes):
        return value.decode()
    return [_text(one) for one in value] if isinstance(value, (list, tuple)) else value


def _must_have_shapes(arrays, shapes):
    for name, wanted in shapes.items():
        shape = arrays[name].shape if name in arrays else wanted
        if len(shape) != len(wanted) or any(w not in ("D", s) for w, s in zip(wanted, shape, strict=True)):
            text = ", ".join(map(str, wanted))
            refuse(ValueError, f"{name} must have shape ({text}), got shape {shape}")
