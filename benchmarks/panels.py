"""Every explorer, and what draws its picture anew, as a function for `interact` does. Runs here, and as a cell.

Models are as large as those of the notebooks; what they have learned makes no difference to the time, but for how long
a line is.
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
    """The document's forget gate."""
    example = EXAMPLES["forget_gate"]
    W, b = weights_for(example.stated, *example.inputs.values())
    return GateExplorer("f", W, b, example.inputs, works_on="c_prev", **options)


def gate_picture():
    """What the forget gate is drawn on."""
    names = ["c₁", "c₂", "c₃", "x₁", "x₂", "x₃"]
    return GatePicture("f", names, 3)


def first_weight(explorer, value):
    """The weights of the gate with another first one."""
    W = explorer.state["W"].copy()
    W[0, 0] = value
    return {"W": W}


def weight_on_x(explorer, value):
    """The weights of the unit with another one of f on x."""
    W = explorer.state["W"].copy()
    W[0, 0, 1] = value
    return {"W": W}


def candidate_now(explorer, value):
    """The candidates with another one at the chosen step."""
    g = explorer.state["g"].copy()
    g[explorer.state["step"]] = value
    return {"g": g}


def learning_picture():
    """What a run of the cat sentences is drawn on."""
    run = film("cat: document gates, bias 3")
    return LearningPicture(run.moments, run)


def memory_explorer(**options):
    """One of 16 units, in a sentence of 16 words."""
    rng, vocabulary = np.random.default_rng(1), Vocabulary([*SENTENCE, *NOUNS])
    model = Model.initialize(LSTM.initialize(len(vocabulary), 16, rng=rng), len(vocabulary), rng=rng)
    return MemoryUnitExplorer(model, vocabulary, SENTENCE, 3, NOUNS, word="sat", **options)


def text_explorer(**options):
    """96 units, and lines as long as those of notebook 11: a line ends after some 12 characters."""
    rng, K = np.random.default_rng(1), len(LETTERS)
    model = Model.initialize(LSTM.initialize(K, 96, rng=rng), K, rng=rng)
    model.readout.b_y[LETTERS.index("\n")] = 0.9
    return TextExplorer(model, Vocabulary(LETTERS), "GREEK SMALL LETTER O", rng=rng, **options)


def opened_explorer(**options):
    """Two layers of 16 units, over 60 characters."""
    rng = np.random.default_rng(1)
    stack = Stack([LSTM.initialize(8, 16, rng=rng), LSTM.initialize(16, 16, rng=rng)])
    labels = "the cat quietly sat on the mat near the door because it was "
    return open_lstm(stack, 3 * rng.normal(size=(60, 8)), labels=labels, **options)


def gradient_explorer(**options):
    """8 units over 50 steps."""
    return GradientExplorer(rng=np.random.default_rng(1), **options)


# name -> the explorer, the slider that is moved, the picture, and what `show` takes when the slider stands at a value
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
    """The figure of an explorer at a value of its slider, without the explorer."""
    _, _, picture, at = EXPLORERS[name]
    new = picture()
    new.update(explorer.show(**{**explorer.state, **at(explorer, value)})[0])
    return new.figure
