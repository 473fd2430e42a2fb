"""Designs with one fault each, by question and diagnosis; each is a function of a random generator."""

import numpy as np

from lstm_helpers.layers import LSTM

_STEPS, _WRITTEN = 20, 3


def _levels(levels, *, f=1.0, o=1.0, at_filler=(0.0, 0.0)):
    """A rule that writes one of four levels at a symbol; `at_filler` is i and the scale of g at a filler."""

    def rule(x):
        k = int(np.argmax(x))
        if k < 4:
            return {"f": f, "i": 1.0, "g": levels[k], "o": o}
        return {"f": f, "i": at_filler[0], "g": at_filler[1] * (k - 5.5), "o": o}

    return rule


_FOUR = (-0.9, -0.3, 0.3, 0.9)


def _on(f, i, g):
    """A rule from three functions of a number and its mark."""
    return lambda x: {"f": f(*x), "i": i(*x), "g": g(*x)}


def _leaky(rng, resets=0):
    f = float(rng.uniform(0.4, 0.8))
    return lambda v, m: f * (1 - m * resets)


def _first_only(rng):
    """A rule that counts the marks in sequences of 16 steps itself, and lets in only the first marked number."""
    marks = []

    def rule(x):
        if len(marks) == 16:
            marks.clear()
        marks.append(x[1])
        return {"f": 1, "i": x[1] if sum(marks) == 1 else 0, "g": x[0]}

    return rule


def _scaled(rng):
    scale = float(rng.uniform(0.2, 0.8))
    return lambda v, m: scale * v


def _unit(**changes):
    """One unit that adds the marked numbers, with some weights changed."""
    unit = LSTM(2, 1)
    weights = {"b_f": 10, "W_i": [[0, 0, 20]], "b_i": -10, "W_g": [[0, 0.5, 0]]} | changes
    for name, value in weights.items():
        setattr(unit, name, value)
    return unit


def _design_with(**changes):
    """A design that stores the bit, with some gate values changed: name -> {step: value}, or a value for all steps."""
    t = np.arange(1, _STEPS + 1)
    design = {"f": np.ones(_STEPS), "i": 1.0 * (t == _WRITTEN), "o": 1.0 * (t == _STEPS)}
    for name, change in changes.items():
        if isinstance(change, dict):
            for step, value in change.items():
                design[name][step - 1] = value
        else:
            design[name] = change
    return design


def _later(rng):
    return int(rng.integers(_WRITTEN + 1, _STEPS))


def _counter(at_pulse, at_rest):
    names = ("f", "i", "g")
    return lambda x: dict(zip(names, at_pulse if x else at_rest, strict=True))


def _toggler(flip_at, *, size=0.5, f=1.0, to=None):
    def rule(x, h_prev):
        if not flip_at(x):
            return {"f": f, "i": 0.0, "g": 0.0}
        return {"f": 0.0, "i": 1.0, "g": to if to is not None else -size * np.sign(h_prev)}

    return rule


def _g_for(rng, amount):
    i = float(rng.uniform(0.6, 1))
    return {"i": i, "g": amount / i}


def _open_at(*steps, o=1.0):
    return [o * (t in steps) for t in range(1, 17)]


WRONG_DESIGNS = {
    "cell.hide": {
        "too high": lambda rng: {"f": 0.9, "i": float(rng.uniform(0, 1)), "o": 0},
        "too low": lambda rng: {"f": float(rng.uniform(0, 0.2)), "i": 1, "o": 0},
        "shown": lambda rng: {"f": 0.625, "i": 0, "o": float(rng.uniform(0.2, 1))},
    },
    "schedule.store": {
        "late": lambda rng: _design_with(i={_WRITTEN: 0.0, _WRITTEN + 1: 1.0}),
        "never written": lambda rng: _design_with(i=float(rng.uniform(0, 0.8))),
        "erased": lambda rng: _design_with(f={_later(rng): float(rng.uniform(0, 0.4))}),
        "written again": lambda rng: _design_with(i={_later(rng): float(rng.uniform(0.1, 1))}),
        "written before": lambda rng: _design_with(i={int(rng.integers(1, 3)): 1.0}),
        "faded": lambda rng: _design_with(f=float(rng.uniform(0.6, 0.99))),
        "shown early": lambda rng: _design_with(o={_later(rng): 1.0}),
        "not shown": lambda rng: _design_with(o=0.0),
    },
    "schedule.leak": {
        "never": lambda rng: 1.0,
        "too fast": lambda rng: float(rng.uniform(0.2, 0.7)),
        "too slow": lambda rng: float(rng.uniform(0.85, 0.98)),
        "not again": lambda rng: [0.5 ** (1 / 3)] * 3 + [1.0] * 6,
    },
    "schedule.count": {
        "every step": lambda rng: _counter((1, 1, 0.1), (1, 1, 0.1)),
        "the gaps": lambda rng: _counter((1, 0, 0.1), (1, 1, 0.1)),
        "only now": lambda rng: _counter((0, 1, 0.1), (0, 0, 0.1)),
        "at most one": lambda rng: _counter((0, 1, 0.1), (1, 0, 0.1)),
        "size": lambda rng: _counter((1, 1, float(rng.uniform(0.2, 0.9))), (1, 0, 0)),
        "fades": lambda rng: _counter((1, 1, 0.1), (float(rng.uniform(0.3, 0.9)), 0, 0)),
        "elsewhere": lambda rng: _counter((float(rng.uniform(0.3, 0.9)), 1, 0.1), (1, 0, 0)),
    },
    "schedule.toggle": {
        "never": lambda rng: _toggler(lambda x: False),
        "always": lambda rng: _toggler(lambda x: True),
        "at rest": lambda rng: _toggler(lambda x: not x),
        "lost": lambda rng: _toggler(bool, f=float(rng.uniform(0.1, 0.6))),
        "fades": lambda rng: _toggler(bool, f=float(rng.uniform(0.97, 0.99))),
        "stays": lambda rng: _toggler(bool, to=-0.5),
        "turns": lambda rng: lambda x, h: _toggler(bool)(x, h) if x or h > 0 else {"f": 0.0, "i": 1.0, "g": 0.5},
    },
    "input_gate.lower": {
        "raised": lambda rng: _g_for(rng, 0.3),
        "amount": lambda rng: _g_for(rng, -float(rng.uniform(0.05, 0.25))),
        "nothing": lambda rng: {"i": 0, "g": -float(rng.uniform(0.1, 1))},
    },
    "output_gate.ask_twice": {
        "shifted": lambda rng: _open_at(7, 12),
        "exchanged": lambda rng: _open_at(*{*range(1, 17)} - {6, 11}),
        "silent": lambda rng: _open_at(6),
        "early": lambda rng: _open_at(3, 6, 11),
        "between": lambda rng: _open_at(6, 7, 8, 9, 10, 11),
        "after": lambda rng: _open_at(*range(11, 17), 6),
        "faint": lambda rng: _open_at(6, 11, o=0.5),
    },
    "be_the_lstm.remember_first": {
        "not written": lambda rng: _levels((0.5,) * 4),
        "fillers": lambda rng: _levels(_FOUR, at_filler=(float(rng.uniform(0.3, 1)), 0.5)),
        "faded": lambda rng: _levels(_FOUR, f=float(rng.uniform(0.2, 0.6))),
        "alike": lambda rng: _levels((-0.9, 0.3, 0.3, 0.9)),
        "silent": lambda rng: _levels(_FOUR, o=0.0),
    },
    "be_the_lstm.running_total": {
        "never resets": lambda rng: _on(lambda p, m: 1, lambda p, m: 1, lambda p, m: p),
        "first dropped": lambda rng: _on(lambda p, m: 1 - m, lambda p, m: 1 - m, lambda p, m: p),
        "only now": lambda rng: _on(lambda p, m: 0, lambda p, m: 1, lambda p, m: p),
        "only first": lambda rng: _on(lambda p, m: 1 - m, lambda p, m: m, lambda p, m: p),
        "marks": lambda rng: _on(lambda p, m: 1, lambda p, m: m, lambda p, m: 0.5),
        "not itself": lambda rng: _on(lambda p, m: 1 - m, lambda p, m: 1, _scaled(rng)),
        "leaks": lambda rng: _on(_leaky(rng, 1), lambda p, m: 1, lambda p, m: p),
        "empty": lambda rng: _on(lambda p, m: 1, lambda p, m: 0, lambda p, m: p),
        "elsewhere": lambda rng: _on(lambda p, m: 1 - m, lambda p, m: 1, lambda p, m: 1 - p),
    },
    "be_the_lstm.add_marked": {
        "all": lambda rng: _on(lambda v, m: 1, lambda v, m: 1, lambda v, m: v),
        "unmarked": lambda rng: _on(lambda v, m: 1, lambda v, m: 1 - m, lambda v, m: v),
        "first": _first_only,
        "not itself": lambda rng: _on(lambda v, m: 1, lambda v, m: m, _scaled(rng)),
        "second": lambda rng: _on(lambda v, m: 1 - m, lambda v, m: m, lambda v, m: v),
        "last": lambda rng: _on(lambda v, m: 0, lambda v, m: 1, lambda v, m: v),
        "leaks": lambda rng: _on(_leaky(rng), lambda v, m: m, lambda v, m: v),
        "empty": lambda rng: _on(lambda v, m: 1, lambda v, m: 0, lambda v, m: v),
        "elsewhere": lambda rng: _on(lambda v, m: 1, lambda v, m: m, lambda v, m: 1 if v > 0.9 else -v),
    },
    "be_the_lstm.weights": {
        "half": lambda rng: _unit(b_f=float(rng.uniform(-1, 2))),
        "not shut": lambda rng: _unit(b_i=0.0),
        "not open": lambda rng: _unit(W_i=[[0, 0, 0]]),
        "no candidate": lambda rng: _unit(W_g=[[0, 0, 0.5]]),
        "saturated": lambda rng: _unit(W_g=[[0, float(rng.uniform(4, 8)), 0]]),
        "elsewhere": lambda rng: _unit(W_f=[[0, -30, 0]]),
    },
}
