"""Every explorer, and its picture drawn from scratch, as `interact` would draw it. Also run as a notebook cell.

The models made here have the sizes of those in the notebooks but are untrained, which does not change the time.
"""

import numpy as np

from lstm_helpers import EXAMPLES, LSTM, Stack, weights_for
from lstm_helpers.explorers import (
    CellExplorer,
    ForgettingExplorer,
    GateExplorer,
    GradientExplorer,
    LearningExplorer,
    MemoryUnitExplorer,
    PointwiseExplorer,
    ScheduleExplorer,
    TextExplorer,
    UnrolledExplorer,
    VariantExplorer,
    open_lstm,
)
from lstm_helpers.explorers.cell import CellDiagram
from lstm_helpers.explorers.forgetting import ForgettingPicture
from lstm_helpers.explorers.gate import GatePicture
from lstm_helpers.explorers.gradient import GradientPicture
from lstm_helpers.explorers.learning import LearningPicture, film
from lstm_helpers.explorers.memory import SentencePicture
from lstm_helpers.explorers.opened import OpenedPicture
from lstm_helpers.explorers.pointwise import PointwisePicture
from lstm_helpers.explorers.schedule import SchedulePicture
from lstm_helpers.explorers.text import TextPicture
from lstm_helpers.explorers.unrolled import UnrolledPicture
from lstm_helpers.explorers.variant import MultiplesPicture
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.training import Model

SENTENCE = "the cat quietly sat on the mat near the door because the cat was tired .".split()
NOUNS = ("cat", "dog")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ -\n"
VARIANTS = dict.fromkeys(VariantExplorer().picture.lines, "c") | {"GRU": "h", "plain RNN": "h"}


def gate_explorer(**options):
    """The Gate explorer with the document's forget gate."""
    example = EXAMPLES["forget_gate"]
    W, b = weights_for(example.stated, *example.inputs.values())
    return GateExplorer("f", W, b, example.inputs, works_on="c_prev", **options)


def gate_picture():
    """The picture of the forget gate."""
    return GatePicture("f", ["c₁", "c₂", "c₃", "x₁", "x₂", "x₃"], 3)


def first_weight(explorer, value):
    """The gate's weights with `value` as the first one."""
    W = explorer.state["W"].copy()
    W[0, 0] = value
    return {"W": W}


def weight_on_x(explorer, value):
    """The unit's weights with `value` as the weight of f on x."""
    W = explorer.state["W"].copy()
    W[0, 0, 1] = value
    return {"W": W}


def candidate_now(explorer, value):
    """The candidates with `value` at the selected step."""
    g = explorer.state["g"].copy()
    g[explorer.state["step"]] = value
    return {"g": g}


def learning_picture():
    """The picture of a run of the cat sentences."""
    run = film("cat: document gates, bias 3")
    return LearningPicture(run.moments, run)


def memory_explorer(**options):
    """The Memory unit explorer with one of 16 units, in a sentence of 16 words."""
    rng, vocabulary = np.random.default_rng(1), Vocabulary([*SENTENCE, *NOUNS])
    model = Model.initialize(LSTM.initialize(len(vocabulary), 16, rng=rng), len(vocabulary), rng=rng)
    return MemoryUnitExplorer(model, vocabulary, SENTENCE, 3, NOUNS, word="sat", **options)


def text_explorer(**options):
    """The Text explorer with 96 units, and lines of some 12 characters, as in notebook 11."""
    rng, K = np.random.default_rng(1), len(LETTERS)
    model = Model.initialize(LSTM.initialize(K, 96, rng=rng), K, rng=rng)
    model.readout.b_y[LETTERS.index("\n")] = 0.9
    return TextExplorer(model, Vocabulary(LETTERS), "GREEK SMALL LETTER O", rng=rng, **options)


def opened_explorer(**options):
    """The opened model: two layers of 16 units, over 60 characters."""
    rng = np.random.default_rng(1)
    stack = Stack([LSTM.initialize(8, 16, rng=rng), LSTM.initialize(16, 16, rng=rng)])
    labels = "the cat quietly sat on the mat near the door because it was "
    return open_lstm(stack, 3 * rng.normal(size=(60, 8)), labels=labels, **options)


def gradient_explorer(**options):
    """The Gradient explorer with 8 units over 50 steps."""
    return GradientExplorer(rng=np.random.default_rng(1), **options)


# name -> the explorer, the slider to move, the picture, and the arguments of `show` for a value of the slider
EXPLORERS = {
    "Forgetting": (ForgettingExplorer, "f", ForgettingPicture, lambda e, v: {"f": v}),
    "Pointwise": (PointwiseExplorer, "x_1", lambda: PointwisePicture(3), lambda e, v: {"x_1": v}),
    "Gate": (gate_explorer, "w", gate_picture, first_weight),
    "Cell": (CellExplorer, "f", CellDiagram, lambda e, v: {"f": v}),
    "Unrolled": (UnrolledExplorer, "w", lambda: UnrolledPicture(["h₁", "x₁"], 1, 12), weight_on_x),
    "Schedule": (ScheduleExplorer, "f", lambda: SchedulePicture(12, (-2, 2)), lambda e, v: {"f": np.full(12, v)}),
    "Gradient": (gradient_explorer, "w", GradientPicture, lambda e, v: {"w": v}),
    "Learning": (LearningExplorer, "moment", learning_picture, lambda e, v: {"moment": v}),
    "Memory unit": (
        memory_explorer, "f",
        lambda: SentencePicture([*SENTENCE[:12], "?"], NOUNS, 0), lambda e, v: {"f": v},
    ),
    "Text": (text_explorer, "temperature", lambda: TextPicture(17, 6), lambda e, v: {"temperature": v}),
    "Opened model": (
        opened_explorer, "step", lambda: OpenedPicture(LSTM, 60, 6, ["a"] * 60), lambda e, v: {"step": v},
    ),
    "Variant": (VariantExplorer, "g", lambda: MultiplesPicture(VARIANTS, 12), candidate_now),
}  # fmt: skip


def drawn_anew(name, explorer, value):
    """A new figure of an explorer's picture for a value of its slider."""
    _, _, make_picture, state_for = EXPLORERS[name]
    picture = make_picture()
    picture.update(explorer.show(**{**explorer.state, **state_for(explorer, value)})[0])
    return picture.figure
