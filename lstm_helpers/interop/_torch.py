"""Weights to and from PyTorch."""

import sys
from collections.abc import Mapping

from lstm_helpers._arguments import kind_of, refuse, short_traceback, switch
from lstm_helpers.interop import orders

NAMES = "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"
PLAIN = {"bidirectional": False, "num_layers": 1, "proj_size": 0, "bias": True, "nonlinearity": "tanh"}


@short_traceback
def torch_state(layer):
    """The weights of a layer under the names of PyTorch's state dict, as NumPy arrays; PyTorch is not needed.

    Returns:
        `weight_ih_l0` (G H, D), `weight_hh_l0` (G H, H), `bias_ih_l0` and `bias_hh_l0` (G H,), for G gates: i f g o of
        an LSTM, r z n of a GRU. PyTorch adds two biases where we have one: ours is the first, and the second is 0,
        except for a GRU's b_hn.

    Raises:
        TypeError: `layer` is no RNN, LSTM or GRU.
        ValueError: PyTorch has no such layer: one with peepholes, with coupled gates, without a forget gate, or a GRU
            that resets before the product.
    """
    return dict(zip(NAMES, orders.take_apart(layer, "PyTorch"), strict=True))


@short_traceback
def to_torch(layer, *, batch_first=False):
    """A `torch.nn.RNN`, `LSTM` or `GRU` with the weights of a layer, in its dtype, on the CPU.

    It takes x (T, N, D), or (N, T, D) with `batch_first`. Raises what `torch_state` raises.
    """
    state, kind = torch_state(layer), orders.kind_of(layer)
    batch_first = switch("batch_first", batch_first)
    torch = orders.library("torch")
    state = {name: torch.from_numpy(array) for name, array in state.items()}
    options = {"batch_first": batch_first, "dtype": state[NAMES[0]].dtype, "device": "meta"}
    module = getattr(torch.nn, kind)(layer.input_size, layer.hidden_size, **options)
    module.to_empty(device="cpu")  # without random weights first: PyTorch's generator stays where it is
    module.load_state_dict(state)
    return module


@short_traceback
def from_torch(source):
    """A new layer of ours with the weights of PyTorch's.

    Args:
        source: a `torch.nn.RNN`, `LSTM` or `GRU` of one layer in one direction, with biases; or its state dict, of
            tensors or of arrays. (A state dict does not say what an RNN's nonlinearity is. It is taken for tanh.)

    Returns:
        An `RNN`, `LSTM` or `GRU`, in the dtype of the weights.

    Raises:
        TypeError, ValueError: `source` is something else, or computes something else than our layers do.
    """
    torch = sys.modules.get("torch")  # who has a module of it has imported it
    if torch is not None and isinstance(source, torch.nn.Module):
        source = _state_of(source, torch)
    elif not isinstance(source, Mapping):
        refuse(TypeError, f"source must be a torch.nn.RNN, LSTM or GRU, or its state dict, got {kind_of(source)}")
    if set(source) != set(NAMES):
        refuse(
            ValueError,
            f"source must hold {', '.join(NAMES)}: one layer in one direction; got {', '.join(map(str, source))}",
        )
    W_x, W_h = (orders.given(name, source[name]) for name in NAMES[:2])
    kind = orders.kind_by_size("PyTorch", "weight_hh_l0", W_h.shape, 0)
    rows = len(W_h)
    if W_x.ndim != 2 or len(W_x) != rows:
        refuse(ValueError, f"weight_ih_l0 must have shape ({rows}, D), got shape {W_x.shape}")
    b_x, b_h = (orders.given(name, source[name], **{"G H": rows}) for name in NAMES[2:])
    arrays = orders.of_one_dtype(**dict(zip(NAMES, (W_x, W_h, b_x, b_h), strict=True)))
    return orders.put_together("PyTorch", kind, *arrays)


def _state_of(module, torch):
    """The state dict of a module that computes what one of our layers does."""
    kind = type(module).__name__
    if not isinstance(module, (torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU)):
        refuse(TypeError, f"source must be a torch.nn.RNN, LSTM or GRU, or its state dict, got {kind_of(module)}")
    for name, plain in PLAIN.items():
        value = getattr(module, name, plain)
        if value != plain:
            refuse(ValueError, f"source must be a plain {kind} with {name}={plain!r}, got {name}={value!r}")
    return module.state_dict()
