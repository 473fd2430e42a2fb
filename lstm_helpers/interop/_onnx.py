"""Weights to and from the nodes of ONNX. A node is one level of a `Stack`, in one direction or in two."""

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

# The attributes of a node that a layer of ours follows, or that change nothing: layout says where the batch stands in X
# and Y, and Sigmoid and Tanh have no alpha and no beta. A node with any other is refused.
ANY_KIND = {"direction", "hidden_size", "activations", "activation_alpha", "activation_beta", "layout"}
FOLLOWED = {"RNN": ANY_KIND, "LSTM": ANY_KIND | {"input_forget"}, "GRU": ANY_KIND | {"linear_before_reset"}}


class OnnxNode(NamedTuple):
    """A node of ONNX as plain data.

    Attributes:
        op_type: `RNN`, `LSTM` or `GRU`.
        attributes: by name: hidden_size, direction, linear_before_reset, input_forget, ...
        tensors: arrays by name: W (S, G H, D), R (S, G H, H), B (S, 2 G H), and P (S, 3 H) where there are peepholes;
            S is 2 if the direction is bidirectional, and otherwise 1.
    """

    op_type: str
    attributes: dict
    tensors: dict


@short_traceback
def onnx_node(layer):
    """A layer, or a Stack of one level, as a node of ONNX in plain data.

    The order of the gates is i o f c for an LSTM, z r h for a GRU, where c and h are our g and n; of the peepholes, i o
    f. B holds the biases for x, which are ours, and then those for h_prev: 0, except for a GRU's b_hn. Coupled gates
    become `input_forget`, with both W_i = -W_f and W_f, so that a program that ignores it computes the same.

    Raises:
        TypeError: a layer is not an RNN, LSTM or GRU.
        ValueError: ONNX has no such layer: one without a forget gate; or it has several levels, which `to_onnx` writes.
    """
    levels = orders.levels_of(layer, "ONNX")
    if len(levels) > 1:
        refuse(ValueError, f"layer must have one level, as a node of ONNX has, got {len(levels)}; to_onnx takes them")
    return _node(*levels[0])


@short_traceback
def to_onnx(layer, *, initial_states=False, lengths=False, dtype=None):
    """A layer or a Stack as an ONNX model, an `onnx.ModelProto`. T and N are free.

    The input of a layer's model is X (T, N, D); its outputs are Y (T, 1, N, H), Y_h and, for an LSTM, Y_c, both
    (1, N, H): those of its only node.

    Programs that run it compute no gradients.

    A Stack becomes one node for each level, from the bottom. Its model has the input X (T, N, D) and the output Y, as
    `trace.h` (T, N, all sides); for each level Y_h_l0, Y_c_l0, Y_h_l1, ... (S, N, H), where S is its number of sides.
    It raises what `onnx_node` raises.

    Args:
        layer: an `RNN`, `LSTM` or `GRU`, or a `Stack` of them in which a level is one layer, a `Reversed` one, or both.
        initial_states: whether the states before step 1 are inputs too, initial_h and initial_c (1, N, H), or those of
            each level, initial_h_l0 (S, N, H), ...; otherwise they are 0.
        lengths: whether the number of steps of each sequence is an input too, sequence_lens (N,), whole numbers in 32
            bits; otherwise all have T. (The reference evaluator of onnx ignores it, as of 1.23.)
        dtype: float32 or float64; the layer's own if None. onnxruntime computes these nodes in float32 only.
    """
    nodes = [_node(*level) for level in orders.levels_of(layer, "ONNX")]
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

    It computes what the node computes; its direction is read too, and gives a `Stack` unless it is forward. Nodes of
    which each sees the one below it and nothing else, as PyTorch writes a model with `num_layers`, are read as one.

        layer = from_onnx(onnx.load("model.onnx"))
        trace = layer.forward(x)                          # x (T, N, D), also if the node has it (N, T, D), layout=1

    States before step 1 and sequence_lens that are inputs of the model are given to `forward`. If another node computes
    them, a `UserWarning` says so; states that are constants must be 0. Weights may be initializers, or come from them
    by way of Identity, Transpose, Concat and their like. Anything else, or a node that computes something our layers do
    not, raises `TypeError` or `ValueError`.

    Args:
        source: an `onnx.ModelProto`, or an `OnnxNode`. A missing B is 0, as in ONNX.
        node: the name of the node, or of one of its outputs, if the model has more than one RNN, LSTM or GRU; or a list
            of such names, from the bottom to the top, for a `Stack`.
    """
    onnx = sys.modules.get("onnx")  # anyone with a model of ONNX's has imported it
    names = _names(node)
    if onnx is not None and isinstance(source, onnx.ModelProto):
        graph = Graph(source, onnx)
        levels = [_level(*found) for found in graph.nodes(names)]
        for remark in graph.remarks:
            warnings.warn(remark, stacklevel=3)  # where from_onnx was called
        return _stack(levels)
    wanted = "source must be an onnx.ModelProto or an OnnxNode"
    if not (isinstance(source, tuple) and len(source) == 3):
        how = "; onnx.load reads a file" if isinstance(source, (str, bytes, PathLike)) else ""
        refuse(TypeError, f"{wanted}, got {kind_of(source)}{how}")
    if names is not None:
        refuse(ValueError, f"node must be left out: an OnnxNode is one node, got {brief(node)}")
    kind, attributes, tensors = source
    if not (isinstance(kind, str) and isinstance(attributes, dict) and isinstance(tensors, dict)):
        refuse(TypeError, f"{wanted}, got {brief(source)}")
    return _stack([_level(kind, attributes, tensors)])


def _stack(levels):
    """The layer or Stack of these levels. Those of a list of nodes may not fit on one another."""
    try:
        return orders.stacked(levels)
    except ValueError as error:
        return refuse(ValueError, f"node must list nodes that fit on one another, from the bottom: {error}")


def _names(node):
    """The names in the argument `node`, as a list, or None."""
    names = node if isinstance(node, list) or node is None else [node]
    if names is not None and not (names and all(isinstance(name, str) and name for name in names)):
        wanted = "the name of a node or of one of its outputs, or a list of such names"
        refuse(ValueError, f"node must be {wanted}, got {brief(node)}")
    return names


def _node(direction, cells):
    """A level of a Stack as a node."""
    kind, cell = orders.kind_of(cells[0]), cells[0]
    attributes = {"hidden_size": cell.hidden_size}
    if direction != "forward":
        attributes["direction"] = direction
    if kind == "GRU":
        attributes["linear_before_reset"] = int(cell.reset_after)
    if kind == "LSTM" and cell.coupled:
        attributes["input_forget"] = 1
    sides = [orders.take_apart(one, "ONNX") for one in cells]
    W_x, W_h, b_x, b_h = (np.stack(arrays) for arrays in zip(*sides, strict=True))
    tensors = {"W": W_x, "R": W_h, "B": np.concatenate([b_x, b_h], axis=1)}
    if kind == "LSTM" and cell.peepholes:
        tensors["P"] = np.stack([orders.peepholes(one, "ONNX") for one in cells])
    return OnnxNode(kind, attributes, tensors)


def _level(kind, attributes, tensors):
    """A node as a level of a Stack, its direction and its layers: the inverse of `_node`."""
    attributes = {name: _text(value) for name, value in attributes.items()}
    _must_be_ours(kind, attributes, tensors)
    arrays = {name: orders.given(name, array) for name, array in tensors.items()}
    orders.of_one_dtype(arrays)
    direction = attributes.get("direction", "forward")
    S, gates, shape = SIDES[direction], len(orders.ORDERS["ONNX"][kind]), arrays["R"].shape
    H = shape[-1] if shape else 0
    GH = gates * H
    _must_have_shapes(arrays, {"R": (S, GH, H), "W": (S, GH, "D"), "B": (S, 2 * GH), "P": (S, 3 * H)})
    if attributes.get("hidden_size", H) != H:
        refuse(ValueError, f"hidden_size must be {H}, as R has it, got {attributes['hidden_size']}")
    options = {"reset_after": bool(attributes.get("linear_before_reset", 0))} if kind == "GRU" else {}
    options |= {"coupled": bool(attributes.get("input_forget", 0))} if kind == "LSTM" else {}
    B = arrays.get("B", np.zeros((S, 2 * GH), arrays["R"].dtype))
    P = arrays.get("P", [None] * S)
    cells = [
        orders.put_together("ONNX", kind, arrays["W"][s], arrays["R"][s], *np.split(B[s], 2), P[s], **options)
        for s in range(S)
    ]
    return direction, cells


def _must_be_ours(kind, attributes, tensors):
    """Refuse a node that computes something our layers do not."""
    if kind not in ACTIVATIONS:
        refuse(ValueError, f"source must be an RNN, LSTM or GRU, got {brief(kind)}")
    may = ["B", "P"] if kind == "LSTM" else ["B"]
    if not {"W", "R"} <= set(tensors) <= {"W", "R", *may}:
        got = ", ".join(tensors) or "nothing"
        refuse(ValueError, f"source must hold W and R, and may hold {' and '.join(may)}, got {got}")
    for name in attributes:
        if name not in FOLLOWED[kind]:
            refuse(ValueError, f"source must be a plain {kind} without {name}, got {name}={brief(attributes[name])}")
    plain = ACTIVATIONS[kind] * SIDES[one_of("direction", attributes.get("direction", "forward"), SIDES)]
    found = attributes.get("activations", plain)
    if str(found).lower() != str(plain).lower():  # upper and lower case are the same to ONNX
        refuse(ValueError, f"source must be a plain {kind} with activations={plain}, got activations={found}")
    if attributes.get("layout", 0) not in (0, 1):
        refuse(ValueError, f"layout must be 0 or 1, got {brief(attributes['layout'])}")


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
