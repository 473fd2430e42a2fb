"""A gradient check, the exact Jacobians of the states over time, and the half-life of a memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lstm_helpers import _arguments as arguments
from lstm_helpers._arguments import brief, real_array, refuse, short_traceback
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU
from lstm_helpers.layers._trace import must_be_of


class Row(NamedTuple):
    """One tensor of the check: both gradients of the element where they differ most, and the relative error."""

    name: str
    shape: tuple
    analytic: float
    numeric: float
    error: float


@dataclass(frozen=True)
class GradientCheck:
    """The rows of a gradient check, such as `check["W_f"]`. A row is right if its error is below the threshold."""

    rows: tuple
    threshold: float

    @property
    def passed(self):
        """True if every row is right."""
        return all(row.error < self.threshold for row in self.rows)

    @short_traceback
    def __getitem__(self, name):
        rows = {row.name: row for row in self.rows}
        if name not in rows:
            refuse(ValueError, f"the row must be one of {', '.join(rows)}, got {brief(name)}")
        return rows[name]

    def __repr__(self):
        lines = [f"{'gradient of':<12}{'shape':>12}{'analytic':>14}{'numeric':>14}{'error':>10}"]
        for name, shape, analytic, numeric, error in self.rows:
            verdict = "ok" if error < self.threshold else "WRONG"
            lines.append(f"{name:<12}{shape!s:>12}{analytic:>14.6f}{numeric:>14.6f}{error:>10.0e}  {verdict}")
        return "\n".join([*lines, f"relative error, the largest of each tensor; the threshold is {self.threshold:.0e}"])


@short_traceback
def check_gradients(layer, x, *, rng, lengths=None, backward=None, step=1e-5, threshold=1e-6, **states):
    """Compare every gradient with a numeric one: the change in the loss when each number is nudged.

    The loss is a sum of every h and of the last states, with random weights from `rng`, so that a gradient enters at
    every step. The numeric gradient is (L(w + step) - L(w - step)) / (2 step), in float64 whatever the layer's dtype.
    The error is |analytic - numeric| divided by the largest gradient of that tensor (or by 1e-3, if all are smaller).

    Args:
        layer: an `RNN`, `LSTM`, `GRU` or `MinGRU`. It is not changed.
        x: (T, N, D) or (T, D). Keep it small: each number costs two forward passes.
        rng: a `numpy.random.Generator`.
        lengths: the number of steps of each sequence, as for `forward`; T if None.
        backward: the function to check, called as `backward(trace, dh, dh_T)`, or `backward(trace, dh, dh_T, dc_T)`
            for an LSTM; layer.backward if None. It returns the gradients in a dictionary, or as attributes. It may
            write into its arguments.
        step: how far each number is nudged, above 0.
        threshold: the relative error below which a row is right, above 0.
        **states: h0, and c0 for an LSTM; random if not given.

    Returns:
        A `GradientCheck`, which prints as a table with a row for each tensor.

    Raises:
        TypeError, ValueError: an argument, or a gradient that `backward` returns, makes no sense.
    """
    arguments.instance("layer", layer, (RNN, LSTM, GRU, MinGRU), "an RNN, LSTM, GRU or MinGRU")
    if backward is not None:
        arguments.function("backward", backward, "that is called as backward(trace, dh, dh_T)")
    step, threshold = arguments.above_0("step", step), arguments.above_0("threshold", threshold)
    twin, rng = _in_float64(layer), arguments.generator(rng)
    x = np.array(real_array("x", x, dtype=np.float64))
    names = ["h0", "c0"] if isinstance(layer, LSTM) else ["h0"]
    for name in states.keys() - set(names):
        refuse(TypeError, f"{type(layer).__name__} has no {name}")
    twin.forward(x, **states, lengths=lengths)  # refuses bad arguments before anything is drawn from rng
    shape = (*x.shape[1:-1], layer.hidden_size)
    tensors = {name: getattr(twin, name) for name in twin.parts} | {"x": x}
    for name in names:
        if name in states:
            tensors[name] = real_array(name, states[name], dtype=np.float64).copy()
        else:
            tensors[name] = rng.normal(size=shape)
    weights = [rng.normal(size=size) for size in [(len(x), *shape), *[shape] * len(names)]]  # dh, dh_T and dc_T

    def loss():
        t = twin.forward(x, *(tensors[name] for name in names), lengths=lengths)
        lasts = [t.h_T, t.c_T] if len(names) == 2 else [t.h_T]
        return sum((weight * state).sum() for weight, state in zip(weights, [t.h, *lasts], strict=True))

    # `backward` gets copies, because it may write into them
    trace = _in_float64(layer).forward(x.copy(), *(tensors[name].copy() for name in names), lengths=lengths)
    returned = _bound(backward, layer, trace.layer)(trace, *(weight.copy() for weight in weights))
    analytic = {name: _gradient(name, returned, w.shape) for name, w in tensors.items()}
    rows = [_row(name, analytic[name], w, loss, step) for name, w in tensors.items()]
    return GradientCheck(tuple(rows), threshold)


def _bound(backward, layer, twin):
    """The function to check. A method of `layer` is bound to `twin` instead, because the trace belongs to that."""
    if backward is None:
        return twin.backward
    return backward.__func__.__get__(twin) if getattr(backward, "__self__", None) is layer else backward


def _gradient(name, returned, shape):
    """The gradient of one tensor, in the result of a backward pass, as an array of this shape."""
    if returned is None:
        refuse(TypeError, "backward must return the gradients, got None: does it end with return?")
    given = returned.get(name) if isinstance(returned, Mapping) else getattr(returned, name, None)
    if given is None:
        refuse(ValueError, f"backward must return a gradient for every tensor; the one for {name} is missing")
    try:
        array = np.asarray(given)
    except ValueError:
        refuse(ValueError, f"the gradient of {name} must be a regular array; its rows differ in length")
    if array.dtype.kind not in "fiub":
        refuse(TypeError, f"the gradient of {name} must hold real numbers, got {brief(given)}")
    if array.shape != shape:
        refuse(ValueError, f"the gradient of {name} must have shape {shape}, got shape {array.shape}")
    return array


def _row(name, analytic, w, loss, step):
    """Compute the numeric gradient of w, and compare."""
    numeric = np.empty_like(w)
    for index in np.ndindex(w.shape):
        before = w[index]
        w[index] = before + step
        above = loss()
        w[index] = before - step
        numeric[index] = (above - loss()) / (2 * step)
        w[index] = before
    scale = max(np.abs(analytic).max(), np.abs(numeric).max(), 1e-3)
    worst = np.unravel_index(np.argmax(np.abs(analytic - numeric)), w.shape)
    error = abs(analytic - numeric)[worst] / scale
    return Row(name, w.shape, float(analytic[worst]), float(numeric[worst]), float(error))


def _in_float64(layer):
    """A copy of the layer that computes in float64."""
    twin = type(layer)(layer.input_size, layer.hidden_size, **layer.options)
    twin.W = layer.W
    return twin


class CellJacobian(NamedTuple):
    """The derivative of the last cell state with respect to an earlier one.

    Attributes:
        exact: d c_T / d c_t along all paths, (..., H, H): row k for unit k of c_T, column j for unit j of c_t.
        forget_gates: the product of f from t + 1 to T, (..., H): the part along the highway.
    """

    exact: np.ndarray
    forget_gates: np.ndarray


@short_traceback
def cell_jacobian(layer, trace, t=None):
    """The exact d c_T / d c_t of an LSTM: through the forget gates, and through h and all gates that see it.

    Args:
        layer, trace: an `LSTM`, and the `Trace` of its `forward`.
        t: a time from 0 (the state before step 1) to T; None for all times, on a first axis of length T + 1.

    Returns:
        A `CellJacobian`. It takes H backward passes, for one t or for all.
    """
    arguments.instance("layer", layer, LSTM, "an LSTM")
    must_be_of(layer, trace)
    if t is not None:
        t = arguments.whole_number("t", t, 0, len(trace.c))
    f = np.concatenate([trace.f, np.ones_like(trace.f[:1])])
    exact, product = _jacobians(layer, trace, "c"), np.cumprod(f[::-1], axis=0)[::-1]
    return CellJacobian(exact, product) if t is None else CellJacobian(exact[t], product[t])


@short_traceback
def hidden_jacobian(layer, trace):
    """The exact d h_T / d h_t of an RNN, for all t from 0 (the state before step 1) to T: (T + 1, ..., H, H).

    `trace` is the `Trace` of the layer's `forward`. It takes H backward passes.
    """
    arguments.instance("layer", layer, RNN, "an RNN")
    must_be_of(layer, trace)
    return _jacobians(layer, trace, "h")


def _jacobians(layer, trace, state):
    """The Jacobians of a state, "h" or "c", at time T with respect to each t from 0: a backward pass for each unit."""
    rows = []
    for unit in np.eye(layer.hidden_size):
        back = layer.backward(trace, **{f"d{state}_T": np.broadcast_to(unit, trace.h0.shape)})
        rows.append(np.concatenate([getattr(back, f"{state}0")[None], getattr(back, state)]))
    return np.stack(rows, axis=-2)


@short_traceback
def half_life(f):
    """The number of steps after which half of a memory is left, if the forget gate stays at f: ln 0.5 / ln f.

    f lies from 0 to 1, in any shape. The result has the same shape: infinite for f = 1, and 0 for f = 0. For a gate
    with only a bias b, it is half_life(sigmoid(b)): 1 step for b = 0, 2.2 for 1, 5.5 for 2, 14.3 for 3, 103 for 5.
    """
    f = real_array("f", f, within=(0, 1))
    with np.errstate(divide="ignore"):
        return np.log(2).astype(f.dtype) / np.abs(np.log(f))
