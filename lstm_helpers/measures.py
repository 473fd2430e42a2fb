"""Measures of a trained network: how far its gates open, how long its units remember, and how much each matters."""

from typing import NamedTuple

import numpy as np

from lstm_helpers._arguments import (
    function,
    instance,
    kind_of,
    real_array,
    real_number,
    refuse,
    short_traceback,
    whole_number,
)
from lstm_helpers.equations import sigmoid
from lstm_helpers.gradients import half_life
from lstm_helpers.layers import GRU, LSTM, RNN, MinGRU, Reversed, Stack
from lstm_helpers.layers._layer import checked_lengths

_CANDIDATE = {LSTM: "g", GRU: "n", RNN: "h", MinGRU: "n"}  # it is 0 if its weights and bias are 0


class Saturation(NamedTuple):
    """The fractions of the steps at which each unit's gate is nearly shut and nearly open, (H,) each."""

    below: np.ndarray
    above: np.ndarray


@short_traceback
def saturation(gates, *, low=0.1, high=0.9, lengths=None):
    """The fractions of the steps at which each unit's gate is below `low`, and above `high`: a `Saturation`.

    Args:
        gates: (T, H) or (T, N, H), such as `trace.f`. All steps of all sequences count.
        low, high: the limits, low below high; for g and h, which lie from -1 to 1, -0.9 and 0.9.
        lengths: the number of steps of each sequence, (N,), or one number for (T, H); T if None.

    Source: Karpathy, Johnson & Fei-Fei (2015), "Visualizing and Understanding Recurrent Networks", figure 2.
    """
    low = real_number("low", low)
    high = real_number("high", high, f"above low, {low:g}", lambda value: value > low)
    steps = _steps("gates", gates, lengths)
    return Saturation((steps < low).mean(axis=0), (steps > high).mean(axis=0))


@short_traceback
def half_lives(f, *, lengths=None):
    """The number of steps after which half of each unit's memory is left, at the average rate of this run, (H,).

    It is `lstm_helpers.half_life` of the geometric mean of a unit's forget gates: a constant gate of that value would
    keep as much over the run. Infinite if f was always 1, and 0 if f was ever 0.

    Args:
        f: the forget gates, (T, H) or (T, N, H), from 0 to 1: `trace.f` of an LSTM, `trace.z` of a GRU.
        lengths: as in `saturation`.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(_steps("f", f, lengths, within=(0, 1)))
        # not half_life(exp(mean)): near 1, exp would lose what the logarithms tell apart
        return np.log(2).astype(logs.dtype) / np.abs(logs.mean(axis=0))


@short_traceback
def movement(h, *, lengths=None):
    """How much each unit moves, (H,): the standard deviation of `h` or `c`, (T, H) or (T, N, H), over all steps.

    `lengths` is as in `saturation`. A unit that does not move may still matter, if it holds a value; see `effects`.
    """
    return _steps("h", h, lengths).std(axis=0)


class ForgetBias(NamedTuple):
    """The bias of each unit's forget gate and its effect, (H,) each.

    Attributes:
        b_f: the bias.
        f: the gate without other inputs, sigmoid(b_f).
        half_life: the half-life at that gate, in steps.
    """

    b_f: np.ndarray
    f: np.ndarray
    half_life: np.ndarray


@short_traceback
def forget_bias(layer):
    """The forget biases of an `LSTM`, or of one `Reversed`, and their effect: a `ForgetBias`."""
    cell = layer.layer if isinstance(layer, Reversed) else layer
    if not isinstance(cell, LSTM) or not cell.forget_gate:
        got = "one without" if isinstance(cell, LSTM) else kind_of(cell)
        refuse(TypeError, f"layer must be an LSTM with a forget gate, got {got}")
    f = sigmoid(cell.b_f)
    return ForgetBias(cell.b_f.copy(), f, half_life(f))


@short_traceback
def effects(layer, x, *, which=None, output=None):
    """How much each unit matters, by experiment: the change in the output if the unit's cell is held at 0, (H,).

    The cell, or the h of a GRU or RNN, is held at 0 from the first step to the last, as by `held_at_0`. The result is
    the mean absolute change over all steps. This takes H runs.

    Args:
        layer: an `LSTM`, `GRU`, `RNN` or `MinGRU`, or one of them `Reversed`; or a `Stack`.
        x: (T, N, D) or (T, D).
        which: for a Stack, the index in `stack.layers` of the layer whose units are held.
        output: a function from the h of the top level to the output, an array, such as the probabilities of a readout;
            None takes h itself as the output.
    """
    if not isinstance(layer, Stack):
        if which is not None:
            refuse(ValueError, f"which must be None for a single layer, got {which!r}")
        layer = Stack([_single_layer(layer)])
    output = np.asarray if output is None else function("output", output, "from h to an array")
    k, trace = layer._layer_index(which), layer.forward(x)
    own, before = layer.layers[k], real_array("output", output(trace.h))
    changed = []
    for unit in range(own.hidden_size):
        h = held_at_0(own, unit).forward(trace.layers[k].x).h
        changed.append(np.abs(output(layer._rerun_above(trace, k, h)[1]) - before).mean())
    return np.array(changed)


@short_traceback
def held_at_0(layer, unit):
    """A copy of an `LSTM`, `GRU`, `RNN` or `MinGRU`, or of one `Reversed`, in which the cell of one unit stays 0.

    The weights and the bias of its candidate are 0, so g is 0. In a layer without cells, the unit's h stays 0.
    """
    _single_layer(layer)
    cell = layer.layer if isinstance(layer, Reversed) else layer
    unit = whole_number("unit", unit, 0, cell.hidden_size - 1)
    held = type(cell)(cell.input_size, cell.hidden_size, **cell.options, dtype=cell.dtype)
    held.W = cell.W
    rows, _ = held.parts[f"b_{_CANDIDATE[type(cell)]}"]
    held.W[rows][unit] = 0
    return Reversed(held) if isinstance(layer, Reversed) else held


def _single_layer(layer):
    return instance("layer", layer, (*_CANDIDATE, Reversed), "an LSTM, GRU, RNN or MinGRU, or one Reversed")


def _steps(name, values, lengths, within=None):
    """The values of each unit at all steps of all sequences, (steps, H)."""
    values = real_array(name, values, within=within)
    if values.ndim not in (2, 3):
        refuse(ValueError, f"{name} must have shape (T, H) or (T, N, H), got shape {values.shape}")
    if lengths is None:
        return values.reshape(-1, values.shape[-1])
    ends = checked_lengths(lengths, len(values), values[0, ..., 0].size, values.ndim == 3)
    inside = np.arange(len(values))[:, None] < ends
    return values.reshape(*inside.shape, -1)[inside]
