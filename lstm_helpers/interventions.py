"""Interventions: run a trained network again, with gates or cells changed at one step."""

from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import kind_of, real_array, refuse, short_traceback, whole_number, whole_numbers
from lstm_helpers.layers import LSTM, Reversed, Stack
from lstm_helpers.layers._layer import checked_x


class Altered(NamedTuple):
    """The states h and c after an intervention, (T, N, H) or (T, H). Before its step they are unchanged."""

    h: np.ndarray
    c: np.ndarray


class AlteredStack(NamedTuple):
    """The states of all layers of a `Stack` after an intervention.

    Attributes:
        layers: for each layer the `Altered` h and c: `layers[k]` belongs to `stack.layers[k]`.
        h: the h of the level at the top, with all sides, (T, N, H) or (T, H).
    """

    layers: tuple
    h: np.ndarray


@short_traceback
def intervene(layer, x, t, unit, *, which=None, f=None, i=None, c=None):
    """Run a sequence, but at step t set a unit's forget gate, its input gate, or its cell, and continue from there.

    At step t: c_t = f * c_prev + i * g_t with the given f or i or both (or c_t = c), and h_t = o_t * tanh(c_t). What is
    not given is as the layer computed it; all later gates respond to the change, and so does every layer above. In a
    `Reversed` layer c_prev is the cell at t + 1, and what is later is what stands before t.

        intervene(stack, x, 12, 17, which=1, f=0)       at step 12, unit 17 of stack.layers[1] forgets

    Args:
        layer: an `LSTM` without peepholes, or such a layer `Reversed`; or a `Stack` of them.
        x: (T, N, D) or (T, D).
        t: the step, from 0 to T - 1; a number for all sequences, or (N,), one for each.
        unit: the unit, from 0 to H - 1, or a list of several.
        which: of a Stack, the number of the layer, as in `stack.layers`.
        f, i: from 0 to 1; a number, or (N,), or (N, number of units). Give f, i, or both; or else c.
        c: any real value, in the same shapes.

    Returns `Altered`, h and c over time; of a Stack `AlteredStack`, those of every layer.

    Raises:
        TypeError: the layer is not an LSTM or has peepholes; or c is given beside a gate, or nothing is given.
        ValueError: an argument is out of range, or has the wrong shape.
    """
    if not isinstance(layer, Stack):
        if which is not None:
            refuse(ValueError, f"which must be left out, for {kind_of(layer)} is one layer, got {which!r}")
        return _in_layer(layer, x, t, unit, f, i, c)
    k = layer._number(which)
    trace = layer.forward(x)
    changed = _in_layer(layer.layers[k], trace.layers[k].x, t, unit, f, i, c)
    above, top = layer._above(trace, k, changed.h)
    unchanged = trace.layers[: len(layer.layers) - len(above)]
    states = [Altered(one.h, one.c) for one in (*unchanged, *above)]
    states[k] = changed
    return AlteredStack(tuple(states), top)


def _in_layer(layer, x, t, unit, f, i, c):
    """What happens in one layer, in its own direction."""
    if not isinstance(layer, Reversed):
        return _forward_in_time(layer, x, t, unit, f, i, c)
    x = checked_x(layer, x)
    turned = _forward_in_time(layer.layer, x[::-1], len(x) - 1 - whole_numbers("t", t, len(x)), unit, f, i, c)
    return Altered(turned.h[::-1], turned.c[::-1])


def _forward_in_time(layer, x, t, unit, f, i, c):
    if not isinstance(layer, LSTM) or layer.peepholes:
        got = "one with peepholes" if isinstance(layer, LSTM) else kind_of(layer)
        refuse(TypeError, f"layer must be an LSTM without peepholes, got {got}")
    gates = {name: value for name, value in (("f", f), ("i", i)) if value is not None}
    if bool(gates) == (c is not None):
        refuse(TypeError, "either c must be given, or f, i or both")
    trace = layer.forward(x)
    x = real_array("x", x, dtype=layer.dtype)
    if x.ndim == 2:
        one = _forward_in_time(layer, x[:, None], t, unit, f, i, c)
        return Altered(one.h[:, 0], one.c[:, 0])
    T, N = x.shape[:2]
    several = unit if np.iterable(unit) else [whole_number("unit", unit, 0)]
    units = whole_numbers("unit", several, layer.hidden_size, ndim=1)
    if not units.size or len(set(units.tolist())) < units.size:
        refuse(ValueError, f"unit must be one unit or several different ones, got {unit!r}")
    at = _for_each("t", whole_numbers("t", t, T), N, 1)[:, 0]
    now = at[:, None], np.arange(N)[:, None], units
    if c is None:
        f, i = (
            _for_each(name, real_array(name, gates[name], within=(0, 1), dtype=layer.dtype), N, len(units))
            if name in gates
            else getattr(trace, name)[now]
            for name in "fi"
        )
        before = np.concatenate([trace.c0[None], trace.c])[now]  # one step earlier than trace.c[now]
        value = f * before + i * trace.g[now]
    else:
        value = _for_each("c", real_array("c", c, dtype=layer.dtype), N, len(units))
    return _run_on(layer, x, trace, at, now, value)


def _run_on(layer, x, trace, at, now, value):
    """The states after the cells get `value` at step `at`. Sequences with the same step run together."""
    h, c = trace.h.copy(), trace.c.copy()
    c[now] = value
    h[now] = trace.o[now] * np.tanh(value)
    for t in np.unique(at):
        who = np.flatnonzero(at == t)
        if t + 1 < len(x):
            later = layer.forward(x[t + 1 :, who], h[t, who], c[t, who])
            h[t + 1 :, who], c[t + 1 :, who] = later.h, later.c
    return Altered(h, c)


def _for_each(name, value, N, units):
    """One value for each of N sequences and each unit, (N, units)."""
    array = np.asarray(value)
    if array.shape not in ((), (N,), (N, units)):
        what = f"one number, or one for each of the {N} sequences"
        refuse(ValueError, f"{name} must be {what}, got shape {array.shape}")
    return np.broadcast_to(array[:, None] if array.shape == (N,) else array, (N, units))
