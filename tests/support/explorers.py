"""Every explorer, with the arguments that the tests use."""

import inspect

import numpy as np

from lstm_helpers import EXAMPLES, LSTM, candidate, weights_for
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
)
from lstm_helpers.tasks import Vocabulary
from lstm_helpers.training import Model
from tests.support.opened import opened_both_ways, opened_explorer, opened_gru, opened_min_gru, opened_rnn


def whole_cell(**options):
    return CellExplorer(inputs=True, **options)


def refill_explorer(**options):
    return ForgettingExplorer(f=0.8, i=0.3, g=-0.5, o=0.7, c0=-0.6, **options)


def document_explorer(**options):
    return UnrolledExplorer("document", **options)


def animal_explorer(**options):
    return UnrolledExplorer("remember the animal", **options)


def forget_explorer(**options):
    example = EXAMPLES["forget_gate"]
    W, b = weights_for(example.stated, *example.inputs.values())
    return GateExplorer("f", W, b, example.inputs, works_on="c_prev", **options)


def input_explorer(**options):
    example = EXAMPLES["input_gate"]
    x = example.inputs["x"]
    W_g, b_g = weights_for(example.on_the_way["g"], x, activation=np.tanh)
    return GateExplorer(
        "i", *weights_for(example.on_the_way["i"], x), {"x": x}, works_on=lambda x: candidate(W_g, b_g, x), **options
    )


def output_explorer(**options):
    example = EXAMPLES["output_gate"]
    x = example.inputs["x"]
    return GateExplorer(
        "o", *weights_for(example.on_the_way["o"], x), {"x": x}, works_on=np.tanh(example.inputs["c"]), **options
    )


def word_explorer(**options):
    words = "The cat sat on the mat".split()
    schedule = {
        "f": [1, 1, 0.9, 0.5, 1, 1],
        "i": [0, 1, 0, 0, 0, 0.5],
        "g": [0.5, 0.9, -0.4, 0.3, 0, -1],
        "o": [0.2] * 6,
    }
    return ScheduleExplorer(schedule, c0=-0.5, words=words, **options)


def gradient_explorer(**options):
    return GradientExplorer(rng=np.random.default_rng(3), **options)


def letters_and_model(letters):
    """A vocabulary, and a model that has learned nothing but has strong opinions."""
    vocabulary, rng = Vocabulary(letters), np.random.default_rng(4)
    model = Model.initialize(LSTM.initialize(len(vocabulary), 6, rng=rng), len(vocabulary), rng=rng)
    model.readout.W_y = 9 * rng.normal(size=(len(vocabulary), 6))
    return model, vocabulary


def delay_explorer(**options):
    return LearningExplorer("first: delay 40, bias 3", moment=20, **options)


def text_explorer(letters="ABW -\n", **options):
    return TextExplorer(*letters_and_model(letters), "AB", temperature=0.8, rng=np.random.default_rng(5), **options)


def long_text_explorer(**options):
    return text_explorer("ABCDEFGHIJKLMNOPQRSTUVWXYZ -\n", **options)


SENTENCE = "the cat quietly sat on the mat because the cat was tired .".split()
NOUNS = ("cat", "dog", "fox")
WORDS = Vocabulary([*SENTENCE, *NOUNS])


def model_of_sentences(seed, **options):
    rng, K = np.random.default_rng(seed), len(WORDS)
    model = Model.initialize(LSTM.initialize(K, 5, rng=rng, **options), K, rng=rng)
    model.readout.W_y *= 4
    return model


def memory_explorer(sentence=SENTENCE, unit=2, nouns=NOUNS, *, prediction=..., question="", **options):
    model = model_of_sentences(4, **options)
    return MemoryUnitExplorer(model, WORDS, sentence, unit, nouns, word="sat", prediction=prediction, question=question)


def two_memories_explorer(**options):
    """Two networks to choose from, two nouns."""
    models = {"document gates": model_of_sentences(4), "standard gates": model_of_sentences(5, forget_bias=3)}
    units = {"document gates": 2, "standard gates": 0}
    return MemoryUnitExplorer(models, WORDS, SENTENCE, units, NOUNS[:2], **options)


MAKERS = [PointwiseExplorer, CellExplorer, whole_cell, ForgettingExplorer, refill_explorer, forget_explorer,
          input_explorer, output_explorer, ScheduleExplorer, word_explorer, gradient_explorer,
          memory_explorer, two_memories_explorer, text_explorer, long_text_explorer, VariantExplorer,
          UnrolledExplorer, document_explorer, animal_explorer, LearningExplorer, delay_explorer,
          opened_explorer, opened_both_ways, opened_gru, opened_rnn, opened_min_gru]  # fmt: skip
# One of each kind.
ONE_OF_EACH = [PointwiseExplorer, CellExplorer, ForgettingExplorer, forget_explorer, ScheduleExplorer,
               gradient_explorer, memory_explorer, text_explorer, UnrolledExplorer, LearningExplorer,
               VariantExplorer, opened_explorer]  # fmt: skip
# Those that take a prediction.
PREDICTED = [make for make in MAKERS if {"prediction", "options"} & set(inspect.signature(make).parameters)]


def shown(explorer):
    """The moving layer as SVG text, and the sentence."""
    return explorer._layer.value, explorer.sentence


def sliders(explorer):
    return [control for control in explorer.controls.values() if hasattr(control, "handle")]


class Kept:
    """A cache of explorers, which resets each one to its opening state before it is used again."""

    def __init__(self):
        self._kept = {}

    def __call__(self, make, **options):
        """Return `make(**options)`, new or from the cache."""
        key = make, repr(options)
        if key not in self._kept:
            explorer = make(**options)
            self._kept[key] = explorer, explorer.state, explorer.sentence
        explorer, state, sentence = self._kept[key]
        explorer.choose(next(iter(explorer.presets)))
        np.testing.assert_equal(explorer.state, state)
        assert explorer.sentence == sentence
        return explorer
