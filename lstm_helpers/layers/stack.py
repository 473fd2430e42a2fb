"""Deep and bidirectional networks, with the interface of a single layer."""

import copy
from dataclasses import dataclass
from math import prod

import numpy as np

from lstm_helpers._arguments import (
    instance,
    kind_of,
    must_be,
    real_array,
    refuse,
    short_traceback,
    switch,
    whole_number,
)
from lstm_helpers.layers._layer import checked_lengths, checked_x
from lstm_helpers.layers._trace import must_be_of
from lstm_helpers.layers.gru import GRU
from lstm_helpers.layers.lstm import LSTM
from lstm_helpers.layers.min_gru import MinGRU
from lstm_helpers.layers.rnn import RNN

KINDS = LSTM, GRU, RNN, MinGRU


class Reversed:
    """A layer that runs each sequence from its last step to its first: h_t depends on x_t and h_{t+1}.

    It has the weights, sizes and options of `layer`. Arrays over time, those of its Trace included, are in the order of
    x: the run starts from h0 at x's last step, and `trace.h_T` is the state after x's first step, where it ends.

    Args:
        layer: an `LSTM`, `GRU`, `RNN` or `MinGRU`. It is not copied.

    Source: Schuster & Paliwal (1997), "Bidirectional Recurrent Neural Networks".
    """

    @short_traceback
    def __init__(self, layer):
        vars(self)["layer"] = instance("layer", layer, KINDS, "an LSTM, GRU, RNN or MinGRU")

    def __getattr__(self, name):  # called only for names that are not attributes
        if name.startswith("_"):
            raise AttributeError(f"Reversed has no {name}")
        return getattr(self.layer, name)

    def __setattr__(self, name, value):
        setattr(self.layer, name, value)

    @short_traceback
    def forward(self, x, h0=None, c0=None, *, lengths=None):
        """Run a whole sequence backward: x (T, N, D) or (T, D), h0 and c0 (N, H) or (H,), zeros if None.

        `lengths` gives the number of steps of each sequence, as in `LSTM.forward`; a sequence begins at its own last
        step. c0 is for an LSTM. Returns a `Trace` with the same fields, and raises the same errors, as `layer.forward`.
        """
        states, x = _without_none(self.layer, h0=h0, c0=c0), checked_x(self.layer, x)
        T, *N = x.shape[:-1]
        ends = checked_lengths(lengths, T, prod(N), bool(N))
        flipped = _flip_time(x, ends if ends is None else ends.reshape(N))
        trace = self.layer.forward(flipped, **states, lengths=lengths)
        return _flip_fields(trace, trace.lengths, layer=self, kept={"trace": trace}, last=0)

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, dc_T=None, *, to_x=True):
        """The gradients of the weights, of x and of the states, from dL/dh.

        Args:
            trace: the result of `forward`.
            dh: dL/dh at every step, shaped like trace.h; zeros if None.
            dh_T, dc_T: gradients into trace.h_T and trace.c_T, (N, H) or (H,); zeros if None. dc_T is for an LSTM.
            to_x: False skips the gradient of x.

        Returns `Gradients`, as `layer.backward` does, in the order of x.
        """
        must_be_of(self, trace)
        states = _without_none(self.layer, dh_T=dh_T, dc_T=dc_T)
        dh = None if dh is None else _flip_time(_like_h("dh", dh, trace, self.dtype), trace.lengths)
        back = self.layer.backward(trace.kept["trace"], dh, **states, to_x=to_x)
        return _flip_fields(back, trace.lengths)


class Stack:
    """Levels of layers on top of one another: at every step, each level sees the h of the level below.

        h^1_t = layer_1(x_t, h^1_{t-1})        the bottom level sees x
        h^k_t = layer_k(h^{k-1}_t, h^k_{t-1})

    The layers of a level see the same input, and their h are concatenated. A level with a layer and a `Reversed` one is
    bidirectional: at each step it knows the steps before and those after.

        Stack([LSTM(3, 8), LSTM(8, 8)])                                     two layers deep
        Stack([[LSTM(3, 8), Reversed(LSTM(3, 8))], LSTM(16, 4)])            bidirectional, then forward only

    Attributes:
        levels: the layers of each level, from the bottom to the top.
        layers: all layers in one tuple, in PyTorch's order: layer 0, layer 0 reversed, layer 1, ...
        input_size, hidden_size: D, and the number of units of the top level.
        dtype: that of the layers.

    Args:
        levels: a list from the bottom to the top; each item is a layer or a list of layers. All are of one kind:
            `LSTM`, `GRU`, `RNN` or `MinGRU`; some may be `Reversed`. They are not copied.

    Sources: Graves, Mohamed & Hinton (2013), "Speech Recognition with Deep Recurrent Neural Networks"; Schuster &
    Paliwal (1997), "Bidirectional Recurrent Neural Networks".
    """

    @short_traceback
    def __init__(self, levels):
        instance("levels", levels, (list, tuple), "a list of layers")
        self.levels = tuple(tuple(level) if isinstance(level, (list, tuple)) else (level,) for level in levels)
        self.layers = tuple(layer for level in self.levels for layer in level)
        if not self.levels or not all(self.levels):
            refuse(ValueError, "levels must hold at least one layer each, got an empty one")
        for layer in self.layers:
            if not isinstance(layer, (*KINDS, Reversed)):
                expected = "of LSTM, GRU, RNN or MinGRU layers, or such layers Reversed"
                refuse(TypeError, f"levels must be a list {expected}, got {kind_of(layer)} among them")
        self.input_size, self.dtype = self.layers[0].input_size, self.layers[0].dtype
        self._check_layers()
        self.hidden_size = _width(self.levels[-1])

    def _check_layers(self):
        """Refuse layers of different kinds or dtypes, a repeated layer, and one whose input size does not fit."""
        cells = [_cell(layer) for layer in self.layers]
        if len({id(cell) for cell in cells}) < len(cells):
            refuse(ValueError, "levels must hold each layer once, got one of them twice")
        for cell in cells:
            if (type(cell), cell.dtype) != (type(cells[0]), self.dtype):
                first = f"{kind_of(cells[0])} in {self.dtype}"
                refuse(ValueError, f"levels must be like the first, {first}, got {kind_of(cell)} in {cell.dtype}")
        inputs = self.input_size
        for k, level in enumerate(self.levels):
            for layer in level:
                if layer.input_size != inputs:
                    why = "the units below it" if k else "like the first layer"
                    refuse(ValueError, f"levels[{k}] must have {inputs} inputs, {why}, got {layer.input_size}")
            inputs = _width(level)

    @classmethod
    @short_traceback
    def initialize(
        cls, kind, input_size, hidden_size, *, depth=2, bidirectional=False, rng, dtype=np.float64, **options
    ):
        """A Stack of `depth` levels with layers of one size, and random weights drawn from `rng`.

        Args:
            kind: `LSTM`, `GRU`, `RNN` or `MinGRU`; its `initialize` creates each layer.
            input_size, hidden_size: D, and H, the number of units of each layer.
            depth: the number of levels, PyTorch's `num_layers`.
            bidirectional: True adds a `Reversed` layer to each level, which then has 2 H units.
            rng: a `numpy.random.Generator`.
            dtype: float32 or float64.
            **options: other arguments of `kind.initialize`, such as forget_bias.
        """
        must_be("kind", kind, "LSTM, GRU, RNN or MinGRU", any(kind is known for known in KINDS))
        depth, bidirectional = whole_number("depth", depth, 1), switch("bidirectional", bidirectional)
        levels, inputs = [], input_size
        for _ in range(depth):
            level = [kind.initialize(inputs, hidden_size, rng=rng, dtype=dtype, **options)]
            if bidirectional:
                level.append(Reversed(kind.initialize(inputs, hidden_size, rng=rng, dtype=dtype, **options)))
            levels, inputs = [*levels, level], _width(level)
        return cls(levels)

    @short_traceback
    def step(self, x, h, c=None):
        """One step of all layers: x (D,) and lists of each layer's h (H,) and, for LSTMs, c (H,); or N rows of each.

        Returns the new h, or the new h and c, as tuples in the order of `layers`. Refused if a layer is `Reversed`: it
        would begin at the end of the sequence.
        """
        if any(isinstance(layer, Reversed) for layer in self.layers):
            refuse(TypeError, "step must run forward in time: this Stack has a Reversed layer, so call forward")
        has_c = isinstance(self.layers[0], LSTM)
        if h is None or (has_c and c is None):
            refuse(TypeError, f"{'h and c' if has_c else 'h'} must be given: step continues from a state")
        results = []
        for level, given in zip(self.levels, self._by_level(self._by_layer(h=h, c=c)), strict=True):
            new = [layer.step(x, **states) for layer, states in zip(level, given, strict=True)]
            results += new
            x = _concatenated([states[0] if has_c else states for states in new])
        return tuple(zip(*results, strict=True)) if has_c else tuple(results)

    @short_traceback
    def forward(self, x, h0=None, c0=None, *, lengths=None):
        """Run a whole sequence through all layers: x (T, N, D), or (T, D) without a batch.

        Args:
            x: the input of the bottom level.
            h0, c0: the states before the first step: a list or an array with an (N, H) or (H,) for each of `layers`;
                zeros if None. c0 is for LSTMs.
            lengths: the number of steps of each sequence, (N,), or a number without a batch; T if None. After a
                sequence's last step its h is 0 in every layer. A `Reversed` layer begins at that step.

        Returns a `StackTrace`. Raises `TypeError` or `ValueError` if an argument does not hold real, finite numbers, or
        has the wrong shape.
        """
        below, traces = checked_x(self, x), []
        for level, given in zip(self.levels, self._by_level(self._by_layer(h0=h0, c0=c0)), strict=True):
            sides = [
                layer.forward(below, **states, lengths=lengths) for layer, states in zip(level, given, strict=True)
            ]
            below, traces = _concatenated([side.h for side in sides]), [*traces, *sides]
        below.flags.writeable = False
        return StackTrace(self, tuple(traces), below)

    @short_traceback
    def backward(self, trace, dh=None, dh_T=None, dc_T=None, *, to_x=True):
        """Back-propagation through time and through the levels, from the top to the bottom.

        Args:
            trace: the result of `forward`. The gradients are taken at the weights that computed it.
            dh: dL/dh of the top level at every step, shaped like trace.h; zeros if None.
            dh_T, dc_T: gradients into the last states, trace.h_T and trace.c_T: a list or an array with one for each
                of `layers`; zeros if None. dc_T is for LSTMs.
            to_x: False skips the gradient of x.

        Returns `StackGradients`.
        """
        must_be_of(self, trace, StackTrace)
        switch("to_x", to_x)
        above = None if dh is None else _like_h("dh", dh, trace, self.dtype)
        into_last = self._by_layer(dh_T=dh_T, dc_T=dc_T)
        gradients, levels = [], zip(self.levels, self._by_level(trace.layers), self._by_level(into_last), strict=True)
        for k, (level, traces, given) in reversed(list(enumerate(levels))):
            # h = [h of the first layer, h of the second, ...]
            ends = np.cumsum([layer.hidden_size for layer in level])[:-1]
            parts = [None] * len(level) if above is None else np.split(above, ends, axis=-1)
            sides = [
                layer.backward(t, part, **states, to_x=to_x or k > 0)
                for layer, t, part, states in zip(level, traces, parts, given, strict=True)
            ]
            # all layers of the level see the same input, the h of the level below
            above, gradients = sum(side.x for side in sides) if to_x or k > 0 else None, [*sides, *gradients]
        return StackGradients(tuple(gradients), above)

    def _layer_index(self, which):
        """`which` as an index of `layers`, or a refusal; None is allowed if there is only one layer."""
        last = len(self.layers) - 1
        if which is None and last:
            refuse(TypeError, f"which must be the number of a layer, from 0 to {last}: this Stack has several")
        return whole_number("which", 0 if which is None else which, 0, last)

    def _rerun_above(self, trace, k, h):
        """Run the levels above layer k again, with `h` in place of its h: their traces, and the h of the top level."""
        depth = [depth for depth, level in enumerate(self.levels) for _ in level][k]
        sides = self._by_level(trace.layers)[depth]
        below, above = _concatenated([h if side is trace.layers[k] else side.h for side in sides]), []
        for level in self.levels[depth + 1 :]:
            sides = [layer.forward(below, lengths=trace.lengths) for layer in level]
            below, above = _concatenated([side.h for side in sides]), [*above, *sides]
        return above, below

    def _by_layer(self, **values):
        """A list with a dictionary for each layer: its own part of every value that is not None."""
        given = [{} for _ in self.layers]
        for name, value in _without_none(self.layers[0], **values).items():
            parts = value if isinstance(value, (list, tuple)) else np.atleast_1d(real_array(name, value))
            if len(parts) != len(given):
                refuse(ValueError, f"{name} must hold one array for each of the {len(given)} layers, got {len(parts)}")
            for own, part in zip(given, parts, strict=True):
                own[name] = real_array(name, part)
        return given

    def _by_level(self, values):
        """The values, one for each layer, in a list for each level."""
        values = iter(values)
        return [[next(values) for _ in level] for level in self.levels]


@dataclass(frozen=True, eq=False)
class StackTrace:
    """The result of a `Stack`'s forward pass. Later passes do not change it.

    Attributes:
        layer: the Stack that ran.
        layers: the `Trace` of each layer, with every gate: `trace.layers[k]` belongs to `stack.layers[k]`.
        h: the h of the top level, (T, N, H) or (T, H).
    """

    layer: Stack
    layers: tuple
    h: np.ndarray

    @property
    def x(self):
        """The input of the bottom level, (T, N, D) or (T, D)."""
        return self.layers[0].x

    @property
    def h_T(self):  # noqa: N802
        """The last h of each layer; `forward(more_x, trace.h_T, trace.c_T)` continues from there."""
        return tuple(trace.h_T for trace in self.layers)

    @property
    def c_T(self):  # noqa: N802
        """The last c of each layer; for LSTMs."""
        return tuple(trace.c_T for trace in self.layers)

    @property
    def lengths(self):
        """The number of steps of each sequence; None if all have T."""
        return self.layers[0].lengths

    @property
    def nbytes(self):
        """The size of what `backward` needs of all layers, in bytes."""
        return sum(trace.nbytes for trace in self.layers)

    def __repr__(self):
        listed = "\n".join(f"  layers[{k}]: {trace}" for k, trace in enumerate(self.layers))
        return f"Trace of Stack: x {self.x.shape}, h {self.h.shape}\n{listed}"


@dataclass(frozen=True, eq=False)
class StackGradients:
    """The result of a `Stack`'s backward pass.

    Attributes:
        layers: the `Gradients` of each layer: `gradients.layers[0].W_f` is dL/dW_f of `stack.layers[0]`.
        x: dL/dx, shaped like x; None if it was skipped.
    """

    layers: tuple
    x: np.ndarray | None

    @property
    def h0(self):
        """The gradient of each layer's h before its first step."""
        return tuple(gradients.h0 for gradients in self.layers)

    @property
    def c0(self):
        """The gradient of each layer's c before its first step; for LSTMs."""
        return tuple(gradients.c0 for gradients in self.layers)

    def __repr__(self):
        return "\n".join(f"layers[{k}]: {gradients}" for k, gradients in enumerate(self.layers))


def _cell(layer):
    return layer.layer if isinstance(layer, Reversed) else layer


def _width(level):
    return sum(layer.hidden_size for layer in level)


def _concatenated(arrays):
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


def _without_none(layer, **states):
    """The states that are not None. The state c, or its gradient, is refused if the layer has none."""
    given = {name: value for name, value in states.items() if value is not None}
    cell = _cell(layer)
    for name in given:
        if name.startswith(("c", "dc")) and not isinstance(cell, LSTM):
            refuse(ValueError, f"{name} must be left out: {kind_of(cell)} has no cell state")
    return given


def _like_h(name, value, trace, dtype):
    axes = ("T", "N", "H") if trace.h.ndim == 3 else ("T", "H")
    return real_array(name, value, shape=dict(zip(axes, trace.h.shape, strict=True)), dtype=dtype)


def _flip_time(array, lengths):
    """(T, N, ·) or (T, ·) with each sequence reversed up to its own end. It is its own inverse."""
    if lengths is None:
        return array[::-1]
    t = np.arange(len(array)).reshape(-1, *[1] * np.ndim(lengths))
    index = np.where(t < lengths, lengths - 1 - t, t)
    return array[index, np.arange(len(lengths))] if np.ndim(lengths) else array[index]


def _flip_fields(result, lengths, **attributes):
    """A copy of a Trace or Gradients, with these attributes and all fields over time flipped."""
    flipped = copy.copy(result)
    for name, array in vars(result).items():
        if isinstance(array, np.ndarray) and name not in ("W", "h0", "c0", "lengths"):
            vars(flipped)[name] = _flip_time(array, lengths)
            vars(flipped)[name].flags.writeable = array.flags.writeable
    vars(flipped).update(attributes)
    return flipped
