"""Weights to and from PyTorch: the names in a state dict. `orders` converts the arrays themselves."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import kind_of, real_array, refuse, short_traceback, switch
from lstm_helpers.interop import _older, orders

PARTS = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
CLASSES = "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"
# The beginning of a weight's name, which shows that there is a recurrent layer at `path`. It also matches weights that
# are computed from others (normed, pruned) or packed (quantized), so that they can be refused by name.
WEIGHT = re.compile(
    r"(?:(?P<path>.*?)\.)??(?:parametrizations\.|_packed_)?(?:(?:weight|bias)_[ih]h|_all_weight_values)"
)


@short_traceback
def torch_state(layer):
    """The weights of a layer or `Stack` under the names of PyTorch's state dict, as NumPy arrays.

    Returns `weight_ih_l0` (G H, D), `weight_hh_l0` (G H, H), `bias_ih_l0` and `bias_hh_l0` (G H,), for G gates: i f g o
    of an LSTM, r z n of a GRU. A `Reversed` layer beside it adds `weight_ih_l0_reverse` and so on, the next level
    `weight_ih_l1` and so on. PyTorch adds two biases where we have one: ours is the first, and the second is 0, except
    for a GRU's b_hn.

    Raises:
        TypeError: `layer` is not an RNN, LSTM or GRU, or a Stack of them.
        ValueError: PyTorch has no such layer: one with peepholes, with coupled gates, without a forget gate; a GRU that
            resets before the product; a Stack whose levels differ in size or direction, or only run backward.
    """
    levels = orders.levels_of(layer, "PyTorch")
    if len({(direction, cells[0].hidden_size) for direction, cells in levels}) > 1:
        got = ", ".join(f"{cells[0].hidden_size} {direction}" for direction, cells in levels)
        refuse(ValueError, f"layer must have levels of one size and direction, as PyTorch's are, got {got}")
    if levels[0][0] == "reverse":
        refuse(ValueError, "layer must run forward or both ways: PyTorch has none that only runs backward")
    state = {}
    names_by_level = _names(len(levels), levels[0][0] == "bidirectional")
    for (_, cells), names_by_side in zip(levels, names_by_level, strict=True):
        for cell, names in zip(cells, names_by_side, strict=True):
            state |= zip(names, orders.to_arrays(cell, "PyTorch"), strict=True)
    return state


@short_traceback
def to_torch(layer, *, batch_first=False):
    """A `torch.nn.RNN`, `LSTM` or `GRU` with the weights of a layer or `Stack`, in its dtype, on the CPU.

    It takes x (T, N, D), or (N, T, D) with `batch_first`. It raises what `torch_state` raises.
    """
    state, levels = torch_state(layer), orders.levels_of(layer, "PyTorch")
    direction, (cell, *_) = levels[0]
    options = {"num_layers": len(levels), "bidirectional": direction == "bidirectional"}
    options["batch_first"] = switch("batch_first", batch_first)
    torch = orders.import_library("torch")
    state = {name: torch.from_numpy(array) for name, array in state.items()}
    options |= {"dtype": next(iter(state.values())).dtype, "device": "meta"}
    module = getattr(torch.nn, orders.kind_name(cell))(layer.input_size, cell.hidden_size, **options)
    module.to_empty(device="cpu")  # by way of "meta", as random weights would advance PyTorch's generator
    module.load_state_dict(state)
    return module


@short_traceback
def from_torch(source, prefix=None):
    """A new layer of ours with the weights of PyTorch's, in their dtype.

    A layer in one direction becomes an `RNN`, `LSTM` or `GRU`; several, or a bidirectional one, a `Stack` of them, with
    a `Reversed` layer for the way back. It computes what PyTorch's computes in evaluation mode, so dropout between
    layers is left out. Without biases, ours are 0.

        lstm = from_torch(torch.load("model.pt", weights_only=True), prefix="encoder.lstm")

    The top of `orders.py` shows the conversion.

    Args:
        source: a `torch.nn.RNN`, `LSTM` or `GRU`, an `RNNCell`, `LSTMCell` or `GRUCell`, or a module that holds one; or
            its state dict, of tensors or arrays, by itself or inside a checkpoint's dictionary, also one saved under
            `DataParallel` or `torch.compile`. (A state dict does not name an RNN's nonlinearity; it is taken to be
            tanh.) Or the variables of a recurrent cell of TensorFlow 1, by their names.
        prefix: the name of the layer in `source`, or enough of it to tell it from the others: "encoder" for
            "module.encoder.lstm". A list of names, from the bottom to the top, gives a Stack. Not needed if there is
            one layer.

    Raises:
        TypeError: `source` is something else, or its weights are not float32 or float64.
        ValueError: there is no such layer, or more than one; or it computes something ours do not: ReLU, projections,
            weights that are normed, pruned or quantized.
    """
    torch = sys.modules.get("torch")  # imported already by any caller who has a module
    is_module = torch is not None and isinstance(source, torch.nn.Module)
    if (older := _older.recognized(source, prefix=prefix)) is not None:
        return older
    if not is_module and not isinstance(source, Mapping):
        hint = "; torch.load reads a file" if isinstance(source, (str, Path)) else ""
        refuse(TypeError, f"source must be a module of PyTorch or a state dict, got {kind_of(source)}{hint}")
    state = _flat(source.state_dict() if is_module else source)
    paths = list(dict.fromkeys(match["path"] or "" for match in map(WEIGHT.match, state) if match))
    if not paths:
        expected = "an RNN, LSTM or GRU, with names such as weight_ih_l0"
        refuse(ValueError, f"source must hold {expected}; it holds {orders.listed(state) or 'nothing'}")
    levels = []
    for path in [paths[k] for k in orders.selected("prefix", prefix, paths, ".")]:
        levels += _levels(state, path)
        if is_module:
            _check_module(dict(source.named_modules(remove_duplicate=False))[path], torch)
    return orders.stack_of(levels, prefix, "prefix")


def _names(depth, both_ways, bias=True):
    """PyTorch's names of the weights, by level and direction. A cell has no levels: depth 0."""
    suffixes = [[f"_l{k}", f"_l{k}_reverse"][: 1 + both_ways] for k in range(depth)] or [[""]]
    parts = PARTS if bias else PARTS[:2]
    return [[[part + suffix for part in parts] for suffix in level] for level in suffixes]


def _flat(state, path=""):
    """The entries of nested dictionaries under names such as `model.lstm.weight_ih_l0`."""
    flat = {}
    for name, value in state.items():
        flat |= _flat(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}": value}
    return flat


def _levels(state, path):
    """The levels of the layer, or the cell, at this path of a state dict, for `orders.stack_of`."""
    start = f"{path}." if path else ""
    names = [name.removeprefix(start) for name in state if name.startswith(start)]
    if "weight_hr_l0" in names:
        refuse(ValueError, "source must be a plain LSTM with proj_size=0, got one with projections, weight_hr_l0")
    depth = len({level for name in names for level in re.findall(r"_l\d+", name)})
    both_ways = any("_reverse" in name for name in names)
    expected = _names(depth, both_ways, bias=any("bias" in name for name in names))
    _check_names(names, [name for level in expected for side in level for name in side], path)
    direction = "bidirectional" if both_ways else "forward"
    return [(direction, [_layer(state, [start + name for name in side]) for side in level]) for level in expected]


def _layer(state, names):
    """A layer of ours from the arrays of these names: two matrices, and two biases or none."""
    W_x, W_h, *biases = orders.as_arrays({name: state[name] for name in names}).values()
    kind = orders.kind_of_weights("PyTorch", names, W_x, W_h, 0)
    for name, bias in zip(names[2:], biases, strict=True):
        real_array(name, bias, shape={"G H": len(W_h)})
    b_x, b_h = biases or [np.zeros_like(W_h[:, 0]), None]
    return orders.from_arrays("PyTorch", kind, W_x, W_h, b_x, b_h)


def _check_names(names, expected, path):
    """Refuse a layer that lacks a weight, or has something else that would change the result."""
    missing, extra = [name for name in expected if name not in names], [name for name in names if name not in expected]
    if missing or extra:
        faults = [f"lacks {orders.listed(missing)}"] if missing else []
        faults += [f"has {orders.listed(extra)}{' instead' if missing else ' as well'}"] if extra else []
        weights = f"the weights of {path or 'a layer'} as they are, not normed, pruned or quantized"
        refuse(ValueError, f"source must hold {weights}; it {' and '.join(faults)}")


def _check_module(module, torch):
    """Refuse a module that has the weights of a PyTorch layer, but computes something else with them."""
    if type(module) not in [getattr(torch.nn, name) for name in CLASSES]:
        expected = "an RNN, LSTM, GRU or cell of torch.nn itself"
        hint = "if it computes the same, give its state_dict()"
        refuse(TypeError, f"source must hold {expected}, got {kind_of(module)}; {hint}")
    nonlinearity = getattr(module, "nonlinearity", "tanh")
    if nonlinearity != "tanh":
        expected, got = "with nonlinearity='tanh'", f"nonlinearity={nonlinearity!r}"
        refuse(ValueError, f"source must be a plain {type(module).__name__} {expected}, got {got}")
