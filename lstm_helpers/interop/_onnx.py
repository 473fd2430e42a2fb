"""Weights to and from ONNX, where a node is one level of a `Stack`, in one direction or two.

`orders` converts the arrays themselves, `_onnx_graph` finds the nodes in a model, and `_onnx_model` writes one.
"""

import sys
import warnings
from os import PathLike
from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import brief, kind_of, one_of, refuse, short_traceback, switch
from lstm_helpers.interop import orders
from lstm_helpers.interop._onnx_graph import Graph
from lstm_helpers.interop._onnx_model import Model
from lstm_helpers.layers import Stack
from lstm_helpers.layers._weights import float_dtype

ACTIVATIONS = {"RNN": ["Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]}
SIDES = {"forward": 1, "reverse": 1, "bidirectional": 2}

# The attributes that are read or change nothing: layout is the axis of the batch in X and Y, and Sigmoid and Tanh have
# no alpha and no beta. A node with any other attribute is refused.
COMMON = {"direction", "hidden_size", "activations", "activation_alpha", "activation_beta", "layout"}
SUPPORTED = {"RNN": COMMON, "LSTM": COMMON | {"input_forget"}, "GRU": COMMON | {"linear_before_reset"}}


class OnnxNode(NamedTuple):
    """A node of ONNX as plain data.

    Attributes:
        op_type: `RNN`, `LSTM` or `GRU`.
        attributes: a dictionary with hidden_size, direction, linear_before_reset, input_forget, ...
        tensors: a dictionary of the arrays W (S, G H, D), R (S, G H, H), B (S, 2 G H), and P (S, 3 H) if there are
            peepholes; S is 2 if the direction is bidirectional, and otherwise 1.
    """

    op_type: str
    attributes: dict
    tensors: dict


@short_traceback
def onnx_node(layer):
    """A layer, or a Stack of one level, as a node of ONNX in plain data.

    The order of the gates is i o f c for an LSTM, z r h for a GRU, where c and h are our g and n; that of the peepholes
    is i o f. B holds our biases, as those for x, and then those for h_prev: 0, except for a GRU's b_hn. Coupled gates
    become `input_forget`, with both W_i = -W_f and W_f, so that a program that ignores it computes the same.

    Raises:
        TypeError: a layer is not an RNN, LSTM or GRU.
        ValueError: the layer has no forget gate, as every LSTM of ONNX has, or several levels, which `to_onnx` writes.
    """
    levels = orders.levels_of(layer, "ONNX")
    if len(levels) > 1:
        refuse(ValueError, f"layer must have one level, as a node of ONNX has, got {len(levels)}; to_onnx takes them")
    return _node_of_level(*levels[0])


@short_traceback
def to_onnx(layer, *, initial_states=False, lengths=False, dtype=None):
    """A layer or a Stack as an ONNX model, an `onnx.ModelProto`. T and N are free.

    The model of a layer is a single node, with the input X (T, N, D) and the outputs Y (T, 1, N, H), Y_h and, for an
    LSTM, Y_c, both (1, N, H).

    A Stack becomes one node for each level, from the bottom. Its model has the input X (T, N, D) and the output Y, as
    `trace.h` (T, N, all sides), and for each level Y_h_l0, Y_c_l0, Y_h_l1, ... (S, N, H), where S is its number of
    sides. It raises what `onnx_node` raises.

    Args:
        layer: an `RNN`, `LSTM` or `GRU`, or a `Stack` of them in which a level is one layer, a `Reversed` one, or both.
        initial_states: True to add inputs for the states before step 1, initial_h and initial_c (1, N, H), or those of
            each level, initial_h_l0 (S, N, H), ...; False to start at 0.
        lengths: True to add an input for the number of steps of each sequence, sequence_lens (N,), 32-bit whole
            numbers; False if all have T. (The reference evaluator of onnx ignores it, as of 1.23.)
        dtype: float32 or float64; the layer's own if None. onnxruntime computes these nodes in float32 only.
    """
    nodes = [_node_of_level(*level) for level in orders.levels_of(layer, "ONNX")]
    dtype = layer.dtype if dtype is None else float_dtype(dtype)
    initial_states, lengths = switch("initial_states", initial_states), switch("lengths", lengths)
    model, H = Model(layer.input_size, dtype, initial_states, lengths), layer.hidden_size
    if not isinstance(layer, Stack):
        model.recurrent(nodes[0], "X")
        return model.proto(["T", 1, "N", H])
    below = "X"
    for k, node in enumerate(nodes):
        above = "Y" if node is nodes[-1] else f"h_l{k}"
        below = model.side_by_side(model.recurrent(node, below, f"_l{k}"), above)
    return model.proto(["T", "N", H])


@short_traceback
def from_onnx(source, node=None):
    """A new `RNN`, `LSTM` or `GRU` of ours with the weights of a node of ONNX, in their dtype; or a `Stack` of several.

    It computes what the node computes. A node whose direction is not forward gives a `Stack`; so does a chain of nodes
    in which each reads the one below it and nothing else, as PyTorch writes a model with `num_layers`.

        layer = from_onnx(onnx.load("model.onnx"))
        trace = layer.forward(x)                          # x (T, N, D), also if the node has it (N, T, D), layout=1

    Pass the states before step 1 and sequence_lens to `forward` if they are inputs of the model. If another node
    computes them, a `UserWarning` says so; states that are constants must be 0. Weights may be initializers, or come
    from them by way of Identity, Transpose, Concat and their like. Anything else, or a node that computes something our
    layers do not, raises `TypeError` or `ValueError`.

    Args:
        source: an `onnx.ModelProto`, or an `OnnxNode`. A missing B is 0, as in ONNX.
        node: the name of the node, or of one of its outputs, if the model has more than one RNN, LSTM or GRU; or a list
            of such names, from the bottom to the top, for a `Stack`.
    """
    onnx = sys.modules.get("onnx")  # imported already by any caller who has a ModelProto
    names = _names(node)
    if onnx is not None and isinstance(source, onnx.ModelProto):
        graph = Graph(source, onnx)
        levels = [_level_of_node(*selected) for selected in graph.nodes(names)]
        for sentence in graph.warnings:
            warnings.warn(sentence, stacklevel=3)  # at the call of from_onnx
        return orders.stack_of(levels, node, "node")
    expected = "an onnx.ModelProto or an OnnxNode"
    if not (isinstance(source, tuple) and len(source) == 3):
        hint = "; onnx.load reads a file" if isinstance(source, (str, bytes, PathLike)) else ""
        refuse(TypeError, f"source must be {expected}, got {kind_of(source)}{hint}")
    if names is not None:
        refuse(ValueError, f"node must be left out: an OnnxNode is one node, got {brief(node)}")
    kind, attributes, tensors = source
    if not (isinstance(kind, str) and isinstance(attributes, dict) and isinstance(tensors, dict)):
        refuse(TypeError, f"source must be {expected}, got {brief(source)}")
    return orders.stack_of([_level_of_node(kind, attributes, tensors)])


def _names(node):
    """The names in the argument `node`, as a list, or None."""
    names = node if isinstance(node, list) or node is None else [node]
    if names is not None and not (names and all(isinstance(name, str) and name for name in names)):
        expected = "the name of a node or of one of its outputs, or a list of such names"
        refuse(ValueError, f"node must be {expected}, got {brief(node)}")
    return names


def _node_of_level(direction, cells):
    """A level of a Stack as a node."""
    kind, cell = orders.kind_name(cells[0]), cells[0]
    attributes = {"hidden_size": cell.hidden_size}
    if direction != "forward":
        attributes["direction"] = direction
    if kind == "GRU":
        attributes["linear_before_reset"] = int(cell.reset_after)
    if kind == "LSTM" and cell.coupled:
        attributes["input_forget"] = 1
    sides = [orders.to_arrays(cell, "ONNX") for cell in cells]
    W_x, W_h, b_x, b_h = (np.stack(arrays) for arrays in zip(*sides, strict=True))
    tensors = {"W": W_x, "R": W_h, "B": np.concatenate([b_x, b_h], axis=1)}
    if kind == "LSTM" and cell.peepholes:
        tensors["P"] = np.stack([orders.peepholes(cell, "ONNX") for cell in cells])
    return OnnxNode(kind, attributes, tensors)


def _level_of_node(kind, attributes, tensors):
    """A node as a level of a Stack, its direction and its layers: the inverse of `_node_of_level`."""
    attributes = {name: _decoded(value) for name, value in attributes.items()}
    _check_supported(kind, attributes, tensors)
    arrays = orders.as_arrays(tensors)
    direction = attributes.get("direction", "forward")
    S, gates, shape = SIDES[direction], len(orders.ORDERS["ONNX"][kind]), arrays["R"].shape
    H = shape[-1] if shape else 0
    GH = gates * H
    _check_shapes(arrays, {"R": (S, GH, H), "W": (S, GH, "D"), "B": (S, 2 * GH), "P": (S, 3 * H)})
    if attributes.get("hidden_size", H) != H:
        refuse(ValueError, f"hidden_size must be {H}, as R has it, got {attributes['hidden_size']}")
    options = {"reset_after": bool(attributes.get("linear_before_reset", 0))} if kind == "GRU" else {}
    options |= {"coupled": bool(attributes.get("input_forget", 0))} if kind == "LSTM" else {}
    B = arrays.get("B", np.zeros((S, 2 * GH), arrays["R"].dtype))
    P = arrays.get("P", [None] * S)
    cells = [
        orders.from_arrays("ONNX", kind, arrays["W"][s], arrays["R"][s], *np.split(B[s], 2), P[s], **options)
        for s in range(S)
    ]
    return direction, cells


def _check_supported(kind, attributes, tensors):
    """Refuse a node that computes something our layers do not."""
    if kind not in ACTIVATIONS:
        refuse(ValueError, f"source must be an RNN, LSTM or GRU, got {brief(kind)}")
    optional = ["B", "P"] if kind == "LSTM" else ["B"]
    if not {"W", "R"} <= set(tensors) <= {"W", "R", *optional}:
        got = ", ".join(tensors) or "nothing"
        refuse(ValueError, f"source must hold W and R, and may hold {' and '.join(optional)}, got {got}")
    for name in attributes:
        if name not in SUPPORTED[kind]:
            refuse(ValueError, f"source must be a plain {kind} without {name}, got {name}={brief(attributes[name])}")
    default = ACTIVATIONS[kind] * SIDES[one_of("direction", attributes.get("direction", "forward"), SIDES)]
    activations = attributes.get("activations", default)
    if str(activations).lower() != str(default).lower():  # ONNX ignores the case
        sentence = f"source must be a plain {kind} with activations={default}, got activations={activations}"
        refuse(ValueError, sentence)
    if attributes.get("layout", 0) not in (0, 1):
        refuse(ValueError, f"layout must be 0 or 1, got {brief(attributes['layout'])}")


def _decoded(value):
    """The value of an attribute, with str in place of bytes."""
    if isinstance(value, bytes):
        return value.decode()
    return [_decoded(item) for item in value] if isinstance(value, (list, tuple)) else value


def _check_shapes(arrays, shapes):
    for name, expected in shapes.items():
        shape = arrays[name].shape if name in arrays else expected
        if len(shape) != len(expected) or any(e not in ("D", s) for e, s in zip(expected, shape, strict=True)):
            refuse(ValueError, f"{name} must have shape ({', '.join(map(str, expected))}), got shape {shape}")
