"""One pass, forward and back, through a layer of PyTorch or Keras, its gradients under our names.

The orders of the gates are written down here once more, by hand: what carries the weights over has its own.
"""

from typing import NamedTuple

import numpy as np

from lstm_helpers import LSTM

ORDERS = {
    "PyTorch": {"RNN": "h", "LSTM": "ifgo", "GRU": "rzn"},
    "Keras": {"RNN": "h", "LSTM": "ifgo", "GRU": "zrn"},
}


class Pass(NamedTuple):
    h: np.ndarray  # (T, N, H)
    last: list  # the last states, (N, H)
    gradients: dict


def close(ours, theirs, tolerance):
    """Relative to the largest element, as rounding in a sum is."""
    scale = max(np.abs(theirs).max(), np.finfo(theirs.dtype).tiny)
    np.testing.assert_allclose(ours / scale, theirs / scale, rtol=0, atol=tolerance)


def agree(layer, theirs, x, dh, start, into, tolerance):
    """Check that our layer gives the same h, last states and gradients as `theirs`."""
    trace = layer.forward(x, *start)
    gradients = layer.backward(trace, dh, *into)
    close(trace.h, theirs.h, tolerance)
    for name, last in zip("hc", theirs.last, strict=False):
        close(getattr(trace, name)[-1], last, tolerance)
    names = [*layer.parts, "x", "h0", *(["c0"] if isinstance(layer, LSTM) else [])]
    for name in names:
        close(getattr(gradients, name), theirs.gradients[name], tolerance)


def pass_through_torch(theirs, x, dh, start, into):
    """x (T, N, D) and so on; turned around for a module that wants the batch first."""
    import torch

    turn = (lambda a: a.swapaxes(0, 1)) if theirs.batch_first else (lambda a: a)
    leaves = [torch.tensor(a, requires_grad=True) for a in (turn(x), *[s[None] for s in start])]
    h, last = theirs(leaves[0], tuple(leaves[1:]) if len(start) == 2 else leaves[1])
    lasts = last if isinstance(last, tuple) else (last,)
    loss = (h * torch.tensor(turn(dh))).sum()
    loss = loss + sum((a[0] * torch.tensor(d)).sum() for a, d in zip(lasts, into, strict=True))
    weights = [getattr(theirs, f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    found = [g.numpy() for g in torch.autograd.grad(loss, [*weights, *leaves])]
    gradients = under_our_names(ORDERS["PyTorch"][type(theirs).__name__], *found[:4])
    gradients |= {"x": turn(found[4])} | {f"{s}0": g[0] for s, g in zip("hc", found[5:], strict=False)}
    return Pass(turn(h.detach().numpy()), [a[0].detach().numpy() for a in lasts], gradients)


def pass_through_keras(theirs, x, dh, start, into):
    """The same for a layer of Keras with the PyTorch backend that returns sequences and states."""
    import torch

    leaves = [torch.tensor(a, requires_grad=True) for a in (x.swapaxes(0, 1), *start)]
    h, *lasts = theirs(leaves[0], initial_state=leaves[1:])
    loss = (h * torch.tensor(dh.swapaxes(0, 1))).sum()
    loss = loss + sum((a * torch.tensor(d)).sum() for a, d in zip(lasts, into, strict=True))
    weights = [weight.value for weight in theirs.trainable_weights]
    found = [g.numpy() for g in torch.autograd.grad(loss, [*weights, *leaves])]
    kernel, recurrent, bias = found[:3]
    b_x, b_h = bias if bias.ndim == 2 else (bias, bias)
    order = ORDERS["Keras"][type(theirs).__name__.removeprefix("Simple")]
    gradients = under_our_names(order, kernel.T, recurrent.T, b_x, b_h)
    gradients |= {"x": found[3].swapaxes(0, 1)} | {f"{s}0": g for s, g in zip("hc", found[4:], strict=False)}
    return Pass(h.detach().numpy().swapaxes(0, 1), [a.detach().numpy() for a in lasts], gradients)


def under_our_names(order, W_x, W_h, b_x=None, b_h=None):
    """Gradients that are stacked gate by gate, as W_f, b_f and so on. Both biases of a gate must have the same."""
    H, gradients = W_h.shape[1], {}
    for k, gate in enumerate(order):
        rows = slice(k * H, (k + 1) * H)
        gradients[f"W_{gate}"] = np.hstack([W_h[rows], W_x[rows]])
        if b_x is None:
            continue
        gradients[f"b_{gate}"] = b_x[rows]
        if gate == "n":
            gradients["b_hn"] = b_h[rows]
        else:
            close(b_h[rows], b_x[rows], 1e-5)
    return gradients


def reference(model, **inputs):
    """Run ONNX's reference implementation, in NumPy; return its outputs."""
    import warnings

    from onnx.reference import ReferenceEvaluator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reference's own
        return ReferenceEvaluator(model).run(None, inputs)


def runtime(model, **inputs):
    """Run onnxruntime; return its outputs."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


def packed_pass(theirs, x, dh, lengths, start, into):
    """A pass through layers of PyTorch over packed sequences, x (T, N, D); states (layers * directions, N, H).

    The gradients of the weights are a list, `layers`, with our names for each layer and direction.
    """
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    leaves = [torch.tensor(a, requires_grad=True) for a in (x, *start)]
    packed = pack_padded_sequence(leaves[0], torch.tensor(lengths), enforce_sorted=False)
    h, last = theirs(packed, tuple(leaves[1:]) if len(start) == 2 else leaves[1])
    h, _ = pad_packed_sequence(h, total_length=len(x))
    lasts = last if isinstance(last, tuple) else (last,)
    loss = (h * torch.tensor(dh)).sum()
    loss = loss + sum((a * torch.tensor(d)).sum() for a, d in zip(lasts, into, strict=True))
    weights = [getattr(theirs, name) for names in theirs._all_weights for name in names]
    found = iter([g.numpy() for g in torch.autograd.grad(loss, [*weights, *leaves])])
    order = ORDERS["PyTorch"][type(theirs).__name__]
    gradients = {"layers": [under_our_names(order, *[next(found) for _ in names]) for names in theirs._all_weights]}
    gradients |= dict(zip(("x", "h0", "c0"), found, strict=False))
    return Pass(h.detach().numpy(), [a.detach().numpy() for a in lasts], gradients)


def cells_of_keras(model):
    """The cells of a Sequential of Keras from the bottom, forward before backward."""
    for layer in model.layers:
        for side in (layer.forward_layer, layer.backward_layer) if hasattr(layer, "merge_mode") else (layer,):
            if hasattr(side, "cell"):
                yield from getattr(side.cell, "cells", [side.cell])


def masked_pass(model, x, dh):
    """A pass through recurrent layers of Keras with the PyTorch backend: x (T, N, D), which may be masked.

    The gradients of the weights are a list, `layers`, with our names for each layer and direction.
    """
    import torch

    leaf = torch.tensor(x.swapaxes(0, 1), requires_grad=True)
    h = model(leaf)
    loss = (h * torch.tensor(dh.swapaxes(0, 1))).sum()
    cells = [[v.value for v in cell.trainable_weights] for cell in cells_of_keras(model)]
    found = iter([g.numpy() for g in torch.autograd.grad(loss, [leaf, *(w for cell in cells for w in cell)])])
    dx, layers = next(found).swapaxes(0, 1), []
    for cell in cells_of_keras(model):
        kernel, recurrent, *bias = [next(found) for _ in cell.trainable_weights]
        rows = [] if not bias else bias[0] if bias[0].ndim == 2 else [bias[0], bias[0]]
        order = ORDERS["Keras"][type(cell).__name__.removeprefix("Simple").removesuffix("Cell")]
        layers.append(under_our_names(order, kernel.T, recurrent.T, *rows))
    return Pass(h.detach().numpy().swapaxes(0, 1), [], {"x": dx, "layers": layers})
