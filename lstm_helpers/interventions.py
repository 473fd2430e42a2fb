"""Interventions: run a trained network with a gate or a cell changed at one step."""

from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import kind_of, real_array, refuse, short_traceback, whole_number, whole_numbers
from lstm_helpers.layers import LSTM, Reversed, Stack
from lstm_helpers.layers._layer import checked_x


class Altered(NamedTuple):
    """The states h and c of a run with an intervention, (T, N, H) or (T, H)."""

    h: np.ndarray
    c: np.ndarray


class AlteredStack(NamedTuple):
    """The states of a `Stack` in a run with an intervention.

    Attributes:
        layers: h and c of each layer, as `Altered`: `layers[k]` belongs to `stack.layers[k]`.
        h: the h of the top level, (T, N, H) or (T, H).
    """

    layers: tuple
    h: np.ndarray


@short_traceback
def intervene(layer, x, t, unit, *, which=None, f=None, i=None, c=None):
    """Run a sequence, but set the forget gate, the input gate or the cell of a unit at step t.

    At step t, c_t = f * c_prev + i * g_t with the given f or i or both (or c_t = c), and h_t = o_t * tanh(c_t). All
    other values are as the layer computed them. All later gates respond to the change, and so do the layers above. In a
    `Reversed` layer c_prev is the cell at t + 1, and the later steps are those before t.

        intervene(stack, x, 12, 17, which=1, f=0)       at step 12, unit 17 of stack.layers[1] forgets

    Args:
        layer: an `LSTM` without peepholes, or one `Reversed`; or a `Stack` of them.
        x: (T, N, D) or (T, D).
        t: the step, from 0 to T - 1; one number for all sequences, or (N,).
        unit: the unit, from 0 to H - 1, or a list of several.
        which: for a Stack, the index of the layer in `stack.layers`.
        f, i: from 0 to 1; a number, or (N,), or (N, number of units). Pass f, i or both, or else c.
        c: any real value, in the same shapes.

    Returns `Altered`, or `AlteredStack` for a Stack.

    Raises:
        TypeError: the layer is not an LSTM or has peepholes; c is given together with a gate; or none of them is given.
        ValueError: an argument is out of range, or has the wrong shape.
    """
    if not isinstance(layer, Stack):
        if which is not None:
            refuse(ValueError, f"which must be None for a single layer, got {which!r}")
        return _in_layer(layer, x, t, unit, f, i, c)
    k = layer._layer_index(which)
    trace = layer.forward(x)
    changed = _in_layer(layer.layers[k], trace.layers[k].x, t, unit, f, i, c)
    above, top = layer._rerun_above(trace, k, changed.h)
    unchanged = trace.layers[: len(layer.layers) - len(above)]
    states = [Altered(trace.h, trace.c) for trace in (*unchanged, *above)]
    states[k] = changed
    return AlteredStack(tuple(states), top)


def _in_layer(layer, x, t, unit, f, i, c):
    """Intervene in a single layer, which may be `Reversed`."""
    if not isinstance(layer, Reversed):
        return _in_lstm(layer, x, t, unit, f, i, c)
    x = checked_x(layer, x)
    flipped = _in_lstm(layer.layer, x[::-1], len(x) - 1 - whole_numbers("t", t, len(x)), unit, f, i, c)
    return Altered(flipped.h[::-1], flipped.c[::-1])


def _in_lstm(layer, x, t, unit, f, i, c):
    if not isinstance(layer, LSTM) or layer.peepholes:
        got = "one with peepholes" if isinstance(layer, LSTM) else kind_of(layer)
        refuse(TypeError, f"layer must be an LSTM without peepholes, got {got}")
    gates = {name: value for name, value in (("f", f), ("i", i)) if value is not None}
    if bool(gates) == (c is not None):
        refuse(TypeError, "either c must be given, or f, i or both")
    x = checked_x(layer, x)
    if x.ndim == 2:
        batch = _in_lstm(layer, x[:, None], t, unit, f, i, c)
        return Altered(batch.h[:, 0], batch.c[:, 0])
    trace, (T, N) = layer.forward(x), x.shape[:2]
    units = unit if np.iterable(unit) else [whole_number("unit", unit, 0)]
    units = whole_numbers("unit", units, layer.hidden_size, ndim=1)
    if not units.size or len(set(units.tolist())) < units.size:
        refuse(ValueError, f"unit must be one unit or several different ones, got {unit!r}")
    steps = _per_sequence("t", whole_numbers("t", t, T), N, 1)[:, 0]
    index = steps[:, None], np.arange(N)[:, None], units  # of the states to change, in an array over time
    if c is None:
        f, i = (
            _per_sequence(name, real_array(name, gates[name], within=(0, 1), dtype=layer.dtype), N, len(units))
            if name in gates
            else getattr(trace, name)[index]
            for name in "fi"
        )
        c_prev = np.concatenate([trace.c0[None], trace.c])[index]  # one step before trace.c[index]
        value = f * c_prev + i * trace.g[index]
    else:
        value = _per_sequence("c", real_array("c", c, dtype=layer.dtype), N, len(units))
    return _continued(layer, x, trace, steps, index, value)


def _continued(layer, x, trace, steps, index, value):
    """The states if the cells at `index` are `value`. Sequences with the same step run on together."""
    h, c = trace.h.copy(), trace.c.copy()
    c[index] = value
    h[index] = trace.o[index] * np.tanh(value)
    for t in np.unique(steps):
        same = np.flatnonzero(steps == t)
        if t + 1 < len(x):
            later = layer.forward(x[t + 1 :, same], h[t, same], c[t, same])
            h[t + 1 :, same], c[t + 1 :, same] = later.h, later.c
    return Altered(h, c)


def _per_sequence(name, value, N, units):
    """`value` for each of N sequences and each unit, (N, units)."""
    array = np.asarray(value)
    if array.shape not in ((), (N,), (N, units)):
        shapes = f"({N},)" if units == 1 else f"({N},) or ({N}, {units})"
        refuse(ValueError, f"{name} must be one number, or have shape {shapes}, got shape {array.shape}")
    return np.broadcast_to(array[:, None] if array.shape == (N,) else array, (N, units))
