"""Weights to and from PyTorch."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_helpers._arguments import kind_of, must_be, refuse, short_traceback, switch
from lstm_helpers.interop import _older, orders

PARTS = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
CLASSES = "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"
# The beginning of a weight's name, up to where it tells that a recurrent layer lies at `path`. Weights that are
# computed from others (normed, pruned) or packed (quantized) are found too, to be refused by name.
WEIGHT = re.compile(
    r"(?:(?P<path>.*?)\.)??(?:parametrizations\.|_packed_)?(?:(?:weight|bias)_[ih]h|_all_weight_values)"
)


@short_traceback
def torch_state(layer):
    """The weights of a layer or `Stack` under the names of PyTorch's state dict, as NumPy arrays.

    Returns `weight_ih_l0` (G H, D), `weight_hh_l0` (G H, H), `bias_ih_l0` and `bias_hh_l0` (G H,), for G gates: i f g o
    of an LSTM, r z n of a GRU; then those of a `Reversed` layer beside it, `weight_ih_l0_reverse` and so on; then those
    of the next level, `weight_ih_l1` and so on. PyTorch adds two biases where we have one: ours is the first, and the
    second is 0, except for a GRU's b_hn.

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
    for (_, cells), of_level in zip(levels, _names(len(levels), levels[0][0] == "bidirectional"), strict=True):
        for cell, names in zip(cells, of_level, strict=True):
            state |= zip(names, orders.take_apart(cell, "PyTorch"), strict=True)
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
    torch = orders.library("torch")
    state = {name: torch.from_numpy(array) for name, array in state.items()}
    options |= {"dtype": next(iter(state.values())).dtype, "device": "meta"}
    module = getattr(torch.nn, orders.kind_of(cell))(layer.input_size, cell.hidden_size, **options)
    module.to_empty(device="cpu")  # no random weights on the way: PyTorch's generator is not advanced
    module.load_state_dict(state)
    return module


@short_traceback
def from_torch(source, prefix=None):
    """A new layer of ours with the weights of PyTorch's, in their dtype.

    A layer in one direction becomes an `RNN`, `LSTM` or `GRU`; several, or a bidirectional one, a `Stack` of them, with
    a `Reversed` layer for the way back. It computes what PyTorch's computes in evaluation mode: dropout between layers
    is part of training, and is not carried over. Without biases, ours are 0.

        lstm = from_torch(torch.load("model.pt", weights_only=True), prefix="encoder.lstm")

    Args:
        source: a `torch.nn.RNN`, `LSTM` or `GRU`, an `RNNCell`, `LSTMCell` or `GRUCell`, or a module that holds one; or
            its state dict, of tensors or arrays, as it is or inside a checkpoint's dictionary, also one saved under
            `DataParallel` or `torch.compile`. (A state dict does not name an RNN's nonlinearity; it is taken to be
            tanh.) Or the variables of a recurrent cell of TensorFlow 1, by their names.
        prefix: the name of the layer in `source`, or as much of it as tells it from the others: "encoder" for
            "module.encoder.lstm". A list of names, from the bottom to the top, gives a Stack. Not needed if there is
            one layer.

    Raises:
        TypeError: `source` is something else, or its weights are not float32 or float64.
        ValueError: there is no such layer, or more than one; or it computes something ours do not: ReLU, projections,
            weights that are normed, pruned or quantized.
    """
    torch = sys.modules.get("torch")  # anyone with a module of PyTorch's has imported it
    is_module = torch is not None and isinstance(source, torch.nn.Module)
    if (older := _older.recognized(source, prefix=prefix)) is not None:
        return older
    if not is_module and not isinstance(source, Mapping):
        hint = "; torch.load reads a file" if isinstance(source, (str, Path)) else ""
        refuse(TypeError, f"source must be a module of PyTorch or a state dict, got {kind_of(source)}{hint}")
    state = _flat(source.state_dict() if is_module else source)
    paths, levels = [_chosen(state, name) for name in _prefixes(prefix)], []
    for path in paths:
        levels += _levels(state, path)
        if is_module:
            _must_be_ours(dict(source.named_modules(remove_duplicate=False))[path], torch)
    return orders.stacked(levels)


def _names(depth, both_ways, bias=True):
    """PyTorch's names of the weights, for each level and in it for each direction. A cell has no levels: depth 0."""
    ends = [[f"_l{k}", f"_l{k}_reverse"][: 1 + both_ways] for k in range(depth)] or [[""]]
    return [[[part + end for part in PARTS[: 4 if bias else 2]] for end in level] for level in ends]


def _flat(held, path=""):
    """Tensors by name, also those in dictionaries inside a dictionary: `model.lstm.weight_ih_l0`."""
    flat = {}
    for name, value in held.items():
        flat |= _flat(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}": value}
    return flat


def _prefixes(prefix):
    """The prefixes in a list: None for the only layer there is."""
    if prefix is None:
        return [None]
    names = list(prefix) if isinstance(prefix, (list, tuple)) else [prefix]
    fits = names and all(isinstance(name, str) for name in names)
    must_be("prefix", prefix, "the name of a layer, or a list of names", fits)
    return [name.strip(".") for name in names]


def _chosen(state, prefix):
    """The path to the one layer that the prefix fits, or to the only one there is if it is None."""
    paths = list(dict.fromkeys(found["path"] or "" for found in map(WEIGHT.match, state) if found))
    if not paths:
        wanted = "an RNN, LSTM or GRU, with names such as weight_ih_l0"
        refuse(ValueError, f"source must hold {wanted}; it holds {_listed(state) or 'nothing'}")
    inside = paths if prefix is None else [path for path in paths if f".{prefix}." in f".{path}."]
    fits = [prefix] if prefix in paths else inside
    if len(fits) == 1:
        return fits[0]
    names = _listed(repr(path) if path else "'' (source itself)" for path in fits or paths)
    if prefix is None:
        refuse(ValueError, f"source must have one RNN, LSTM or GRU; it has {names}; give prefix")
    return refuse(ValueError, f"prefix must fit exactly one of {names}, got {prefix!r}")


def _levels(state, path):
    """The levels of the layer, or the cell, at this path of a state dict, for `orders.stacked`."""
    start = f"{path}." if path else ""
    held = [name.removeprefix(start) for name in state if name.startswith(start)]
    if "weight_hr_l0" in held:
        refuse(ValueError, "source must be a plain LSTM with proj_size=0, got one with projections, weight_hr_l0")
    depth = len({level for name in held for level in re.findall(r"_l\d+", name)})
    both_ways = any("_reverse" in name for name in held)
    levels = _names(depth, both_ways, bias=any("bias" in name for name in held))
    _must_be_all(held, [name for level in levels for names in level for name in names], path)
    direction = "bidirectional" if both_ways else "forward"
    return [(direction, [_cell(state, [start + name for name in names]) for names in level]) for level in levels]


def _cell(state, names):
    """A layer of ours with the weights of these names: two matrices, and two biases if there are any."""
    W_x, W_h = (orders.given(name, state[name]) for name in names[:2])
    kind = orders.kind_of_weights("PyTorch", names, W_x, W_h, 0)
    biases = [orders.given(name, state[name], **{"G H": len(W_h)}) for name in names[2:]]
    arrays = orders.of_one_dtype(dict(zip(names, (W_x, W_h, *biases), strict=True)))
    return orders.put_together("PyTorch", kind, *arrays, *([] if biases else [np.zeros_like(W_h[:, 0])]))


def _must_be_all(held, wanted, path):
    """Refuse a layer that lacks one of its weights, or has anything that would change what it computes."""
    lacks, more = [name for name in wanted if name not in held], [name for name in held if name not in wanted]
    if lacks or more:
        said = [f"lacks {_listed(lacks)}"] if lacks else []
        said += [f"has {_listed(more)}{' instead' if lacks else ' as well'}"] if more else []
        weights = f"the weights of {path or 'a layer'} as they are, not normed, pruned or quantized"
        refuse(ValueError, f"source must hold {weights}; it {' and '.join(said)}")


def _must_be_ours(module, torch):
    """Refuse a module that has the weights of one of PyTorch's layers, but computes something else with them."""
    if type(module) not in [getattr(torch.nn, name) for name in CLASSES]:
        wanted = "an RNN, LSTM, GRU or cell of torch.nn itself"
        hint = "if it computes the same, give its state_dict()"
        refuse(TypeError, f"source must hold {wanted}, got {kind_of(module)}; {hint}")
    orders.must_be_plain(type(module).__name__, {"nonlinearity": "tanh"}, vars(module))


def _listed(names, most=8):
    """Names in a row; of very many only the first."""
    names = list(names)
    return ", ".join(names[:most]) + (f", ... ({len(names)} in all)" if len(names) > most else "")
