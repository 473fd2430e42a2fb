"""Weights to and from PyTorch."""

import sys
from collections.abc import Mapping

from lstm_helpers._arguments import kind_of, refuse, short_traceback, switch
from lstm_helpers.interop import _older, orders

NAMES = "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"
PLAIN = {"bidirectional": False, "num_layers": 1, "proj_size": 0, "bias": True, "nonlinearity": "tanh"}


@short_traceback
def torch_state(layer):
    """The weights of a layer under the names of PyTorch's state dict, as NumPy arrays.

    Returns `weight_ih_l0` (G H, D), `weight_hh_l0` (G H, H), `bias_ih_l0` and `bias_hh_l0` (G H,), for G gates: i f g o
    of an LSTM, r z n of a GRU. PyTorch adds two biases where we have one: ours is the first, and the second is 0,
    except for a GRU's b_hn.

    Raises:
        TypeError: `layer` is not an RNN, LSTM or GRU.
        ValueError: PyTorch has no such layer: one with peepholes, with coupled gates, without a forget gate, or a GRU
            that resets before the product.
    """
    return dict(zip(NAMES, orders.take_apart(layer, "PyTorch"), strict=True))


@short_traceback
def to_torch(layer, *, batch_first=False):
    """A `torch.nn.RNN`, `LSTM` or `GRU` with the weights of a layer, in its dtype, on the CPU.

    It takes x (T, N, D), or (N, T, D) with `batch_first`. It raises what `torch_state` raises.
    """
    state, kind = torch_state(layer), orders.kind_of(layer)
    batch_first = switch("batch_first", batch_first)
    torch = orders.library("torch")
    state = {name: torch.from_numpy(array) for name, array in state.items()}
    options = {"batch_first": batch_first, "dtype": state[NAMES[0]].dtype, "device": "meta"}
    module = getattr(torch.nn, kind)(layer.input_size, layer.hidden_size, **options)
    module.to_empty(device="cpu")  # no random weights on the way: PyTorch's generator is not advanced
    module.load_state_dict(state)
    return module


@short_traceback
def from_torch(source):
    """A new `RNN`, `LSTM` or `GRU` of ours with the weights of PyTorch's, in their dtype.

    `source` is a `torch.nn.RNN`, `LSTM` or `GRU` of one layer in one direction, with biases; or its state dict, of
    tensors or arrays. (A state dict does not name an RNN's nonlinearity; it is taken to be tanh.) Anything else, or a
    layer that computes something ours do not, raises `TypeError` or `ValueError`.
    """
    torch = sys.modules.get("torch")  # anyone with a module of PyTorch's has imported it
    if torch is not None and isinstance(source, (torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU)):
        orders.must_be_plain(type(source).__name__, PLAIN, vars(source))
        source = source.state_dict()
    elif (older := _older.recognized(source)) is not None:
        return older
    elif not isinstance(source, Mapping):
        refuse(TypeError, f"source must be a torch.nn.RNN, LSTM or GRU, or its state dict, got {kind_of(source)}")
    if set(source) != set(NAMES):
        wanted, got = ", ".join(NAMES), ", ".join(map(str, source))
        refuse(ValueError, f"source must hold {wanted}: one layer in one direction; got {got}")
    W_x, W_h = (orders.given(name, source[name]) for name in NAMES[:2])
    kind = orders.kind_of_weights("PyTorch", NAMES, W_x, W_h, 0)
    biases = [orders.given(name, source[name], **{"G H": len(W_h)}) for name in NAMES[2:]]
    arrays = orders.of_one_dtype(dict(zip(NAMES, (W_x, W_h, *biases), strict=True)))
    return orders.put_together("PyTorch", kind, *arrays)
