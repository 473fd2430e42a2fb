"""Challenges: be the LSTM. A task, and a rule for the gates, or the weights of one unit, that solves it."""

import numpy as np

from lstm_helpers.checks._challenges import add_rule, remember_rule, till_rule, weights_rule
from lstm_helpers.checks._design import Design
from lstm_helpers.layers import LSTM


def _levels(levels, *, f=1.0, o=1.0, at_filler=(0.0, 0.0)):
    """A rule that writes one of four levels at a symbol; at a filler i and the size of g as given."""

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
    """A rule that remembers by itself which marks came, in sequences of 16 steps, and lets in the first alone."""
    marks = []

    def rule(x):
        if len(marks) == 16:
            marks.clear()
        marks.append(x[1])
        return {"f": 1, "i": x[1] if sum(marks) == 1 else 0, "g": x[0]}

    return rule


def _scaled(rng):
    by = float(rng.uniform(0.2, 0.8))
    return lambda v, m: by * v


def _unit(**changes):
    """One unit that adds the marked numbers, with some weights changed."""
    unit = LSTM(2, 1)
    weights = {"b_f": 10, "W_i": [[0, 0, 20]], "b_i": -10, "W_g": [[0, 0.5, 0]]} | changes
    for name, value in weights.items():
        setattr(unit, name, value)
    return unit


_ELSEWHERE = (
    "At its best, a straight line from this memory explains {share:.0%} of the sums asked for. Try it on paper: "
    "a mark, a number without one, another mark."
)
_LEAKS = "Without a mark f is {f:.2f} on average: the sum leaks away between the marks."
_NOT_ITSELF = (
    "The memory follows the sum, but is not the sum itself: in one sequence it is {c:.3g} where {wanted:.3g} is right."
)
_EMPTY = "The memory never moves: nothing is written, or the candidate is 0."
_ADD_MISTAKES = {
    "all": (
        "It adds up all numbers. Only the marked ones should get in: which gate lets them in?",
        lambda rng: _on(lambda v, m: 1, lambda v, m: 1, lambda v, m: v),
    ),
    "unmarked": (
        "It adds up the numbers without a mark: the input gate is the wrong way around.",
        lambda rng: _on(lambda v, m: 1, lambda v, m: 1 - m, lambda v, m: v),
    ),
    "first": (
        "At the end it knows only the first number: the second does not get in.",
        _first_only,
    ),
    "not itself": (
        _NOT_ITSELF,
        lambda rng: _on(lambda v, m: 1, lambda v, m: m, _scaled(rng)),
    ),
    "second": (
        "At the end it knows only the second number: the first is forgotten when the second comes.",
        lambda rng: _on(lambda v, m: 1 - m, lambda v, m: m, lambda v, m: v),
    ),
    "last": (
        "It holds the latest number only: nothing is kept from step to step.",
        lambda rng: _on(lambda v, m: 0, lambda v, m: 1, lambda v, m: v),
    ),
    "leaks": (_LEAKS, lambda rng: _on(_leaky(rng), lambda v, m: m, lambda v, m: v)),
    "empty": (_EMPTY, lambda rng: _on(lambda v, m: 1, lambda v, m: 0, lambda v, m: v)),
    "elsewhere": (_ELSEWHERE, lambda rng: _on(lambda v, m: 1, lambda v, m: m, lambda v, m: 1 if v > 0.9 else -v)),
}

QUESTIONS = (
    Design(
        name="be_the_lstm.remember_first",
        notebook="07",
        todo="x is one-hot: 0 to 3 are symbols, 4 to 7 fillers. Write a rule: at the end h tells what came first.",
        variable="remember_rule",
        blank='def remember_rule(x):\n    return {"f": ..., "i": ..., "g": ..., "o": ...}',
        solution="def remember_rule(x):\n    k = np.argmax(x)\n    level = [-0.9, -0.3, 0.3, 0.9]\n"
        '    if k < 4:\n        return {"f": 1, "i": 1, "g": level[k], "o": 1}\n'
        '    return {"f": 1, "i": 0, "g": 0, "o": 1}',
        trial=remember_rule,
        after="It was tried on 30 fresh sequences of 12 steps.",
        mistakes={
            "not written": (
                "After step 1 the memory is the same for all four symbols. What was to be remembered is not written.",
                lambda rng: _levels((0.5,) * 4),
            ),
            "fillers": (
                "After the same symbol, memories at the end differ by {spread:.2f}: the fillers change them.",
                lambda rng: _levels(_FOUR, at_filler=(float(rng.uniform(0.3, 1)), 0.5)),
            ),
            "faded": (
                "It is written, but at the end the four memories differ by only {spread:.2g}: f is below 1.",
                lambda rng: _levels(_FOUR, f=float(rng.uniform(0.2, 0.6))),
            ),
            "alike": (
                "Symbols {a} and {b} leave the same memory, {c:.2f}. Four symbols need four levels.",
                lambda rng: _levels((-0.9, 0.3, 0.3, 0.9)),
            ),
            "silent": (
                "The memory is right, and h does not tell: the output gate is shut at the end.",
                lambda rng: _levels(_FOUR, o=0.0),
            ),
        },
        hints=(
            "What shall the gates do at a symbol, and what at a filler?",
            "At a symbol write a level of its own, from -1 to 1. At a filler write nothing and hold.",
        ),
        because="At a symbol i = 1 writes its level; at a filler i = 0 and f = 1 hold it. One number with four levels "
        "keeps four symbols apart.",
    ),
    Design(
        name="be_the_lstm.till",
        notebook="07",
        todo="x is (price, mark), mark = 1 at a new customer. Write a rule: the memory is the customer's sum so far.",
        variable="till_rule",
        blank='def till_rule(x):\n    price, mark = x\n    return {"f": ..., "i": ..., "g": ...}',
        solution='def till_rule(x):\n    price, mark = x\n    return {"f": 1 - mark, "i": 1, "g": price}',
        trial=till_rule,
        after="It was tried on 10 fresh streams.",
        mistakes={
            "never resets": (
                "It adds up and never starts again: at a mark the old sum has to be forgotten.",
                lambda rng: _on(lambda p, m: 1, lambda p, m: 1, lambda p, m: p),
            ),
            "first dropped": (
                "It resets, but the price at the mark itself is lost: the new customer has to pay that one, too.",
                lambda rng: _on(lambda p, m: 1 - m, lambda p, m: 1 - m, lambda p, m: p),
            ),
            "only now": (
                "It knows the latest price only: nothing is kept from step to step.",
                lambda rng: _on(lambda p, m: 0, lambda p, m: 1, lambda p, m: p),
            ),
            "only first": (
                "It keeps each customer's first price, and lets none of the others in.",
                lambda rng: _on(lambda p, m: 1 - m, lambda p, m: m, lambda p, m: p),
            ),
            "marks": (
                "It counts the customers. The sum of their prices is asked for.",
                lambda rng: _on(lambda p, m: 1, lambda p, m: m, lambda p, m: 0.5),
            ),
            "not itself": (
                _NOT_ITSELF,
                lambda rng: _on(lambda p, m: 1 - m, lambda p, m: 1, _scaled(rng)),
            ),
            "leaks": (_LEAKS, lambda rng: _on(_leaky(rng, 1), lambda p, m: 1, lambda p, m: p)),
            "empty": (_EMPTY, lambda rng: _on(lambda p, m: 1, lambda p, m: 0, lambda p, m: p)),
            "elsewhere": (_ELSEWHERE, lambda rng: _on(lambda p, m: 1 - m, lambda p, m: 1, lambda p, m: 1 - p)),
        },
        hints=(
            "Two jobs, two gates: adding the price at every step, and emptying at a mark.",
            "The forget gate has to be shut exactly where the mark is 1. The input gate never is.",
        ),
        because="f = 1 - mark empties the till for a new customer; i = 1 and g = price add every price.",
    ),
    Design(
        name="be_the_lstm.add_marked",
        notebook="07",
        todo="x is (number, mark); two are marked. Write a rule: the memory ends as the sum of these two, itself.",
        variable="add_rule",
        blank='def add_rule(x):\n    number, mark = x\n    return {"f": ..., "i": ..., "g": ...}',
        solution='def add_rule(x):\n    number, mark = x\n    return {"f": 1, "i": mark, "g": number}',
        trial=add_rule,
        after="It was tried on 30 fresh sequences of the adding problem.",
        mistakes=_ADD_MISTAKES,
        hints=(
            "Which gate decides what gets in?",
            "One gate stands open at all steps, one is open at a mark only, and the candidate is what may get in.",
        ),
        because="f = 1 keeps everything, i = mark lets in the marked numbers alone, g = number is what they are.",
    ),
    Design(
        name="be_the_lstm.weights",
        notebook="08",
        todo="Set the weights of one unit: its memory adds up the marked numbers. (A readout may scale and shift it.)",
        variable="unit",
        given="unit = LSTM(2, 1)  # columns of the weights: h_prev, number, mark",
        blank="# unit.W_i = ..., unit.b_i = ..., and so on: write them here",
        solution="unit.b_f = 10\nunit.W_i, unit.b_i = [[0, 0, 20]], -10\nunit.W_g = [[0, 0.5, 0]]",
        trial=weights_rule,
        after="A readout may scale the memory: a straight line in c gives the sums.",
        mistakes={
            "half": (
                "The forget gate stands at {f:.2f} at its highest: the memory fades at every step. Raise b_f.",
                lambda rng: _unit(b_f=float(rng.uniform(-1, 2))),
            ),
            "not shut": (
                "Without a mark the input gate stands at {i:.2f}: unmarked numbers get in. A lower b_i shuts it.",
                lambda rng: _unit(b_i=0.0),
            ),
            "not open": (
                "At a mark the input gate stands at {i:.2f}: the marked numbers do not get in. Weigh the mark more.",
                lambda rng: _unit(W_i=[[0, 0, 0]]),
            ),
            "no candidate": ("The candidate hardly depends on the number.", lambda rng: _unit(W_g=[[0, 0, 0.5]])),
            "saturated": (
                "The candidate reaches {g:.2f}: tanh is flat there, and large numbers are hardly told apart. "
                "Weigh the number less; a readout can scale it up again.",
                lambda rng: _unit(W_g=[[0, float(rng.uniform(4, 8)), 0]]),
            ),
            "elsewhere": (_ELSEWHERE, lambda rng: _unit(W_f=[[0, -30, 0]])),
        },
        hints=(
            "What did each gate do in your rule? A large positive z opens a gate, a large negative one shuts it.",
            "b_f opens the forget gate. A negative b_i shuts the input gate, and a weight on the mark opens it.",
        ),
        because="b_f = 10 holds. z_i is -10 without a mark and 10 with one. g = tanh(0.5 × number) is nearly straight.",
    ),
)
